package dev.holdfast.rest.security;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.MACSigner;
import com.nimbusds.jose.jwk.source.ImmutableSecret;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import dev.holdfast.application.access.Identity;
import dev.holdfast.domain.access.Role;
import java.security.GeneralSecurityException;
import java.text.ParseException;
import java.time.Instant;
import java.util.Date;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * JWTs that a dialect gives its clients, signed with HS256 and the server's secret. Each kind has a type and an issuer of
 * its own, so that no token passes for one of another kind, nor for what the native API takes. One ends with its time,
 * with its holder's account and with its holder's password; one that somebody else has asked for ends with them too. What
 * is issued while access control is off is worth nothing once it is on: then nobody had to show who they are.
 */
public final class DialectTokens {
    private static final String HOLDER = "holder";
    private static final String MARK = "holderMark";
    private static final String ISSUER = "issuedBy";
    private static final String ISSUER_MARK = "issuedByMark";

    /** Nobody's while access control is on. */
    private static final String NO_MARK = "";

    private final AccessControl access;
    private final Holders holders;
    private final Map<String, SignedClaims> kinds = new ConcurrentHashMap<>();

    DialectTokens(AccessControl access, Holders holders) {
        this.access = access;
        this.holders = holders;
    }

    /**
     * @param claims that the dialect's clients read, and it itself when the token comes back
     * @param issuer who asked for it, if that was not who holds it
     */
    public record Held(Identity who, Map<String, Object> claims, Optional<Issuer> issuer) {}

    /**
     * Somebody who has something issued to somebody else, which stands only as long as they do.
     *
     * @param mark of them as they are now
     * @param end of what they may do, if it is known
     */
    public record Issuer(String name, String mark, Optional<Instant> end) {
        /** The time, or the issuer's end where that is sooner. */
        public Instant bounded(Instant time) {
            return end.filter(it -> it.isBefore(time)).orElse(time);
        }
    }

    public Issuer issuer(String name) {
        Optional<Holders.Holder> holder = holder(name);
        return new Issuer(name, mark(holder), holder.flatMap(Holders.Holder::end));
    }

    /** Whether an issuer is still who they were, and may still do all that {@code role} may. */
    public boolean stands(String issuer, String mark, Role role) {
        return !access.enabled()
                || holders.find(issuer)
                        .filter(it -> it.mark().equals(mark))
                        .filter(it -> it.role().includes(role))
                        .isPresent();
    }

    private Optional<Holders.Holder> holder(String name) {
        return access.enabled() ? holders.find(name) : Optional.empty();
    }

    private static String mark(Optional<Holders.Holder> holder) {
        return holder.map(Holders.Holder::mark).orElse(NO_MARK);
    }

    /**
     * @param kind for example {@code pocketbase-auth}
     * @param who holds it
     * @param claims of JSON's types; not {@code exp}, {@code iss} and those of this class
     */
    public String issue(String kind, String who, Map<String, Object> claims, Instant expiresAt) {
        return issue(kind, who, claims, expiresAt, Optional.empty());
    }

    /** @param issuer other than who holds it; it ends no later than they do */
    public String issue(
            String kind, String who, Map<String, Object> claims, Instant expiresAt, Optional<Issuer> issuer) {
        var set = new JWTClaimsSet.Builder();
        claims.forEach(set::claim);
        set.issuer(server(kind))
                .claim(HOLDER, who)
                .claim(MARK, mark(holder(who)))
                .expirationTime(
                        Date.from(issuer.map(it -> it.bounded(expiresAt)).orElse(expiresAt)));
        issuer.ifPresent(it -> set.claim(ISSUER, it.name()).claim(ISSUER_MARK, it.mark()));
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

    /** Whom a token of that kind was issued to, be they still there or not. Empty if it was not issued here, or is over. */
    public Optional<String> issuedTo(String kind, String token) {
        return parse(token)
                .flatMap(kinds.computeIfAbsent(kind, this::claims)::of)
                .map(it -> String.valueOf(it.getClaim(HOLDER)));
    }

    /**
     * 64 hex digits that nobody else can make of the text; others for each kind, and others while access control is off,
     * but the same each time.
     */
    public String mark(String kind, String text) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(access.secret().bytes(), mac.getAlgorithm()));
            mac.update(kind.getBytes(UTF_8));
            mac.update((byte) (access.enabled() ? 0 : 1));
            return HexFormat.of().formatHex(mac.doFinal(text.getBytes(UTF_8)));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java platform has HmacSHA256", e);
        }
    }

    private Optional<Held> held(JWTClaimsSet claimed) {
        String name = String.valueOf(claimed.getClaim(HOLDER));
        Optional<Role> role = access.enabled()
                ? holders.find(name)
                        .filter(it -> it.mark().equals(claimed.getClaim(MARK)))
                        .map(Holders.Holder::role)
                : Optional.of(Role.ADMIN);
        Optional<Issuer> issuer = issuer(claimed);
        return role.filter(mayBe -> issuer.filter(it -> !stands(it.name(), it.mark(), mayBe))
                        .isEmpty())
                .map(it -> new Held(new Identity(name, it), claimed.getClaims(), issuer));
    }

    private static Optional<Issuer> issuer(JWTClaimsSet claimed) {
        return Optional.ofNullable(claimed.getClaim(ISSUER))
                .map(it -> new Issuer(
                        String.valueOf(it),
                        String.valueOf(claimed.getClaim(ISSUER_MARK)),
                        Optional.of(claimed.getExpirationTime().toInstant())));
    }

    private SignedClaims claims(String kind) {
        return new SignedClaims(
                Set.of(OwnTokens.ALGORITHM),
                Set.of(type(kind)),
                new ImmutableSecret<>(access.secret().bytes()),
                Optional.empty(),
                Optional.of(server(kind)),
                Set.of("exp", HOLDER, MARK),
                0,
                holders.clock());
    }

    private static JOSEObjectType type(String kind) {
        return new JOSEObjectType(kind + "+jwt");
    }

    private static String server(String kind) {
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
