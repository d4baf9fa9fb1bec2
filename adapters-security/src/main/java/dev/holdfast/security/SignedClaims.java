package dev.holdfast.security;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.KeySourceException;
import com.nimbusds.jose.jwk.source.JWKSource;
import com.nimbusds.jose.proc.BadJOSEException;
import com.nimbusds.jose.proc.DefaultJOSEObjectTypeVerifier;
import com.nimbusds.jose.proc.JWSVerificationKeySelector;
import com.nimbusds.jose.proc.SecurityContext;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import com.nimbusds.jwt.proc.DefaultJWTClaimsVerifier;
import com.nimbusds.jwt.proc.DefaultJWTProcessor;
import java.time.InstantSource;
import java.util.Collections;
import java.util.Date;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Takes a JWT's claims only if its signature is by one of some keys, with one of some algorithms, and it is valid now. */
final class SignedClaims {
    private static final Logger LOG = LoggerFactory.getLogger(SignedClaims.class);

    private final DefaultJWTProcessor<SecurityContext> processor = new DefaultJWTProcessor<>();
    private final Set<String> required;

    /** Access tokens say that they are JWTs, or nothing of what they are; the second is RFC 9068's. */
    static final Set<@Nullable JOSEObjectType> ACCESS = accessTypes();

    SignedClaims(
            Set<JWSAlgorithm> algorithms,
            Set<? extends @Nullable JOSEObjectType> types,
            JWKSource<SecurityContext> keys,
            Optional<String> audience,
            Optional<String> issuer,
            Set<String> required,
            int clockSkewSeconds,
            InstantSource clock) {
        this.required = Set.copyOf(required);
        processor.setJWSTypeVerifier(new DefaultJOSEObjectTypeVerifier<>(new HashSet<>(types)));
        processor.setJWSKeySelector(new JWSVerificationKeySelector<>(algorithms, keys));
        var expected = new JWTClaimsSet.Builder();
        issuer.ifPresent(expected::issuer);
        var verifier = new DefaultJWTClaimsVerifier<>(audience.orElse(null), expected.build(), required) {
            @Override
            protected Date currentTime() {
                return Date.from(clock.instant());
            }
        };
        verifier.setMaxClockSkew(clockSkewSeconds);
        processor.setJWTClaimsSetVerifier(verifier);
    }

    private static Set<@Nullable JOSEObjectType> accessTypes() {
        var types = new HashSet<@Nullable JOSEObjectType>();
        types.add(JOSEObjectType.JWT);
        types.add(new JOSEObjectType("at+jwt"));
        types.add(null);
        return Collections.unmodifiableSet(types);
    }

    /** Nimbus takes a claim for present that is null. */
    private boolean hasAllClaims(JWTClaimsSet claims) {
        return required.stream().allMatch(it -> claims.getClaim(it) != null);
    }

    Optional<JWTClaimsSet> of(SignedJWT token) {
        try {
            return Optional.of(processor.process(token, null)).filter(this::hasAllClaims);
        } catch (KeySourceException e) {
            LOG.warn("A token cannot be checked, as the identity provider's keys cannot be read: {}", e.getMessage());
            return Optional.empty();
        } catch (BadJOSEException | JOSEException e) {
            LOG.debug("A token is refused: {}", e.getMessage()); // the message names the reason, not the token
            return Optional.empty();
        }
    }
}
