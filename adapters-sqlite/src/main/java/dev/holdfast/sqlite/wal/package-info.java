/**
 * The write-ahead log and its shared index, read without SQLite: the committed frames, the pages under them, and the
 * writer's lock. Nothing here writes to a log. See {@code docs/internals/wal.md}.
 */
@NullMarked
package dev.holdfast.sqlite.wal;

import org.jspecify.annotations.NullMarked;
