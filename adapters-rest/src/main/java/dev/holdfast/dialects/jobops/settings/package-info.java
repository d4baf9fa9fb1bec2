/** JobOps' settings of scheduled backups, which are stored as this database's plan. */
@NullMarked
package dev.holdfast.dialects.jobops.settings;

import org.jspecify.annotations.NullMarked;
