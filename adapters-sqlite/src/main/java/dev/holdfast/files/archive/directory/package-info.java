/**
 * Directories of a source as members: read with their changes noticed, and unpacked into private places that replace the
 * source's directories later.
 */
@NullMarked
package dev.holdfast.files.archive.directory;

import org.jspecify.annotations.NullMarked;
