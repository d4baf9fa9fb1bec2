package dev.holdfast.security;

import com.nimbusds.jwt.JWTClaimsSet;
import dev.holdfast.application.access.Identity;
import dev.holdfast.application.access.StandingAccounts;
import dev.holdfast.domain.access.Role;
import io.micronaut.security.token.Claims;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.Comparator;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** JWTs of an identity provider. */
final class ProviderTokens {
    private static final Duration TOLERANCE = Duration.ofSeconds(60);
    private static final int LONGEST_SUBJECT = 255;

    private final SignedTokens tokens;
    private final TokenPurpose purpose;
    private final StandingAccounts standing;

    ProviderTokens(IdentityProvider provider, SignedTokens tokens, StandingAccounts standing) {
        this.tokens = tokens;
        this.purpose = TokenPurpose.ofProvider(provider, Set.of(Claims.SUBJECT), TOLERANCE);
        this.standing = standing;
    }

    /** Empty also if the token names no role of Holdfast's. */
    Optional<Identity> identify(String token) {
        return tokens.claims(token, purpose)
                .filter(it -> isPrintable(it.getSubject()))
                .flatMap(it -> role(it).map(role -> new Identity(standing.ofProvider(it.getSubject(), role, end(it)))));
    }

    /** When the token is taken no more. */
    private static Instant end(JWTClaimsSet claims) {
        return claims.getExpirationTime().toInstant().plus(TOLERANCE);
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
