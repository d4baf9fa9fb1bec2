/**
 * A live database file that other programs may have open: its identity, its sidecars, the files that no operation may
 * open in its place, and the errors of SQLite and of the file system as problems. See {@code docs/internals/locks.md} and
 * {@code docs/internals/locations.md}.
 */
@NullMarked
package dev.holdfast.sqlite.file;

import org.jspecify.annotations.NullMarked;
