/** A database as a dump of its schema and rows, and a dump as a database. See {@code docs/internals/dumps.md}. */
@NullMarked
package dev.holdfast.sqlite.dump;

import org.jspecify.annotations.NullMarked;
