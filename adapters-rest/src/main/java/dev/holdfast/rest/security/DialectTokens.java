package dev.holdfast.rest.security;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.MACSigner;
import com.nimbusds.jose.jwk.source.ImmutableSecret;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import dev.holdfast.application.access.CredentialChain;
import dev.holdfast.application.access.Identity;
import dev.holdfast.application.access.StandingAccounts;
import java.security.GeneralSecurityException;
import java.text.ParseException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Date;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * JWTs that a dialect gives its clients, signed with HS256 and the server's secret. Each kind has a type and an issuer of
 * its own, so that no token passes for one of another kind, nor for what the native API takes. One ends with its time and
 * with any account of its {@link CredentialChain}. What is issued while access control is off is worth nothing once it is
 * on: callers did not have to show who they are then.
 */
public final class DialectTokens {
    private static final ChainClaims CHAIN = new ChainClaims("holder", "holderMark", "holderRole");

    private final AccessControl access;
    private final StandingAccounts standing;
    private final InstantSource clock;
    private final Map<String, SignedClaims> kinds = new ConcurrentHashMap<>();

    DialectTokens(AccessControl access, StandingAccounts standing, InstantSource clock) {
        this.access = access;
        this.standing = standing;
        this.clock = clock;
    }

    /** @param claims that the dialect's clients read, and it itself when the token comes back */
    public record Held(Identity who, Map<String, Object> claims) {}

    /** What a token is that stands in an address. */
    public sealed interface Shown {
        record Standing(Held held) implements Shown {}

        /** One that its holder could use still, but an account whose authority it was obtained with is not what it was. */
        record Deserted() implements Shown {}

        /** Also one whose holder is not what they were: the dialects have an answer to that of their own. */
        record Invalid() implements Shown {}
    }

    /**
     * Ends no later than an account of the chain that ends by itself.
     *
     * @param kind for example {@code pocketbase-auth}
     * @param claims of JSON's types; not {@code exp}, {@code iss} and those of this class
     */
    public String issue(String kind, CredentialChain chain, Map<String, Object> claims, Instant expiresAt) {
        var set = new JWTClaimsSet.Builder();
        claims.forEach(set::claim);
        CHAIN.write(chain, set);
        set.issuer(server(kind)).expirationTime(Date.from(chain.bounded(expiresAt)));
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
        return claimed(kind, token)
                .flatMap(claims ->
                        CHAIN.read(claims).flatMap(standing::identify).map(it -> new Held(it, claims.getClaims())));
    }

    /** For one that stands in an address: it ends with another role of its holder too. */
    public Shown look(String kind, String token) {
        Optional<JWTClaimsSet> claimed = claimed(kind, token);
        if (claimed.isEmpty()) {
            return new Shown.Invalid();
        }
        Optional<CredentialChain> chain = CHAIN.read(claimed.get());
        Optional<Identity> who = chain.flatMap(standing::identifyUnchanged);
        if (who.isPresent()) {
            return new Shown.Standing(new Held(who.get(), claimed.get().getClaims()));
        }
        return chain.filter(standing::isHolderUnchanged).isPresent() ? new Shown.Deserted() : new Shown.Invalid();
    }

    /** Whether it was issued here and is not over, be those that it depends on still there or not. */
    public boolean isIssued(String kind, String token) {
        return claimed(kind, token).isPresent();
    }

    private Optional<JWTClaimsSet> claimed(String kind, String token) {
        return parse(token).flatMap(kinds.computeIfAbsent(kind, this::claims)::of);
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

    private SignedClaims claims(String kind) {
        var required = new HashSet<>(CHAIN.required());
        required.add("exp");
        return new SignedClaims(
                Set.of(OwnTokens.ALGORITHM),
                Set.of(type(kind)),
                new ImmutableSecret<>(access.secret().bytes()),
                Optional.empty(),
                Optional.of(server(kind)),
                required,
                0,
                clock);
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
