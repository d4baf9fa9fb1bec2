/**
 * Images of all SQLite files of a source at one moment, read from the live files under a lock. A snapshot writes to a
 * source only what SQLite itself writes for a reader. See {@code docs/internals/snapshot.md}.
 */
@NullMarked
package dev.holdfast.sqlite.snapshot;

import org.jspecify.annotations.NullMarked;
