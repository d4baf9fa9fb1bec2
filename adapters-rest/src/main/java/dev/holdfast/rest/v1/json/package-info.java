/** The JSON of backups and operations in the native API. */
@NullMarked
package dev.holdfast.rest.v1.json;

import org.jspecify.annotations.NullMarked;
