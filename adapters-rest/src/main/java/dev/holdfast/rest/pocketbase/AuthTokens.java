package dev.holdfast.rest.pocketbase;

import dev.holdfast.application.access.Accounts;
import dev.holdfast.application.access.Identification;
import dev.holdfast.application.access.Identity;
import dev.holdfast.domain.access.AccountName;
import dev.holdfast.domain.access.Role;
import dev.holdfast.domain.access.User;
import dev.holdfast.rest.dialect.Dialect;
import dev.holdfast.rest.dialect.DialectAccess;
import dev.holdfast.rest.security.DialectTokens;
import io.micronaut.http.HttpHeaders;
import io.micronaut.http.HttpRequest;
import io.micronaut.json.tree.JsonNode;
import io.micronaut.security.authentication.Authentication;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The JWTs that the SDKs need, over Holdfast's accounts. A superuser is whoever has the role admin. What {@code
 * Authorization} shows may stand there with or without {@code Bearer}; a service token or a sign-in of the native API does
 * as well.
 */
@Singleton
final class AuthTokens implements DialectAccess {
    static final String COLLECTION = "_superusers";
    static final String COLLECTION_ID = "pbc_3142635823";
    static final Duration LIFETIME = Duration.ofDays(1);

    private static final Duration FILE_LIFETIME = Duration.ofMinutes(3);
    private static final String AUTH_KIND = "pocketbase-auth";
    private static final String FILE_KIND = "pocketbase-file";
    private static final String REFRESHABLE = "refreshable";
    private static final String SCHEME = "Bearer ";

    private final Identification identification;
    private final DialectTokens tokens;
    private final Accounts accounts;
    private final InstantSource clock;

    AuthTokens(Identification identification, DialectTokens tokens, Accounts accounts, InstantSource clock) {
        this.identification = identification;
        this.tokens = tokens;
        this.accounts = accounts;
        this.clock = clock;
    }

    @Override
    public Dialect dialect() {
        return Dialect.POCKETBASE;
    }

    @Override
    public Optional<Identity> identify(HttpRequest<?> request) {
        return shown(request)
                .flatMap(token -> tokens.read(AUTH_KIND, token)
                        .map(DialectTokens.Held::who)
                        .or(() -> identification.withBearer(token)));
    }

    private static Optional<String> shown(HttpRequest<?> request) {
        List<String> headers = request.getHeaders().getAll(HttpHeaders.AUTHORIZATION);
        return headers.size() == 1
                ? headers.stream()
                        .map(it -> it.regionMatches(true, 0, SCHEME, 0, SCHEME.length())
                                ? it.substring(SCHEME.length())
                                : it)
                        .map(String::strip)
                        .findAny()
                : Optional.empty();
    }

    static boolean isSuperuser(HttpRequest<?> request) {
        return request.getUserPrincipal(Authentication.class)
                .filter(it -> it.getRoles().contains(Role.ADMIN.id()))
                .isPresent();
    }

    /** What a sign-in answers. */
    JsonNode granted(String name) {
        return granted(name, clock.instant().plus(LIFETIME), true, Optional.empty());
    }

    /**
     * Whom the request acts for. Who asks with a token that somebody else has asked for acts for them still, or it could
     * outlive them by being exchanged for another one.
     */
    DialectTokens.Issuer issuer(HttpRequest<?> request, String name) {
        return actsFor(request).orElseGet(() -> tokens.issuer(name));
    }

    private Optional<DialectTokens.Issuer> actsFor(HttpRequest<?> request) {
        return shown(request).flatMap(it -> tokens.read(AUTH_KIND, it)).flatMap(DialectTokens.Held::issuer);
    }

    /** A token of a superuser's that another one has asked for. */
    JsonNode granted(String name, Instant end, DialectTokens.Issuer issuer) {
        return granted(name, end, false, Optional.of(issuer));
    }

    private JsonNode granted(String name, Instant end, boolean refreshable, Optional<DialectTokens.Issuer> issuer) {
        var claims = new LinkedHashMap<String, Object>();
        claims.put("type", "auth");
        claims.put("id", Normalized.id(name));
        claims.put("collectionId", COLLECTION_ID);
        claims.put(REFRESHABLE, refreshable);
        return granted(name, tokens.issue(AUTH_KIND, name, claims, end, issuer));
    }

    /** Anew where the token that the request shows may be renewed, else the same again. */
    JsonNode refreshed(HttpRequest<?> request, String name) {
        Optional<String> shown = shown(request);
        boolean renews = shown.flatMap(it -> tokens.read(AUTH_KIND, it))
                .map(it -> Boolean.TRUE.equals(it.claims().get(REFRESHABLE)))
                .orElse(shown.isEmpty());
        return renews || shown.isEmpty() ? granted(name) : granted(name, shown.get());
    }

    private JsonNode granted(String name, String token) {
        var members = new LinkedHashMap<String, JsonNode>();
        members.put("record", record(name));
        members.put("token", JsonNode.createStringNode(token));
        return JsonNode.createObjectNode(members);
    }

    private JsonNode record(String name) {
        Instant created = AccountName.isValid(name)
                ? accounts.findUser(new AccountName(name)).map(User::createdAt).orElse(Instant.EPOCH)
                : Instant.EPOCH;
        var record = new LinkedHashMap<String, JsonNode>();
        record.put("collectionId", JsonNode.createStringNode(COLLECTION_ID));
        record.put("collectionName", JsonNode.createStringNode(COLLECTION));
        record.put("created", Answers.date(created));
        record.put("email", JsonNode.createStringNode(name));
        record.put("emailVisibility", JsonNode.createBooleanNode(false));
        record.put("id", JsonNode.createStringNode(Normalized.id(name)));
        record.put("updated", Answers.date(created));
        record.put("verified", JsonNode.createBooleanNode(true));
        return JsonNode.createObjectNode(record);
    }

    /** The superuser whose record has this id. */
    Optional<String> superuser(String id) {
        return accounts.users().stream()
                .filter(it -> it.role() == Role.ADMIN)
                .map(it -> it.name().value())
                .filter(it -> Normalized.id(it).equals(id))
                .findAny();
    }

    /** For the address of a download. */
    String fileToken(HttpRequest<?> request, String name) {
        Map<String, Object> claims = Map.of("type", "file", "id", Normalized.id(name), "collectionId", COLLECTION_ID);
        return tokens.issue(FILE_KIND, name, claims, clock.instant().plus(FILE_LIFETIME), actsFor(request));
    }

    boolean opensBackups(String fileToken) {
        return tokens.read(FILE_KIND, fileToken)
                .filter(it -> it.who().role() == Role.ADMIN)
                .isPresent();
    }
}
