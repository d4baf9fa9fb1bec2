package dev.holdfast.security;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.holdfast.domain.backup.Sha256;
import java.net.URI;
import java.util.Optional;

/**
 * An identity provider whose tokens are accepted as well.
 *
 * @param jwksUrl where its public keys are
 * @param issuer what {@code iss} has to be, if anything
 * @param audience what {@code aud} has to contain, if anything
 */
public record IdentityProvider(URI jwksUrl, Optional<String> issuer, Optional<String> audience) {
    public IdentityProvider {
        boolean isHttp = "https".equalsIgnoreCase(jwksUrl.getScheme()) || "http".equalsIgnoreCase(jwksUrl.getScheme());
        if (!isHttp || jwksUrl.getHost() == null) {
            throw new IllegalArgumentException("JWKS URL: " + jwksUrl + " (expected: an http or https URL)");
        }
    }

    /** Another one for each provider that is set, and each audience: what one of them vouched for no other does. */
    String mark() {
        byte[] text = (jwksUrl + "\n" + issuer.orElse("") + "\n" + audience.orElse("")).getBytes(UTF_8);
        return "provider " + Sha256.of(Sha256.newDigest().digest(text));
    }
}
