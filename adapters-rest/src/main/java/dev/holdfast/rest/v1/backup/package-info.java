/** The native API's calls for backups, uploads and downloads. */
@NullMarked
package dev.holdfast.rest.v1.backup;

import org.jspecify.annotations.NullMarked;
