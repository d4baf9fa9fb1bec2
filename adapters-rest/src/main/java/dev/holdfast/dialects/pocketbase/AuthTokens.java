package dev.holdfast.dialects.pocketbase;

import dev.holdfast.application.access.Account;
import dev.holdfast.application.access.Accounts;
import dev.holdfast.application.access.CredentialChain;
import dev.holdfast.application.access.Identity;
import dev.holdfast.application.access.StandingAccounts;
import dev.holdfast.application.access.token.DialectTokens;
import dev.holdfast.application.access.token.Identification;
import dev.holdfast.domain.access.AccountName;
import dev.holdfast.domain.access.Role;
import dev.holdfast.domain.access.User;
import dev.holdfast.domain.backup.Sha256;
import dev.holdfast.domain.identity.BackupKey;
import dev.holdfast.http.access.Callers;
import dev.holdfast.http.dialect.Dialect;
import dev.holdfast.http.dialect.DialectAccess;
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
    private static final String BACKUP_KIND = "pocketbase-backup";
    private static final String KEY = "key";
    private static final String SHA256 = "sha256";
    private static final String REFRESHABLE = "refreshable";
    private static final String SCHEME = "Bearer ";

    private final Identification identification;
    private final DialectTokens tokens;
    private final StandingAccounts standing;
    private final Accounts accounts;
    private final InstantSource clock;

    AuthTokens(
            Identification identification,
            DialectTokens tokens,
            StandingAccounts standing,
            Accounts accounts,
            InstantSource clock) {
        this.identification = identification;
        this.tokens = tokens;
        this.standing = standing;
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
    JsonNode granted(Account account) {
        return granted(CredentialChain.of(standing.of(account)), clock.instant().plus(LIFETIME), true);
    }

    /** What a superuser's token depends on that another account asks for. Empty if there is no such superuser any more. */
    Optional<CredentialChain> lent(HttpRequest<?> request, String name) {
        return standing.user(name).map(Callers.of(request).chain()::lendTo);
    }

    /** A token of a superuser's that another one has asked for. */
    JsonNode granted(CredentialChain chain, Instant end) {
        return granted(chain, end, false);
    }

    private JsonNode granted(CredentialChain chain, Instant end, boolean refreshable) {
        String name = chain.holder().name();
        var claims = new LinkedHashMap<String, Object>();
        claims.put("type", "auth");
        claims.put("id", Normalized.id(name));
        claims.put("collectionId", COLLECTION_ID);
        claims.put(REFRESHABLE, refreshable);
        return granted(name, tokens.issue(AUTH_KIND, chain, claims, end));
    }

    /** Anew where the token that the request shows may be renewed, else the same again. */
    JsonNode refreshed(HttpRequest<?> request) {
        CredentialChain chain = Callers.of(request).chain();
        Optional<String> shown = shown(request);
        boolean renews = shown.flatMap(it -> tokens.read(AUTH_KIND, it))
                .map(it -> Boolean.TRUE.equals(it.claims().get(REFRESHABLE)))
                .orElse(shown.isEmpty());
        return renews || shown.isEmpty()
                ? granted(chain, clock.instant().plus(LIFETIME), true)
                : granted(chain.holder().name(), shown.get());
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
        record.put("created", PocketBaseResponses.date(created));
        record.put("email", JsonNode.createStringNode(name));
        record.put("emailVisibility", JsonNode.createBooleanNode(false));
        record.put("id", JsonNode.createStringNode(Normalized.id(name)));
        record.put("updated", PocketBaseResponses.date(created));
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

    /** For the address of a download, of whichever backup. */
    String fileToken(HttpRequest<?> request) {
        return fileToken(FILE_KIND, request, Map.of());
    }

    /** For the address of a download of those bytes. */
    String fileToken(HttpRequest<?> request, BackupKey key, Sha256 sha256) {
        return fileToken(BACKUP_KIND, request, Map.of(KEY, key.value(), SHA256, sha256.hex()));
    }

    private String fileToken(String kind, HttpRequest<?> request, Map<String, Object> more) {
        CredentialChain chain = Callers.of(request).chain();
        var claims = new LinkedHashMap<String, Object>(more);
        claims.put("type", "file");
        claims.put("id", Normalized.id(chain.holder().name()));
        claims.put("collectionId", COLLECTION_ID);
        return tokens.issue(kind, chain, claims, clock.instant().plus(FILE_LIFETIME));
    }

    /** What a token in an address opens, and for which account. */
    sealed interface Scope {
        record EveryBackup(String account) implements Scope {}

        record OneBackup(String account, String key, String sha256) implements Scope {
            boolean isFor(String otherKey, Sha256 actual) {
                return key.equals(otherKey) && sha256.equals(actual.hex());
            }
        }

        /** An account whose authority it was obtained with is not what it was. */
        record Deserted() implements Scope {}

        record Nothing() implements Scope {}
    }

    Scope scope(String fileToken) {
        return switch (tokens.look(FILE_KIND, fileToken)) {
            case DialectTokens.Shown.Standing(var held) ->
                held.who().role() == Role.ADMIN
                        ? new Scope.EveryBackup(held.who().name())
                        : new Scope.Nothing();
            case DialectTokens.Shown.Deserted() -> new Scope.Deserted();
            case DialectTokens.Shown.Invalid() -> scopeOfOne(fileToken);
        };
    }

    private Scope scopeOfOne(String fileToken) {
        return switch (tokens.look(BACKUP_KIND, fileToken)) {
            case DialectTokens.Shown.Standing(var held) ->
                held.who().role() == Role.ADMIN
                        ? new Scope.OneBackup(held.who().name(), text(held, KEY), text(held, SHA256))
                        : new Scope.Nothing();
            case DialectTokens.Shown.Deserted() -> new Scope.Deserted();
            case DialectTokens.Shown.Invalid() -> new Scope.Nothing();
        };
    }

    private static String text(DialectTokens.Held held, String claim) {
        return String.valueOf(held.claims().get(claim));
    }
}
