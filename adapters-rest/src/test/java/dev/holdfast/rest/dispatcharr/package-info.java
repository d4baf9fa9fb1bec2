@NullMarked
package dev.holdfast.rest.dispatcharr;

import org.jspecify.annotations.NullMarked;
