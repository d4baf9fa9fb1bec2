/** Tar files inside gzip, written and read as a stream. */
@NullMarked
package dev.holdfast.files.archive.tar;

import org.jspecify.annotations.NullMarked;
