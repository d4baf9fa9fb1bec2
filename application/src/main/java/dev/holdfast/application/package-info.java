/** Use cases, and the ports that they ask for. Knows the JDK and the domain. */
@NullMarked
package dev.holdfast.application;

import org.jspecify.annotations.NullMarked;
