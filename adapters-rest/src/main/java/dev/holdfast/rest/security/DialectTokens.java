package dev.holdfast.rest.security;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.MACSigner;
import com.nimbusds.jose.jwk.source.ImmutableSecret;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import dev.holdfast.application.access.Identity;
import dev.holdfast.domain.access.Role;
import java.text.ParseException;
import java.time.Instant;
import java.util.Date;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * JWTs that a dialect gives its clients, signed with HS256 and the server's secret. Each kind has a type and an issuer of
 * its own, so that no token passes for one of another kind, nor for what the native API takes. One ends with its time,
 * with its holder's account and with its holder's password.
 */
public final class DialectTokens {
    private static final String HOLDER = "holder";
    private static final String MARK = "holderMark";

    private final AccessControl access;
    private final Holders holders;
    private final Map<String, SignedClaims> kinds = new ConcurrentHashMap<>();

    DialectTokens(AccessControl access, Holders holders) {
        this.access = access;
        this.holders = holders;
    }

    /** @param claims that the dialect's clients read, and it itself when the token comes back */
    public record Held(Identity who, Map<String, Object> claims) {}

    /**
     * @param kind for example {@code pocketbase-auth}
     * @param who holds it
     * @param claims of JSON's types; not {@code exp}, {@code iss}, {@code holder} and {@code holderMark}
     */
    public String issue(String kind, String who, Map<String, Object> claims, Instant expiresAt) {
        var set = new JWTClaimsSet.Builder();
        claims.forEach(set::claim);
        set.issuer(issuer(kind))
                .claim(HOLDER, who)
                .claim(MARK, holders.find(who).map(Holders.Holder::mark).orElse(""))
                .expirationTime(Date.from(expiresAt));
        var token = new SignedJWT(
                new JWSHeader.Builder(OwnTokens.ALGORITHM).type(type(kind)).build(), set.build());
        try {
            token.sign(new MACSigner(access.secret().bytes()));
        } catch (JOSEException e) {
            throw new IllegalStateException("a secret of 256 bits signs with HS256", e);
        }
        return token.serialize();
    }

    /** Empty if it is not of that kind, or not valid now. While access control is off whoever holds it may do all. */
    public Optional<Held> read(String kind, String token) {
        return parse(token)
                .flatMap(kinds.computeIfAbsent(kind, this::claims)::of)
                .flatMap(this::held);
    }

    private Optional<Held> held(JWTClaimsSet claimed) {
        String name = String.valueOf(claimed.getClaim(HOLDER));
        Optional<Role> role = access.enabled()
                ? holders.find(name)
                        .filter(it -> it.mark().equals(claimed.getClaim(MARK)))
                        .map(Holders.Holder::role)
                : Optional.of(Role.ADMIN);
        return role.map(it -> new Held(new Identity(name, it), claimed.getClaims()));
    }

    private SignedClaims claims(String kind) {
        return new SignedClaims(
                Set.of(OwnTokens.ALGORITHM),
                Set.of(type(kind)),
                new ImmutableSecret<>(access.secret().bytes()),
                Optional.empty(),
                Optional.of(issuer(kind)),
                Set.of("exp", HOLDER, MARK),
                0,
                holders.clock());
    }

    private static JOSEObjectType type(String kind) {
        return new JOSEObjectType(kind + "+jwt");
    }

    private static String issuer(String kind) {
        return "holdfast-" + kind;
    }

    private static Optional<SignedJWT> parse(String token) {
        try {
            return Optional.of(SignedJWT.parse(token));
        } catch (ParseException _) {
            return Optional.empty(); // the same answer as for one that is not valid
        }
    }
}
