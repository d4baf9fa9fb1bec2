package dev.holdfast.security;

import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import dev.holdfast.application.access.Identity;
import dev.holdfast.application.access.StandingAccounts;
import dev.holdfast.domain.access.Role;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Collection;
import java.util.Comparator;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * JWTs of an identity provider, signed with one of its published keys. Only algorithms of public keys are taken: a
 * token "signed" with a public key as if that were a secret is refused before its signature is looked at.
 */
final class ProviderTokens {
    static final Set<JWSAlgorithm> ALGORITHMS = Set.of(
            JWSAlgorithm.RS256,
            JWSAlgorithm.RS384,
            JWSAlgorithm.RS512,
            JWSAlgorithm.PS256,
            JWSAlgorithm.PS384,
            JWSAlgorithm.PS512,
            JWSAlgorithm.ES256,
            JWSAlgorithm.ES384,
            JWSAlgorithm.ES512);

    private static final int CLOCK_SKEW_SECONDS = 60;
    private static final int LONGEST_SUBJECT = 255;

    private final SignedClaims claims;
    private final StandingAccounts standing;

    ProviderTokens(IdentityProvider provider, PublishedKeys keys, StandingAccounts standing, InstantSource clock) {
        this.standing = standing;
        this.claims = new SignedClaims(
                ALGORITHMS,
                SignedClaims.ACCESS,
                (selector, _) -> keys.matching(selector.getMatcher()),
                provider.audience(),
                provider.issuer(),
                Set.of("sub", "exp"),
                CLOCK_SKEW_SECONDS,
                clock);
    }

    /** Empty also if the token names no role of Holdfast's. */
    Optional<Identity> identify(SignedJWT token) {
        return claims.of(token)
                .filter(it -> isPrintable(it.getSubject()))
                .flatMap(it -> role(it).map(role -> new Identity(standing.ofProvider(it.getSubject(), role, end(it)))));
    }

    /** When the token is taken no more. */
    private static Instant end(JWTClaimsSet claims) {
        return claims.getExpirationTime().toInstant().plusSeconds(CLOCK_SKEW_SECONDS);
    }

    private static boolean isPrintable(String subject) {
        return !subject.isBlank()
                && subject.length() <= LONGEST_SUBJECT
                && subject.chars().noneMatch(Character::isISOControl);
    }

    /** {@code holdfast_role}, if it is there, else the highest one in {@code roles}. */
    private static Optional<Role> role(JWTClaimsSet claims) {
        Object own = claims.getClaim("holdfast_role");
        return texts(own == null ? claims.getClaim("roles") : own)
                .flatMap(it -> Role.of(it).stream())
                .max(Comparator.naturalOrder());
    }

    private static Stream<String> texts(@Nullable Object claim) {
        return switch (claim) {
            case String text -> Stream.of(text);
            case Collection<?> several ->
                several.stream().filter(String.class::isInstance).map(String.class::cast);
            case null, default -> Stream.empty();
        };
    }
}
