/**
 * The APIs of other systems, as the HTTP kernel knows them. Each is below {@code /<id>/api}, and one of them may answer at
 * {@code /api} too. A dialect is a package of {@code dev.holdfast.dialects} with controllers under its prefix and two
 * beans: a {@link dev.holdfast.http.dialect.DialectRenderer} for the form of its answers, and a {@link
 * dev.holdfast.http.dialect.DialectAccess} for its clients' credentials.
 */
@NullMarked
package dev.holdfast.http.dialect;

import org.jspecify.annotations.NullMarked;
