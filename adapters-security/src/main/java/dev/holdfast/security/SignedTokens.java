package dev.holdfast.security;

import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jwt.JWT;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import io.micronaut.security.token.jwt.generator.JwtTokenGenerator;
import io.micronaut.security.token.jwt.validator.JsonWebTokenParser;
import io.micronaut.security.token.jwt.validator.JsonWebTokenValidator;
import jakarta.inject.Singleton;
import java.text.ParseException;
import java.time.Instant;
import java.util.Date;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * JWTs by the beans of micronaut-security-jwt, each for one purpose. The framework's validator asks the signatures and {@link
 * PurposeClaims}; it looks at no type, so this class compares the header first. Safe for use by several threads.
 */
@Singleton
final class SignedTokens {
    private static final Logger LOG = LoggerFactory.getLogger(SignedTokens.class);

    private final JwtTokenGenerator generator;
    private final JsonWebTokenParser<JWT> parser;
    private final JsonWebTokenValidator<JWT, TokenPurpose> validator;

    /** @throws IllegalStateException if the generator would not sign with the server's secret */
    SignedTokens(
            JwtTokenGenerator generator,
            JsonWebTokenParser<JWT> parser,
            JsonWebTokenValidator<JWT, TokenPurpose> validator) {
        if (!(generator.getSignatureConfiguration() instanceof ServerSignature)) {
            throw new IllegalStateException("tokens would not be signed with the server's secret");
        }
        this.generator = generator;
        this.parser = parser;
        this.validator = validator;
    }

    /** @param claims with an issuer of this server, which decides the type */
    String issue(Map<String, Object> claims) {
        return generator
                .generateToken(claims)
                .orElseThrow(() -> new IllegalStateException("claims of this server could not be signed"));
    }

    /** The algorithm that a signed token names; empty for a text that is none. */
    Optional<JWSAlgorithm> claimedAlgorithm(String token) {
        return parse(token).map(it -> it.getHeader().getAlgorithm());
    }

    /** When a token says that it ends, be it forged or not. */
    Optional<Instant> claimedEnd(String token) {
        return parser.parse(token)
                .flatMap(SignedTokens::read)
                .map(JWTClaimsSet::getExpirationTime)
                .map(Date::toInstant);
    }

    /** The claims of a token that counts for the purpose. May block while the keys of an identity provider are read. */
    Optional<JWTClaimsSet> claims(String token, TokenPurpose purpose) {
        // The framework would log claims that cannot be read as an error.
        Optional<JWTClaimsSet> claimed =
                parse(token).filter(it -> purpose.fits(it.getHeader())).flatMap(SignedTokens::read);
        Optional<JWTClaimsSet> valid =
                claimed.filter(_ -> validator.validate(token, purpose).isPresent());
        if (valid.isEmpty()) {
            LOG.debug(
                    "A token is refused: {}",
                    claimed.isEmpty()
                            ? "it has another algorithm or type, or is no signed JWT"
                            : "its signature or a claim is wrong, or it is not valid now");
        }
        return valid;
    }

    /** An unsigned and an encrypted JWT are none. */
    private Optional<SignedJWT> parse(String token) {
        return parser.parse(token).filter(SignedJWT.class::isInstance).map(SignedJWT.class::cast);
    }

    private static Optional<JWTClaimsSet> read(JWT token) {
        try {
            return Optional.ofNullable(token.getJWTClaimsSet()); // null for an encrypted one
        } catch (ParseException _) {
            return Optional.empty();
        }
    }
}
