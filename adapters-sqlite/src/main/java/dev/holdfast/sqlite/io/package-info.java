/**
 * Positional reads and writes of database files, the header of a database, connections by URI, and bounded waits.
 */
@NullMarked
package dev.holdfast.sqlite.io;

import org.jspecify.annotations.NullMarked;
