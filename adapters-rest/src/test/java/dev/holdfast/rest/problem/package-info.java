@NullMarked
package dev.holdfast.rest.problem;

import org.jspecify.annotations.NullMarked;
