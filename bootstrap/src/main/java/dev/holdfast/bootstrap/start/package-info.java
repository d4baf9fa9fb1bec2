/**
 * The checks and steps of a start: the data directory, its lock, the sample, and the addresses that are bound.
 */
@NullMarked
package dev.holdfast.bootstrap.start;

import org.jspecify.annotations.NullMarked;
