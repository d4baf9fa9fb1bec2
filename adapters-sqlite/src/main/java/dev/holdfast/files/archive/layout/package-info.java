/**
 * The layouts of PocketBase and Dispatcharr: which member is which part of a source, and how an artifact is recognised.
 */
@NullMarked
package dev.holdfast.files.archive.layout;

import org.jspecify.annotations.NullMarked;
