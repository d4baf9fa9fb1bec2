package dev.holdfast.security;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.MACSigner;
import com.nimbusds.jose.crypto.MACVerifier;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import io.micronaut.security.token.jwt.signature.SignatureGeneratorConfiguration;
import jakarta.inject.Named;
import jakarta.inject.Singleton;
import org.jspecify.annotations.Nullable;

/**
 * HS256 with the server's secret, and no other algorithm: the framework's signature by a secret checks each HMAC that the header
 * names. The type follows from the issuer, so that no token has the type of one kind and the issuer of another. The framework's
 * generator finds this bean by its name; without one it would sign nothing.
 */
@Singleton
@Named("generator")
final class ServerSignature implements SignatureGeneratorConfiguration {
    /** Of a sign-in's token, which has no type. */
    static final String ISSUER = "holdfast";

    static final JWSAlgorithm ALGORITHM = JWSAlgorithm.HS256;

    private static final String OF_A_KIND = ISSUER + "-";

    private final byte[] secret;

    ServerSignature(TokenSettings settings) {
        this.secret = settings.secret().bytes();
    }

    static String issuer(String kind) {
        return OF_A_KIND + kind;
    }

    static JOSEObjectType type(String kind) {
        return new JOSEObjectType(kind + "+jwt");
    }

    @Override
    public String supportedAlgorithmsMessage() {
        return "Only " + ALGORITHM + " is supported";
    }

    @Override
    public boolean supports(@Nullable JWSAlgorithm algorithm) {
        return ALGORITHM.equals(algorithm);
    }

    /** @throws IllegalArgumentException if the issuer is none of this server */
    @Override
    public SignedJWT sign(JWTClaimsSet claims) throws JOSEException {
        var header = new JWSHeader.Builder(ALGORITHM).type(typeOf(claims.getIssuer()));
        var token = new SignedJWT(header.build(), claims);
        token.sign(new MACSigner(secret));
        return token;
    }

    private static @Nullable JOSEObjectType typeOf(@Nullable String issuer) {
        if (ISSUER.equals(issuer)) {
            return null;
        }
        if (issuer == null || !issuer.startsWith(OF_A_KIND)) {
            throw new IllegalArgumentException("iss: " + issuer + " (expected: an issuer of this server)");
        }
        return type(issuer.substring(OF_A_KIND.length()));
    }

    /** There is one secret, so a token that names a key is not signed here. */
    @Override
    public boolean verify(SignedJWT token) throws JOSEException {
        JWSHeader header = token.getHeader();
        return supports(header.getAlgorithm()) && header.getKeyID() == null && token.verify(new MACVerifier(secret));
    }
}
