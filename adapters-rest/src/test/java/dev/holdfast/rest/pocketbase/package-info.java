@NullMarked
package dev.holdfast.rest.pocketbase;

import org.jspecify.annotations.NullMarked;
