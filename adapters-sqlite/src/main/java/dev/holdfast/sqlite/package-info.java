/**
 * SQLite itself: snapshots of live files, checks of files nobody writes, and restores into files that other programs
 * have open. {@link dev.holdfast.sqlite.SqliteEngine} is the way in.
 */
@NullMarked
package dev.holdfast.sqlite;

import org.jspecify.annotations.NullMarked;
