@NullMarked
package dev.holdfast.dialects.pocketbase;

import org.jspecify.annotations.NullMarked;
