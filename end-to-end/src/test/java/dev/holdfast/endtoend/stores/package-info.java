/** Directories of backups that are not the ones that they were. */
@NullMarked
package dev.holdfast.endtoend.stores;

import org.jspecify.annotations.NullMarked;
