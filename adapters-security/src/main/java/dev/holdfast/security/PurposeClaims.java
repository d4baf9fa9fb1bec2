package dev.holdfast.security;

import static java.time.temporal.ChronoUnit.MILLIS;

import io.micronaut.security.token.Claims;
import io.micronaut.security.token.jwt.validator.GenericJwtClaimsValidator;
import jakarta.inject.Singleton;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Collection;
import java.util.Date;
import org.jspecify.annotations.Nullable;

/**
 * Whether claims are those of a purpose, now. The framework's validators read the system's clock, take an issuer that is only
 * the end of the expected one, take a token without {@code exp}, and hold for tokens of all purposes alike.
 */
@Singleton
final class PurposeClaims implements GenericJwtClaimsValidator<TokenPurpose> {
    private final InstantSource clock;

    PurposeClaims(InstantSource clock) {
        this.clock = clock;
    }

    @Override
    public boolean validate(Claims claims, @Nullable TokenPurpose purpose) {
        return purpose != null
                && purpose.required().stream().allMatch(it -> claims.get(it) != null)
                && purpose.issuer().stream().allMatch(it -> it.equals(claims.get(Claims.ISSUER)))
                && purpose.audience().stream().allMatch(it -> contains(claims.get(Claims.AUDIENCE), it))
                && isNow(claims, purpose);
    }

    private static boolean contains(@Nullable Object audience, String expected) {
        return audience instanceof Collection<?> several ? several.contains(expected) : expected.equals(audience);
    }

    /** The milliseconds of the beginning and of the end do not belong to it. */
    private boolean isNow(Claims claims, TokenPurpose purpose) {
        Instant now = clock.instant().truncatedTo(MILLIS);
        boolean isBeforeItsEnd = claims.get(Claims.EXPIRATION_TIME) instanceof Date end
                && end.toInstant().plus(purpose.tolerance()).isAfter(now);
        @Nullable Object begin = claims.get(Claims.NOT_BEFORE);
        boolean hasBegun = begin == null
                || (begin instanceof Date date
                        && date.toInstant().minus(purpose.tolerance()).isBefore(now));
        return isBeforeItsEnd && hasBegun;
    }
}
