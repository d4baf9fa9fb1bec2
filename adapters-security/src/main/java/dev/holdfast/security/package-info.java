/**
 * Tokens and passwords behind the ports of {@code application.access}: one implementation for REST, gRPC and the command
 * line. A JWT counts only for the purpose that it was signed for.
 *
 * <p>Needs beans of {@link dev.holdfast.security.TokenSettings}, {@code AccessControl}, {@code SignIn}, {@code Accounts} and
 * {@code InstantSource}; offers {@code Identification}, {@code AccessTokens}, {@code DownloadTokens}, {@code DialectTokens}
 * and {@code StandingAccounts}.
 */
@NullMarked
package dev.holdfast.security;

import org.jspecify.annotations.NullMarked;
