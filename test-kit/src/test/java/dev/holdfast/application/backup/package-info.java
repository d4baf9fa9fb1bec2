/** The use cases over backups, with stores in memory. */
@NullMarked
package dev.holdfast.application.backup;

import org.jspecify.annotations.NullMarked;
