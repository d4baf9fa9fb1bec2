/** Puts the parts together: settings, wiring, commands. The only place that knows every adapter. */
@NullMarked
package dev.holdfast.bootstrap;

import org.jspecify.annotations.NullMarked;
