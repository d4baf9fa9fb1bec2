/**
 * The locks on a database file: those of this process, those of other processes, and the gate that lets one thread at a
 * time open a live file. POSIX drops all locks of a process on a file when the process closes any descriptor of it, so no
 * other code opens a live file. See {@code docs/internals/locks.md}.
 */
@NullMarked
package dev.holdfast.sqlite.lock;

import org.jspecify.annotations.NullMarked;
