package dev.holdfast.security;

import dev.holdfast.application.access.Account;
import dev.holdfast.application.access.Accounts;
import dev.holdfast.application.access.Identity;
import dev.holdfast.application.access.StandingAccounts;
import dev.holdfast.application.access.token.AccessTokens;
import dev.holdfast.domain.access.AccountName;
import dev.holdfast.domain.access.Role;
import dev.holdfast.domain.access.User;
import io.micronaut.security.token.Claims;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Date;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * JWTs signed with HS256 and the server's own secret. The roles in them are for clients to read; the server asks the
 * account each time, so a user who is removed or gets another role or password need not be waited for.
 */
@Singleton
final class LocalTokens implements AccessTokens {
    private static final String PASSWORD_MARK = "pwd_mark";

    private static final TokenPurpose PURPOSE =
            TokenPurpose.signIn(Set.of(Claims.SUBJECT, Claims.ISSUED_AT, PASSWORD_MARK));

    private final Duration lifetime;
    private final Accounts accounts;
    private final StandingAccounts standing;
    private final InstantSource clock;
    private final SignedTokens tokens;

    LocalTokens(
            TokenSettings settings,
            Accounts accounts,
            StandingAccounts standing,
            InstantSource clock,
            SignedTokens tokens) {
        this.lifetime = settings.lifetime();
        this.accounts = accounts;
        this.standing = standing;
        this.clock = clock;
        this.tokens = tokens;
    }

    @Override
    public Issued issue(Account account) {
        User user = account.user();
        Instant now = clock.instant();
        var claims = new LinkedHashMap<String, Object>();
        claims.put(Claims.ISSUER, ServerSignature.ISSUER);
        claims.put(Claims.SUBJECT, user.name().value());
        claims.put(PASSWORD_MARK, account.passwordMark());
        claims.put("roles", rolesIn(user.role()));
        claims.put(Claims.ISSUED_AT, Date.from(now));
        claims.put(Claims.EXPIRATION_TIME, Date.from(now.plus(lifetime)));
        return new Issued(tokens.issue(claims), lifetime.toSeconds());
    }

    private static List<String> rolesIn(Role role) {
        return Stream.of(Role.values()).filter(role::includes).map(Role::id).toList();
    }

    Optional<Identity> identify(String token) {
        return tokens.claims(token, PURPOSE)
                .filter(it -> AccountName.isValid(it.getSubject()))
                .flatMap(it -> accounts.findAccount(new AccountName(it.getSubject()))
                        .filter(account -> account.passwordMark().equals(it.getClaim(PASSWORD_MARK)))
                        .map(account -> new Identity(standing.of(account))));
    }
}
