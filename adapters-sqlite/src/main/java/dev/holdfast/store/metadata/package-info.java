/**
 * The metadata of a store: what is recorded of each backup, and the identity of the store. The drawing of the files is
 * in {@link dev.holdfast.store.directory}.
 */
@NullMarked
package dev.holdfast.store.metadata;

import org.jspecify.annotations.NullMarked;
