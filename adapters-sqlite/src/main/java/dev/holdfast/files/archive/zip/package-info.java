/**
 * Zip files, written and read by code of our own: libraries keep a hundred times as much of each entry, and pass over
 * what must be rejected.
 */
@NullMarked
package dev.holdfast.files.archive.zip;

import org.jspecify.annotations.NullMarked;
