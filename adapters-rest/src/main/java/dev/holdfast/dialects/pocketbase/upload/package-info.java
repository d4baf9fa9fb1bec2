/** Uploads over PocketBase's API: which files it takes for a zip, by their first bytes. */
@NullMarked
package dev.holdfast.dialects.pocketbase.upload;

import org.jspecify.annotations.NullMarked;
