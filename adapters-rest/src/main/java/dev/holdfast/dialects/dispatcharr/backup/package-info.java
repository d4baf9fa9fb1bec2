/** The released backup API of Dispatcharr: the list, downloads, uploads, restores and deletions. */
@NullMarked
package dev.holdfast.dialects.dispatcharr.backup;

import org.jspecify.annotations.NullMarked;
