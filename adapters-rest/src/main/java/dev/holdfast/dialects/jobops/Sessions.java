package dev.holdfast.dialects.jobops;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.holdfast.application.access.Account;
import dev.holdfast.application.access.CredentialChain;
import dev.holdfast.application.access.Identity;
import dev.holdfast.application.access.StandingAccounts;
import dev.holdfast.application.access.token.DialectTokens;
import dev.holdfast.application.access.token.Identification;
import dev.holdfast.domain.access.Role;
import dev.holdfast.domain.access.User;
import dev.holdfast.http.dialect.Dialect;
import dev.holdfast.http.dialect.DialectAccess;
import io.micronaut.context.BeanProvider;
import io.micronaut.http.HttpHeaders;
import io.micronaut.http.HttpRequest;
import io.micronaut.json.tree.JsonNode;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Date;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/** Who has signed in, by JobOps' own tokens or by Holdfast's. */
@Singleton
final class Sessions implements DialectAccess {
    static final Duration LIFETIME = Duration.ofDays(1);
    static final String WORKSPACE = "default";

    private static final String KIND = "jobops-auth";
    private static final String SCHEME = "Bearer ";
    private static final Identity VISITOR = new Identity("demo", Role.VIEWER);

    private final Identification identification;
    private final DialectTokens tokens;
    private final StandingAccounts standing;
    /** Not there in a server without a catalogue, which nobody signs in to. */
    private final BeanProvider<RevokedTokens> signedOut;

    private final Demo demo;
    private final InstantSource clock;

    Sessions(
            Identification identification,
            DialectTokens tokens,
            StandingAccounts standing,
            BeanProvider<RevokedTokens> signedOut,
            Demo demo,
            InstantSource clock) {
        this.identification = identification;
        this.tokens = tokens;
        this.standing = standing;
        this.signedOut = signedOut;
        this.demo = demo;
        this.clock = clock;
    }

    @Override
    public Dialect dialect() {
        return Dialect.JOBOPS;
    }

    /** Whoever comes to the public demo is a visitor, whatever they show. */
    @Override
    public Optional<Identity> identify(HttpRequest<?> request) {
        return demo.isOn()
                ? Optional.of(VISITOR)
                : shown(request)
                        .flatMap(token ->
                                held(token).map(DialectTokens.Held::who).or(() -> identification.withBearer(token)));
    }

    private Optional<DialectTokens.Held> held(String token) {
        return tokens.read(KIND, token).filter(it -> !signedOut.get().contains(id(it)));
    }

    private static Optional<String> shown(HttpRequest<?> request) {
        List<String> headers = request.getHeaders().getAll(HttpHeaders.AUTHORIZATION);
        return headers.size() == 1 && headers.getFirst().startsWith(SCHEME)
                ? Optional.of(headers.getFirst().substring(SCHEME.length()).strip())
                : Optional.empty();
    }

    /** The token's text; its claims are those that the web client looks for. */
    String begin(Account account) {
        User user = account.user();
        String name = user.name().value();
        String id = userId(name);
        var claims = new LinkedHashMap<String, Object>();
        claims.put("sub", id);
        claims.put("userId", id);
        claims.put("tenantId", WORKSPACE);
        claims.put("username", name);
        claims.put("isSystemAdmin", user.role() == Role.ADMIN);
        claims.put("jti", UUID.randomUUID().toString());
        return tokens.issue(
                KIND,
                CredentialChain.of(standing.of(account)),
                claims,
                clock.instant().plus(LIFETIME));
    }

    /** Ends the session whose token the request shows, if it shows one that was given here. */
    void end(HttpRequest<?> request) {
        shown(request).flatMap(this::held).ifPresent(it -> signedOut.get().add(id(it), end(it)));
    }

    private Instant end(DialectTokens.Held held) {
        return held.claims().get("exp") instanceof Date date
                ? date.toInstant()
                : clock.instant().plus(LIFETIME);
    }

    private static String id(DialectTokens.Held held) {
        return String.valueOf(held.claims().get("jti"));
    }

    /** The same for a name at all times. */
    static String userId(String name) {
        return UUID.nameUUIDFromBytes(("jobops user " + name).getBytes(UTF_8)).toString();
    }

    /** @param since when there has been such a user */
    static JsonNode user(String name, boolean admin, Instant since) {
        return new Tree()
                .put("id", userId(name))
                .put("username", name)
                .put("displayName", name)
                .put("isSystemAdmin", admin)
                .put("isDisabled", false)
                .put("workspaceId", WORKSPACE)
                .put("workspaceName", "Holdfast")
                .put("createdAt", JobOpsResponses.instant(since))
                .put("updatedAt", JobOpsResponses.instant(since))
                .node();
    }
}
