/** Which backups of one database stay, which may go, and why. Deletes nothing: a preview and a run ask the same. */
@NullMarked
package dev.holdfast.domain.retention;

import org.jspecify.annotations.NullMarked;
