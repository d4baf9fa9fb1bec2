/** The archives' tests. */
@NullMarked
package dev.holdfast.files.archive;

import org.jspecify.annotations.NullMarked;
