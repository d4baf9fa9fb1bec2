/** When a plan runs: a schedule, the time zone it is read in, and the instants that follow from both. */
@NullMarked
package dev.holdfast.domain.schedule;

import org.jspecify.annotations.NullMarked;
