package dev.holdfast.rest.security;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.MACSigner;
import com.nimbusds.jose.jwk.source.ImmutableSecret;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import dev.holdfast.application.access.Identity;
import dev.holdfast.application.access.StandingAccounts;
import dev.holdfast.domain.access.Role;
import dev.holdfast.domain.backup.Backup;
import dev.holdfast.domain.backup.Sha256;
import dev.holdfast.domain.problem.Problem;
import io.micronaut.http.HttpRequest;
import io.micronaut.http.MutableHttpResponse;
import io.micronaut.web.router.RouteAttributes;
import java.text.ParseException;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Date;
import java.util.List;
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

    private final AccessControl access;
    private final StandingAccounts standing;
    private final InstantSource clock;
    private final SignedClaims claims;

    SignedDownloadTokens(AccessControl access, StandingAccounts standing, InstantSource clock) {
        this.access = access;
        this.standing = standing;
        this.clock = clock;
        this.claims = new SignedClaims(
                Set.of(OwnTokens.ALGORITHM),
                Set.of(TYPE),
                new ImmutableSecret<>(access.secret().bytes()),
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
            token.sign(new MACSigner(access.secret().bytes()));
        } catch (JOSEException e) {
            throw new IllegalStateException("a secret of 256 bits signs with HS256", e);
        }
        return new AccessTokens.Issued(
                token.serialize(), Duration.between(now, end).toSeconds());
    }

    @Override
    public boolean isPresented(HttpRequest<?> request) {
        return request.getParameters().contains(PARAMETER)
                && RouteAttributes.getRouteMatch(request)
                        .filter(it -> it.isAnnotationPresent(TakesDownloadToken.class))
                        .isPresent();
    }

    @Override
    public Optional<Pass> pass(HttpRequest<?> request) {
        return valid(request).flatMap(SignedDownloadTokens::pass);
    }

    /** Who holds the token, with no more rights than it takes to download. */
    Optional<Identity> identify(HttpRequest<?> request) {
        return valid(request)
                .flatMap(CHAIN::read)
                .map(it -> new Identity(it.holder().name(), Role.OPERATOR, it));
    }

    private Optional<JWTClaimsSet> valid(HttpRequest<?> request) {
        List<String> texts = request.getParameters().getAll(PARAMETER);
        return texts.size() == 1
                ? parse(texts.getFirst()).flatMap(claims::of).filter(this::isHeldStill)
                : Optional.empty();
    }

    private boolean isHeldStill(JWTClaimsSet claimed) {
        return CHAIN.read(claimed)
                .flatMap(standing::identifyUnchanged)
                .filter(it -> it.role().includes(Role.OPERATOR))
                .isPresent();
    }

    @Override
    public MutableHttpResponse<?> refusal(HttpRequest<?> request) {
        return Refusals.of(
                        request,
                        new Problem.Unauthenticated(
                                "The token in the address is not valid for this, or not any more; ask for another one."))
                .header("Referrer-Policy", "no-referrer");
    }

    private static Optional<Pass> pass(JWTClaimsSet claimed) {
        try {
            return Optional.of(new Pass(
                    text(claimed, DATABASE),
                    text(claimed, FILENAME),
                    Instant.parse(text(claimed, CREATED_AT)),
                    new Sha256(text(claimed, SHA256))));
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
