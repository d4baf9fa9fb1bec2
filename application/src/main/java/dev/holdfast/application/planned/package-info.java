/** What plans have done by themselves. */
@NullMarked
package dev.holdfast.application.planned;

import org.jspecify.annotations.NullMarked;
