/** Plans: when a database is backed up, and how many of its backups stay. */
@NullMarked
package dev.holdfast.application.plan;

import org.jspecify.annotations.NullMarked;
