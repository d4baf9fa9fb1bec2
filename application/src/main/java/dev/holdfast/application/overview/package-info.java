/** How the databases and their backups stand, at a glance. */
@NullMarked
package dev.holdfast.application.overview;

import org.jspecify.annotations.NullMarked;
