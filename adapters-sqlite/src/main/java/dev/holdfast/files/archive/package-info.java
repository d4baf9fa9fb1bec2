/**
 * The layouts that hold more than one plain SQLite file.
 *
 * <pre>
 * PocketBase zip                 Dispatcharr zip         Dispatcharr tar.gz
 *   data.db                        database.sqlite3        database.json
 *   auxiliary.db                   metadata.json           manifest.json
 *   storage/                                               data/logos/
 *   storage/…                                              data/logos/…
 *   holdfast-manifest.json                                 holdfast-manifest.json
 * </pre>
 *
 * <p>{@code holdfast-manifest.json} is the last member and names all others in their order, with size and SHA-256. A
 * PocketBase that restores such a zip keeps it among its data and puts it, stale by then, into the zips that it makes
 * itself: in a zip it counts only if the zip's comment gives its SHA-256.
 *
 * <p>Nothing here grows with the number of members but sixteen bytes for each name that is read. Zip is written and read
 * by code of our own: what libraries keep of each entry is a hundred times that, and they pass over what must be refused.
 * See {@code docs/internals/archive-formats.md}.
 */
@NullMarked
package dev.holdfast.files.archive;

import org.jspecify.annotations.NullMarked;
