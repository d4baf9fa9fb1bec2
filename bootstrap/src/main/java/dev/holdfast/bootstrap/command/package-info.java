/** What {@code ./holdfast} takes on the command line. */
@NullMarked
package dev.holdfast.bootstrap.command;

import org.jspecify.annotations.NullMarked;
