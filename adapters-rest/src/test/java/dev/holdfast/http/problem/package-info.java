@NullMarked
package dev.holdfast.http.problem;

import org.jspecify.annotations.NullMarked;
