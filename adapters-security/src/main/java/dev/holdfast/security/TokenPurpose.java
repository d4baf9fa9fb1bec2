package dev.holdfast.security;

import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import java.time.Duration;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a token has to be to count for one purpose. The algorithms decide by whose key it is checked: {@link ServerSignature} and
 * {@link ProviderSignature} have none in common.
 *
 * @param types what the header's {@code typ} may be; null for none
 * @param issuer what {@code iss} has to be, if anything
 * @param audience what {@code aud} has to contain, if anything
 * @param required the claims that have to be there, next to {@code exp}
 * @param tolerance for clocks that differ
 */
record TokenPurpose(
        Set<JWSAlgorithm> algorithms,
        Set<@Nullable JOSEObjectType> types,
        Optional<String> issuer,
        Optional<String> audience,
        Set<String> required,
        Duration tolerance) {
    private static final Set<JWSAlgorithm> OWN = Set.of(ServerSignature.ALGORITHM);

    /** Access tokens say that they are JWTs, or nothing of what they are; the second is RFC 9068's. */
    private static final Set<@Nullable JOSEObjectType> ACCESS = Collections.unmodifiableSet(new HashSet<
            @Nullable JOSEObjectType>(Arrays.asList(JOSEObjectType.JWT, new JOSEObjectType("at+jwt"), null)));

    /** Of tokens that a sign-in gives. */
    static TokenPurpose signIn(Set<String> required) {
        return new TokenPurpose(
                OWN, ACCESS, Optional.of(ServerSignature.ISSUER), Optional.empty(), required, Duration.ZERO);
    }

    /** Of a kind of this server's with a type and an issuer of its own. */
    static TokenPurpose kind(String kind, Set<String> required) {
        return new TokenPurpose(
                OWN,
                Set.of(ServerSignature.type(kind)),
                Optional.of(ServerSignature.issuer(kind)),
                Optional.empty(),
                required,
                Duration.ZERO);
    }

    static TokenPurpose ofProvider(IdentityProvider provider, Set<String> required, Duration tolerance) {
        return new TokenPurpose(
                ProviderSignature.ALGORITHMS, ACCESS, provider.issuer(), provider.audience(), required, tolerance);
    }

    boolean fits(JWSHeader header) {
        @Nullable JOSEObjectType type = header.getType();
        // A set of Set.of cannot be asked for null.
        return algorithms.contains(header.getAlgorithm())
                && types.stream().anyMatch(it -> it == null ? type == null : it.equals(type));
    }
}
