/** JobOps' calls for backups: the list, manual backups, restores and deletions. */
@NullMarked
package dev.holdfast.dialects.jobops.backup;

import org.jspecify.annotations.NullMarked;
