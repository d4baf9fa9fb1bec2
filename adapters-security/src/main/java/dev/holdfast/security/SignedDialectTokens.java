package dev.holdfast.security;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.MACSigner;
import com.nimbusds.jose.jwk.source.ImmutableSecret;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.JWTParser;
import com.nimbusds.jwt.SignedJWT;
import dev.holdfast.application.access.AccessControl;
import dev.holdfast.application.access.CredentialChain;
import dev.holdfast.application.access.DialectTokens;
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

/** JWTs, signed with HS256 and the server's secret. Each kind has a type and an issuer of its own. */
final class SignedDialectTokens implements DialectTokens {
    private static final ChainClaims CHAIN = new ChainClaims("holder", "holderMark", "holderRole");

    private final AccessControl access;
    private final TokenSettings settings;
    private final StandingAccounts standing;
    private final InstantSource clock;
    private final Map<String, SignedClaims> kinds = new ConcurrentHashMap<>();

    SignedDialectTokens(AccessControl access, TokenSettings settings, StandingAccounts standing, InstantSource clock) {
        this.access = access;
        this.settings = settings;
        this.standing = standing;
        this.clock = clock;
    }

    @Override
    public String issue(String kind, CredentialChain chain, Map<String, Object> claims, Instant expiresAt) {
        var set = new JWTClaimsSet.Builder();
        claims.forEach(set::claim);
        CHAIN.write(chain, set);
        set.issuer(server(kind)).expirationTime(Date.from(chain.bounded(expiresAt)));
        var token = new SignedJWT(
                new JWSHeader.Builder(OwnTokens.ALGORITHM).type(type(kind)).build(), set.build());
        try {
            token.sign(new MACSigner(settings.secret().bytes()));
        } catch (JOSEException e) {
            throw new IllegalStateException("a secret of 256 bits signs with HS256", e);
        }
        return token.serialize();
    }

    @Override
    public Optional<Held> read(String kind, String token) {
        return claimed(kind, token)
                .flatMap(claims ->
                        CHAIN.read(claims).flatMap(standing::identify).map(it -> new Held(it, claims.getClaims())));
    }

    @Override
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

    @Override
    public boolean isIssued(String kind, String token) {
        return claimed(kind, token).isPresent();
    }

    private Optional<JWTClaimsSet> claimed(String kind, String token) {
        return parse(token).flatMap(kinds.computeIfAbsent(kind, this::claims)::of);
    }

    @Override
    public boolean saysItIsOver(String token) {
        try {
            var end = JWTParser.parse(token).getJWTClaimsSet().getExpirationTime();
            return end != null && !end.toInstant().isAfter(clock.instant());
        } catch (ParseException _) {
            return false;
        }
    }

    @Override
    public String mark(String kind, String text) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(settings.secret().bytes(), mac.getAlgorithm()));
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
                new ImmutableSecret<>(settings.secret().bytes()),
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
