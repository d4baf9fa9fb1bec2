/** The timers of the server, each with a thread of its own. */
@NullMarked
package dev.holdfast.bootstrap.timer;

import org.jspecify.annotations.NullMarked;
