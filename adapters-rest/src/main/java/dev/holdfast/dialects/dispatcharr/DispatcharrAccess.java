package dev.holdfast.dialects.dispatcharr;

import dev.holdfast.application.access.CredentialChain;
import dev.holdfast.application.access.Identity;
import dev.holdfast.application.access.token.DialectTokens;
import dev.holdfast.application.access.token.Identification;
import dev.holdfast.http.dialect.Dialect;
import dev.holdfast.http.dialect.DialectAccess;
import io.micronaut.http.HttpHeaders;
import io.micronaut.http.HttpRequest;
import io.micronaut.json.tree.JsonNode;
import jakarta.inject.Provider;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * The JWTs and API keys that clients show, over Holdfast's accounts. An admin is whoever has the role admin. Service
 * tokens and sign-ins of the native API do as well, wherever a JWT or a key may stand.
 */
@Singleton
public final class DispatcharrAccess implements DialectAccess {
    static final Duration ACCESS_LIFETIME = Duration.ofMinutes(30);
    static final Duration REFRESH_LIFETIME = Duration.ofDays(1);
    static final String ACCESS = "dispatcharr-access";
    static final String REFRESH = "dispatcharr-refresh";

    private static final String REFUSAL = "holdfast.dispatcharr.refusal";
    private static final String API_KEY = "X-API-Key";
    private static final String BEARER_SCHEME = "Bearer ";
    private static final String KEY_SCHEME = "ApiKey ";

    private final Identification identification;
    private final DialectTokens tokens;
    private final Provider<ApiKeys> keys;
    private final InstantSource clock;

    /** @param keys looked up where a request shows one */
    DispatcharrAccess(
            Identification identification, DialectTokens tokens, Provider<ApiKeys> keys, InstantSource clock) {
        this.identification = identification;
        this.tokens = tokens;
        this.keys = keys;
        this.clock = clock;
    }

    @Override
    public Dialect dialect() {
        return Dialect.DISPATCHARR;
    }

    @Override
    public Optional<Identity> identify(HttpRequest<?> request) {
        List<String> shownKeys = request.getHeaders().getAll(API_KEY);
        List<String> shown = request.getHeaders().getAll(HttpHeaders.AUTHORIZATION);
        if (shown.size() == 1 && begins(shown.getFirst(), BEARER_SCHEME)) {
            String token = shown.getFirst().substring(BEARER_SCHEME.length()).strip();
            return note(request, withToken(token), () -> refusedToken(token));
        }
        if (shown.size() == 1 && begins(shown.getFirst(), KEY_SCHEME)) {
            return withKey(
                    request, shown.getFirst().substring(KEY_SCHEME.length()).strip());
        }
        return shownKeys.size() == 1 ? withKey(request, shownKeys.getFirst().strip()) : Optional.empty();
    }

    private static boolean begins(String header, String scheme) {
        return header.regionMatches(true, 0, scheme, 0, scheme.length());
    }

    private Optional<Identity> withToken(String token) {
        return tokens.read(ACCESS, token).map(DialectTokens.Held::who).or(() -> identification.withBearer(token));
    }

    private Optional<Identity> withKey(HttpRequest<?> request, String key) {
        return note(
                request,
                keys.get().identify(key).or(() -> identification.withBearer(key)),
                () -> DispatcharrApiError.detail(401, "Invalid API key"));
    }

    private static Optional<Identity> note(
            HttpRequest<?> request, Optional<Identity> who, Supplier<DispatcharrApiError> refusal) {
        if (who.isEmpty()) {
            request.setAttribute(REFUSAL, refusal.get());
        }
        return who;
    }

    private DispatcharrApiError refusedToken(String token) {
        if (tokens.isIssued(ACCESS, token)) {
            return new DispatcharrApiError(401, Json.object("detail", "User not found", "code", "user_not_found"));
        }
        JsonNode message = Json.object(
                "token_class",
                "AccessToken",
                "token_type",
                "access",
                "message",
                tokens.saysItIsOver(token) ? "Token is expired" : "Token is invalid");
        return new DispatcharrApiError(
                401,
                Json.object(
                        "detail",
                        "Given token not valid for any token type",
                        "code",
                        "token_not_valid",
                        "messages",
                        Json.array(List.of(message))));
    }

    /** Why nobody was found in what the request shows. */
    static DispatcharrApiError refusal(HttpRequest<?> request) {
        return shown(request).orElse(DispatcharrApiError.NOT_SIGNED_IN);
    }

    /** Empty unless the request shows something that is not valid. */
    public static Optional<DispatcharrApiError> shown(HttpRequest<?> request) {
        return request.getAttribute(REFUSAL, DispatcharrApiError.class);
    }

    /** @param id of the user, as clients read it */
    String issue(String kind, Duration lifetime, CredentialChain chain, long id) {
        Instant now = clock.instant();
        Map<String, Object> claims = Map.of(
                "token_type", kind.equals(ACCESS) ? "access" : "refresh", "user_id", id, "iat", now.getEpochSecond());
        return tokens.issue(kind, chain, claims, now.plus(lifetime));
    }
}
