/**
 * Checks of a finished copy by SQLite's own pragmas. No live file is checked here. See {@code docs/internals/checks.md}.
 */
@NullMarked
package dev.holdfast.sqlite.check;

import org.jspecify.annotations.NullMarked;
