@NullMarked
package dev.holdfast.dialects.dispatcharr;

import org.jspecify.annotations.NullMarked;
