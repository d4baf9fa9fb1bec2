/**
 * Restores into files that other programs have open, of one database or of several with directories: entirely or not
 * at all, also after a kill.
 *
 * <pre>
 * journals/
 *   ID/          one restore of several parts, with what it is about to do and how far it has come
 * </pre>
 *
 * <p>See {@code docs/internals/restore.md}.
 */
@NullMarked
package dev.holdfast.sqlite.restore;

import org.jspecify.annotations.NullMarked;
