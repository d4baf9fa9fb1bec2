package dev.holdfast.security;

import java.time.Duration;
import java.util.Optional;

/**
 * What tokens are signed and checked with.
 *
 * @param secret signs the tokens that this server gives
 * @param lifetime of a sign-in's token; at least a second
 * @param provider whose tokens are accepted as well
 */
public record TokenSettings(JwtSecret secret, Duration lifetime, Optional<IdentityProvider> provider) {
    public static final Duration USUAL_LIFETIME = Duration.ofHours(1);

    public TokenSettings {
        if (lifetime.compareTo(Duration.ofSeconds(1)) < 0) {
            throw new IllegalArgumentException("token lifetime: " + lifetime + " (expected: at least PT1S)");
        }
    }
}
