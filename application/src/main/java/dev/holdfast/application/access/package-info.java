/** Who may ask for something, and how that is found out. */
@NullMarked
package dev.holdfast.application.access;

import org.jspecify.annotations.NullMarked;
