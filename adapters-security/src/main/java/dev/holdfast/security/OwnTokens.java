package dev.holdfast.security;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.MACSigner;
import com.nimbusds.jose.jwk.source.ImmutableSecret;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import dev.holdfast.application.access.AccessTokens;
import dev.holdfast.application.access.Account;
import dev.holdfast.application.access.Accounts;
import dev.holdfast.application.access.Identity;
import dev.holdfast.application.access.StandingAccounts;
import dev.holdfast.domain.access.AccountName;
import dev.holdfast.domain.access.Role;
import dev.holdfast.domain.access.User;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Date;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * JWTs signed with HS256 and the server's own secret. The roles in them are for clients to read; the server asks the
 * account each time, so a user who is removed or gets another role or password need not be waited for.
 */
final class OwnTokens implements AccessTokens {
    static final JWSAlgorithm ALGORITHM = JWSAlgorithm.HS256;

    private static final String ISSUER = "holdfast";
    private static final String PASSWORD_MARK = "pwd_mark";

    private final TokenSettings settings;
    private final Accounts accounts;
    private final StandingAccounts standing;
    private final InstantSource clock;
    private final SignedClaims claims;

    OwnTokens(TokenSettings settings, Accounts accounts, StandingAccounts standing, InstantSource clock) {
        this.settings = settings;
        this.accounts = accounts;
        this.standing = standing;
        this.clock = clock;
        this.claims = new SignedClaims(
                Set.of(ALGORITHM),
                SignedClaims.ACCESS,
                new ImmutableSecret<>(settings.secret().bytes()),
                Optional.empty(),
                Optional.of(ISSUER),
                Set.of("sub", "iat", "exp", PASSWORD_MARK),
                0,
                clock);
    }

    @Override
    public Issued issue(Account account) {
        User user = account.user();
        Instant now = clock.instant();
        var token = new SignedJWT(
                new JWSHeader(ALGORITHM),
                new JWTClaimsSet.Builder()
                        .issuer(ISSUER)
                        .subject(user.name().value())
                        .claim(PASSWORD_MARK, account.passwordMark())
                        .claim("roles", rolesIn(user.role()))
                        .issueTime(Date.from(now))
                        .expirationTime(Date.from(now.plus(settings.lifetime())))
                        .build());
        try {
            token.sign(new MACSigner(settings.secret().bytes()));
        } catch (JOSEException e) {
            throw new IllegalStateException("a secret of 256 bits signs with HS256", e);
        }
        return new Issued(token.serialize(), settings.lifetime().toSeconds());
    }

    private static List<String> rolesIn(Role role) {
        return Stream.of(Role.values()).filter(role::includes).map(Role::id).toList();
    }

    Optional<Identity> identify(SignedJWT token) {
        return claims.of(token)
                .filter(it -> AccountName.isValid(it.getSubject()))
                .flatMap(it -> accounts.findAccount(new AccountName(it.getSubject()))
                        .filter(account -> account.passwordMark().equals(it.getClaim(PASSWORD_MARK)))
                        .map(account -> new Identity(standing.of(account))));
    }
}
