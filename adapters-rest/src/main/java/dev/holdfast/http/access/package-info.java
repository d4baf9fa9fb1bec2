/**
 * Who may call. Every request becomes an {@code Authentication} that carries all roles which its role includes, or none
 * at all; routes say with {@code @Secured("viewer")} which one they ask for. A route that says nothing is closed.
 *
 * <p>While access control is off everybody is {@code anonymous} with every role, and {@link
 * dev.holdfast.http.access.LoopbackHost} decides who can be everybody.
 *
 * <p>Needs the beans of the ports of {@code application.access}: {@code AccessControl}, {@code Identification}, {@code
 * AccessTokens}, {@code DownloadTokens} and {@code DialectTokens}.
 */
@NullMarked
package dev.holdfast.http.access;

import org.jspecify.annotations.NullMarked;
