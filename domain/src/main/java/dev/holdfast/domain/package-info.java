/** Values and rules of Holdfast. Knows the JDK alone; holds no clock, no file and no thread. */
@NullMarked
package dev.holdfast.domain;

import org.jspecify.annotations.NullMarked;
