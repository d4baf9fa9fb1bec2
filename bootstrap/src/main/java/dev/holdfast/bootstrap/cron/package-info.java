/** Cron lines, read with cron-utils. */
@NullMarked
package dev.holdfast.bootstrap.cron;

import org.jspecify.annotations.NullMarked;
