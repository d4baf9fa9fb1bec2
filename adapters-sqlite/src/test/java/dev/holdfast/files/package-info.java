/** The local store's tests. */
@NullMarked
package dev.holdfast.files;

import org.jspecify.annotations.NullMarked;
