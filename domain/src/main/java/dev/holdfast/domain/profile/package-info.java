/** The profiles of databases: the conventions of each system for the names and layouts of backups. */
@NullMarked
package dev.holdfast.domain.profile;

import org.jspecify.annotations.NullMarked;
