package dev.holdfast.security;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.MACSigner;
import com.nimbusds.jose.jwk.source.ImmutableSecret;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import dev.holdfast.application.access.AccessTokens;
import dev.holdfast.application.access.DownloadTokens;
import dev.holdfast.application.access.Identity;
import dev.holdfast.application.access.StandingAccounts;
import dev.holdfast.domain.access.Role;
import dev.holdfast.domain.backup.Backup;
import dev.holdfast.domain.backup.Sha256;
import java.text.ParseException;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Date;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * JWTs of a type of their own, so that neither these nor {@link OwnTokens} pass for the other. They end with any
 * account of their {@link dev.holdfast.application.access.CredentialChain}, and with another role of their holder.
 */
final class SignedDownloadTokens implements DownloadTokens {
    static final Duration LIFETIME = Duration.ofMinutes(5);

    private static final JOSEObjectType TYPE = new JOSEObjectType("download+jwt");
    private static final String ISSUER = "holdfast-download";
    private static final ChainClaims CHAIN = new ChainClaims("sub", "holder_mark", "holder_role");
    private static final String DATABASE = "database";
    private static final String FILENAME = "filename";
    private static final String CREATED_AT = "created_at";
    private static final String SHA256 = "sha256";

    private final TokenSettings settings;
    private final StandingAccounts standing;
    private final InstantSource clock;
    private final SignedClaims claims;

    SignedDownloadTokens(TokenSettings settings, StandingAccounts standing, InstantSource clock) {
        this.settings = settings;
        this.standing = standing;
        this.clock = clock;
        this.claims = new SignedClaims(
                Set.of(OwnTokens.ALGORITHM),
                Set.of(TYPE),
                new ImmutableSecret<>(settings.secret().bytes()),
                Optional.empty(),
                Optional.of(ISSUER),
                Set.of(
                        "iat",
                        "exp",
                        CHAIN.holder(),
                        CHAIN.mark(),
                        CHAIN.role(),
                        DATABASE,
                        FILENAME,
                        CREATED_AT,
                        SHA256),
                0,
                clock);
    }

    @Override
    public AccessTokens.Issued issue(Identity who, Backup backup, Sha256 sha256) {
        Instant now = clock.instant();
        Instant end = who.chain().bounded(now.plus(LIFETIME));
        var claimed = new JWTClaimsSet.Builder()
                .issuer(ISSUER)
                .claim(DATABASE, backup.database().value())
                .claim(FILENAME, backup.key().value())
                .claim(CREATED_AT, backup.createdAt().toString())
                .claim(SHA256, sha256.hex())
                .issueTime(Date.from(now))
                .expirationTime(Date.from(end));
        CHAIN.write(who.chain(), claimed);
        var token = new SignedJWT(
                new JWSHeader.Builder(OwnTokens.ALGORITHM).type(TYPE).build(), claimed.build());
        try {
            token.sign(new MACSigner(settings.secret().bytes()));
        } catch (JOSEException e) {
            throw new IllegalStateException("a secret of 256 bits signs with HS256", e);
        }
        return new AccessTokens.Issued(
                token.serialize(), Duration.between(now, end).toSeconds());
    }

    @Override
    public Optional<Pass> open(String token) {
        return parse(token).flatMap(claims::of).flatMap(this::pass);
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

    private static Optional<SignedJWT> parse(String token) {
        try {
            return Optional.of(SignedJWT.parse(token));
        } catch (ParseException _) {
            return Optional.empty(); // the same answer as for one that is not valid
        }
    }
}
