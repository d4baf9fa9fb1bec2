package dev.holdfast.security;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.nimbusds.jwt.JWTClaimsSet;
import dev.holdfast.application.access.AccessControl;
import dev.holdfast.application.access.CredentialChain;
import dev.holdfast.application.access.Identity;
import dev.holdfast.application.access.StandingAccounts;
import dev.holdfast.application.access.token.DialectTokens;
import io.micronaut.security.token.Claims;
import jakarta.inject.Singleton;
import java.security.GeneralSecurityException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Date;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** JWTs, signed with HS256 and the server's secret. Each kind has a type and an issuer of its own. */
@Singleton
final class SignedDialectTokens implements DialectTokens {
    private static final ChainClaims CHAIN = new ChainClaims("holder", "holderMark", "holderRole");

    private final AccessControl access;
    private final TokenSettings settings;
    private final StandingAccounts standing;
    private final InstantSource clock;
    private final SignedTokens tokens;

    SignedDialectTokens(
            AccessControl access,
            TokenSettings settings,
            StandingAccounts standing,
            InstantSource clock,
            SignedTokens tokens) {
        this.access = access;
        this.settings = settings;
        this.standing = standing;
        this.clock = clock;
        this.tokens = tokens;
    }

    @Override
    public String issue(String kind, CredentialChain chain, Map<String, Object> claims, Instant expiresAt) {
        var all = new LinkedHashMap<>(claims);
        CHAIN.write(chain, all);
        all.put(Claims.ISSUER, ServerSignature.issuer(kind));
        all.put(Claims.EXPIRATION_TIME, Date.from(chain.bounded(expiresAt)));
        return tokens.issue(all);
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
        return tokens.claims(token, TokenPurpose.kind(kind, CHAIN.required()));
    }

    @Override
    public boolean saysItIsOver(String token) {
        return tokens.claimedEnd(token)
                .filter(it -> !it.isAfter(clock.instant()))
                .isPresent();
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
}
