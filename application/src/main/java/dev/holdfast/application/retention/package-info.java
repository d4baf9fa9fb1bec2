/** Pauses of retention: when a backup is suspicious, none expires. */
@NullMarked
package dev.holdfast.application.retention;

import org.jspecify.annotations.NullMarked;
