/** Dispatcharr's jobs: one record for each backup or restore, by the draft of its API. */
@NullMarked
package dev.holdfast.dialects.dispatcharr.jobs;

import org.jspecify.annotations.NullMarked;
