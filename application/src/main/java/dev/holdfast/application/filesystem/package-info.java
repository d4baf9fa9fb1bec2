/** Calls into file systems that may hang: bounded in time and in threads, each file system for itself. */
@NullMarked
package dev.holdfast.application.filesystem;

import org.jspecify.annotations.NullMarked;
