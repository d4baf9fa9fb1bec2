/**
 * PocketBase's backup API over one database: what its dashboard's and its SDKs' clients call, with its messages, codes and
 * headers. What differs, and why, is in docs/pocketbase.md.
 */
@NullMarked
package dev.holdfast.dialects.pocketbase;

import org.jspecify.annotations.NullMarked;
