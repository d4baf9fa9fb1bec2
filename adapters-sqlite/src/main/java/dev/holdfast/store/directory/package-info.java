/**
 * Backups in a local directory.
 *
 * <pre>
 * directory/                       0700 if it is made here
 *   app_20260413_142530.db         an artifact under its own name, 0600, never changed once it is there
 *   uploads.zip
 *   copied-by-hand.db              a file that somebody put there: listed as external
 *   .holdfast/
 *     part/                        what is being written; rid of what a server left when it starts again
 *       3f0c…-1                    by the server's id
 *     store.json                   which store this is
 *     folders.json                 the folders that hold backups as well, each laid out as this directory
 *     marks/                       how new this copy of it is, to each server
 *       3f0c…-8a4f…                by the server's id
 *     changes.lock                 locked while a server changes or deletes a backup
 *     names.lock                   locked while a name is looked for in all folders
 *     claims/                      which server makes a planned backup, where several write here
 *       backup-20260413T030000Z
 *     meta/
 *       app_20260413_142530.db.json    what is known of the artifact
 *       uploads.zip.json
 *       long/                      of artifacts with names of more than 250 bytes,
 *         3f…9c.json               under the SHA-256 of the name
 * </pre>
 *
 * <p>An artifact appears by a hard link from {@code part/}, which fails where the name is taken. Its metadata is
 * there before it, and goes after it. Metadata without an artifact is a leftover if {@code part/} has a second name of it;
 * else the artifact is missing. An artifact without metadata is external. All that Holdfast knows of a backup is in these
 * two files. See {@code docs/internals/store-layout.md}.
 */
@NullMarked
package dev.holdfast.store.directory;

import org.jspecify.annotations.NullMarked;
