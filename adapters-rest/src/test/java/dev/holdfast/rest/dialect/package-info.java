@NullMarked
package dev.holdfast.rest.dialect;

import org.jspecify.annotations.NullMarked;
