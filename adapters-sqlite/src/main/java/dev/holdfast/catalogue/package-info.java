/**
 * The catalogue: Holdfast's own SQLite file, for the history of operations and for accounts. {@link
 * dev.holdfast.catalogue.Catalogue} is the way in.
 *
 * <pre>
 * operations         one row each; its result is a JSON document, {@link dev.holdfast.catalogue.ResultDocument}
 * idempotency_keys   (scope, key) to the operation that the request became
 * users, tokens      password hashes, and the SHA-256 of tokens
 * user_version       how many of the numbered scripts have run
 * application_id     'Hfct'
 * </pre>
 */
@NullMarked
package dev.holdfast.catalogue;

import org.jspecify.annotations.NullMarked;
