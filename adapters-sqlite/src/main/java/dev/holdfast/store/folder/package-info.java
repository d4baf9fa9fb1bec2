/**
 * The folders of a store: opened without following links, synced after a change, locked against other servers, and
 * read with a bound in time. See {@code docs/internals/store-layout.md}.
 */
@NullMarked
package dev.holdfast.store.folder;

import org.jspecify.annotations.NullMarked;
