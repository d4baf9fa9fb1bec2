package dev.holdfast.security;

import com.nimbusds.jwt.JWTClaimsSet;
import dev.holdfast.application.access.Identity;
import dev.holdfast.application.access.StandingAccounts;
import dev.holdfast.application.access.token.AccessTokens;
import dev.holdfast.application.access.token.DownloadTokens;
import dev.holdfast.domain.access.Role;
import dev.holdfast.domain.backup.Backup;
import dev.holdfast.domain.backup.Sha256;
import io.micronaut.security.token.Claims;
import jakarta.inject.Singleton;
import java.text.ParseException;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Date;
import java.util.LinkedHashMap;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * JWTs of a type of their own, so that neither these nor {@link LocalTokens} pass for the other. They end with any
 * account of their {@link dev.holdfast.application.access.CredentialChain}, and with another role of their holder.
 */
@Singleton
final class SignedDownloadTokens implements DownloadTokens {
    static final Duration LIFETIME = Duration.ofMinutes(5);

    private static final String KIND = "download";
    private static final ChainClaims CHAIN = new ChainClaims("sub", "holder_mark", "holder_role");
    private static final String DATABASE = "database";
    private static final String FILENAME = "filename";
    private static final String CREATED_AT = "created_at";
    private static final String SHA256 = "sha256";

    private static final TokenPurpose PURPOSE = TokenPurpose.kind(
            KIND,
            Set.of(
                    Claims.ISSUED_AT,
                    CHAIN.holder(),
                    CHAIN.mark(),
                    CHAIN.role(),
                    DATABASE,
                    FILENAME,
                    CREATED_AT,
                    SHA256));

    private final StandingAccounts standing;
    private final InstantSource clock;
    private final SignedTokens tokens;

    SignedDownloadTokens(StandingAccounts standing, InstantSource clock, SignedTokens tokens) {
        this.standing = standing;
        this.clock = clock;
        this.tokens = tokens;
    }

    @Override
    public AccessTokens.Issued issue(Identity who, Backup backup, Sha256 sha256) {
        Instant now = clock.instant();
        Instant end = who.chain().bounded(now.plus(LIFETIME));
        var claims = new LinkedHashMap<String, Object>();
        claims.put(Claims.ISSUER, ServerSignature.issuer(KIND));
        claims.put(DATABASE, backup.database().value());
        claims.put(FILENAME, backup.key().value());
        claims.put(CREATED_AT, backup.createdAt().toString());
        claims.put(SHA256, sha256.hex());
        claims.put(Claims.ISSUED_AT, Date.from(now));
        claims.put(Claims.EXPIRATION_TIME, Date.from(end));
        CHAIN.write(who.chain(), claims);
        return new AccessTokens.Issued(
                tokens.issue(claims), Duration.between(now, end).toSeconds());
    }

    @Override
    public Optional<Pass> open(String token) {
        return tokens.claims(token, PURPOSE).flatMap(this::pass);
    }

    private Optional<Pass> pass(JWTClaimsSet claimed) {
        return CHAIN.read(claimed)
                .filter(it -> standing.identifyUnchanged(it)
                        .filter(holder -> holder.role().includes(Role.OPERATOR))
                        .isPresent())
                .map(it -> pass(new Identity(it.holder().name(), Role.OPERATOR, it), claimed));
    }

    private static Pass pass(Identity who, JWTClaimsSet claimed) {
        try {
            return new Pass(
                    who,
                    text(claimed, DATABASE),
                    text(claimed, FILENAME),
                    Instant.parse(text(claimed, CREATED_AT)),
                    new Sha256(text(claimed, SHA256)));
        } catch (ParseException | IllegalArgumentException | DateTimeException e) {
            throw new IllegalStateException("a token signed by this server has claims of another form", e);
        }
    }

    private static String text(JWTClaimsSet claimed, String name) throws ParseException {
        @Nullable String text = claimed.getStringClaim(name);
        if (text == null) {
            throw new ParseException(name, 0);
        }
        return text;
    }
}
