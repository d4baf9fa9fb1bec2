/** What plans do by themselves, on a clock that the tests own. */
@NullMarked
package dev.holdfast.application.planned;

import org.jspecify.annotations.NullMarked;
