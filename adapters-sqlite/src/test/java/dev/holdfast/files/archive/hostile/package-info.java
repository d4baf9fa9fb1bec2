/**
 * Archives that nobody should be harmed by. They are made byte by byte, not by the library that reads them, so that each
 * field of each structure can lie.
 */
@NullMarked
package dev.holdfast.files.archive.hostile;

import org.jspecify.annotations.NullMarked;
