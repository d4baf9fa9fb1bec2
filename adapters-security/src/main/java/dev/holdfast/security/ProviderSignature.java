package dev.holdfast.security;

import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.jwk.JWKMatcher;
import com.nimbusds.jwt.SignedJWT;
import io.micronaut.security.token.jwt.signature.SignatureConfiguration;
import io.micronaut.security.token.jwt.signature.jwks.JwkValidator;
import jakarta.inject.Singleton;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One of an identity provider's published keys. Only algorithms of public keys are taken: a token "signed" with a public key
 * as if that were a secret is refused before its signature is looked at. A key counts only for what it was published for,
 * by its {@code use} and {@code alg}; the framework selects by the key id alone.
 */
@Singleton
final class ProviderSignature implements SignatureConfiguration {
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

    private final Optional<PublishedKeys> keys;
    private final JwkValidator validator;

    /** Reads the keys in the background if a provider is set. */
    ProviderSignature(TokenSettings settings, JwkValidator validator) {
        this.keys = settings.provider()
                .map(it -> new PublishedKeys(
                        new BoundedJwksClient(BoundedJwksClient.MAX_TIME), it.jwksUrl(), System::nanoTime));
        this.validator = validator;
        keys.ifPresent(PublishedKeys::readAhead);
    }

    @Override
    public String supportedAlgorithmsMessage() {
        return "Only " + ALGORITHMS + " are supported";
    }

    @Override
    public boolean supports(@Nullable JWSAlgorithm algorithm) {
        return algorithm != null && ALGORITHMS.contains(algorithm);
    }

    /** May block until the keys are read. */
    @Override
    public boolean verify(SignedJWT token) {
        JWSHeader header = token.getHeader();
        return supports(header.getAlgorithm())
                && keys.stream()
                        .flatMap(it -> it.matching(JWKMatcher.forJWSHeader(header)).stream())
                        .anyMatch(it -> validator.validate(token, it));
    }
}
