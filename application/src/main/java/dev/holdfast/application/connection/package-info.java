/** How many connections clients may have open, whatever they speak. */
@NullMarked
package dev.holdfast.application.connection;

import org.jspecify.annotations.NullMarked;
