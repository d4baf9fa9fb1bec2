@NullMarked
package dev.holdfast.rest.v1;

import org.jspecify.annotations.NullMarked;
