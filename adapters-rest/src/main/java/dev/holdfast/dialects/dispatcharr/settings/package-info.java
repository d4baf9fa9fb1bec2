/**
 * Dispatcharr's schedule and the settings of its jobs, which are stored as this database's plan, and the folder of
 * its backups.
 */
@NullMarked
package dev.holdfast.dialects.dispatcharr.settings;

import org.jspecify.annotations.NullMarked;
