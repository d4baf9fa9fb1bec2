package dev.holdfast.http.access;

import dev.holdfast.application.access.AccessControl;
import dev.holdfast.application.access.Identity;
import dev.holdfast.application.access.token.DownloadTokens.Pass;
import dev.holdfast.application.access.token.Identification;
import dev.holdfast.http.dialect.Dialect;
import dev.holdfast.http.dialect.DialectAccess;
import io.micronaut.context.annotation.Replaces;
import io.micronaut.core.async.publisher.Publishers;
import io.micronaut.http.HttpHeaders;
import io.micronaut.http.HttpRequest;
import io.micronaut.scheduling.TaskExecutors;
import io.micronaut.security.authentication.Authentication;
import io.micronaut.security.filters.AuthenticationFetcher;
import io.micronaut.security.token.TokenAuthenticationFetcher;
import jakarta.inject.Named;
import jakarta.inject.Singleton;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.reactivestreams.Publisher;

/**
 * Takes the token from {@code Authorization: Bearer} and from nowhere else: not from a cookie, which a browser would
 * send along from other sites, nor from the address, which ends up in logs. Only where a short-lived token for one
 * backup is in the address of that backup does it count, and then alone. A dialect's clients may show it in the dialect's
 * own way, below its prefix. Stands in for Micronaut's own, whose
 * validators know neither revoked tokens nor removed users.
 */
@Singleton
@Replaces(TokenAuthenticationFetcher.class)
final class BearerAuthenticationFetcher implements AuthenticationFetcher<HttpRequest<?>> {
    private static final String SCHEME = "Bearer ";

    private final AccessControl access;
    private final Identification identification;
    private final DownloadLinks downloadLinks;
    private final Map<Dialect, DialectAccess> dialects;
    private final ExecutorService blocking;

    BearerAuthenticationFetcher(
            AccessControl access,
            Identification identification,
            DownloadLinks downloadLinks,
            List<DialectAccess> dialects,
            @Named(TaskExecutors.BLOCKING) ExecutorService blocking) {
        this.access = access;
        this.identification = identification;
        this.downloadLinks = downloadLinks;
        this.dialects = dialects.stream().collect(Collectors.toMap(DialectAccess::dialect, Function.identity()));
        this.blocking = blocking;
    }

    @Override
    public Publisher<Authentication> fetchAuthentication(HttpRequest<?> request) {
        if (!access.enabled()) {
            return Publishers.just(Callers.authentication(Identity.ANONYMOUS));
        }
        Optional<DialectAccess> dialect = Dialect.of(request.getPath()).map(dialects::get);
        if (dialect.isPresent()) {
            return identify(() -> dialect.get().identify(request));
        }
        return downloadLinks.isPresented(request)
                ? identify(() -> downloadLinks.pass(request).map(Pass::who))
                : bearer(request)
                        .map(token -> identify(() -> identification.withBearer(token)))
                        .orElseGet(Publishers::empty);
    }

    /** What the client says it is; empty if it says nothing, or several things. */
    static Optional<String> bearer(HttpRequest<?> request) {
        List<String> headers = request.getHeaders().getAll(HttpHeaders.AUTHORIZATION);
        return headers.size() == 1 && headers.getFirst().regionMatches(true, 0, SCHEME, 0, SCHEME.length())
                ? Optional.of(headers.getFirst().substring(SCHEME.length()).strip())
                : Optional.empty();
    }

    /** On a thread that may block: it asks the catalogue, and perhaps another server. */
    private Publisher<Authentication> identify(Supplier<Optional<Identity>> asked) {
        return Publishers.fromCompletableFuture(() -> CompletableFuture.supplyAsync(
                () -> asked.get().map(Callers::authentication).orElse(null), blocking));
    }
}
