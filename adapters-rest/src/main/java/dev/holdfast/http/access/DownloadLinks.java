package dev.holdfast.http.access;

import dev.holdfast.application.access.token.DownloadTokens;
import dev.holdfast.application.access.token.DownloadTokens.Pass;
import dev.holdfast.domain.problem.Problem;
import io.micronaut.http.HttpRequest;
import io.micronaut.http.MutableHttpResponse;
import io.micronaut.web.router.RouteAttributes;
import jakarta.inject.Singleton;
import java.util.List;
import java.util.Optional;

/** The tokens of {@link DownloadTokens} in the addresses of requests. */
@Singleton
public final class DownloadLinks {
    public static final String PARAMETER = "token";

    private final DownloadTokens tokens;

    DownloadLinks(DownloadTokens tokens) {
        this.tokens = tokens;
    }

    /** Whether the request's address has a token. A wrong one is refused, whatever else the request shows. */
    public boolean isPresented(HttpRequest<?> request) {
        return request.getParameters().contains(PARAMETER)
                && RouteAttributes.getRouteMatch(request)
                        .filter(it -> it.isAnnotationPresent(AcceptsDownloadToken.class))
                        .isPresent();
    }

    /** What the token in the request's address opens now; empty if it is not valid, or not any more. */
    public Optional<Pass> pass(HttpRequest<?> request) {
        List<String> texts = request.getParameters().getAll(PARAMETER);
        return texts.size() == 1 ? tokens.open(texts.getFirst()) : Optional.empty();
    }

    /** The answer to a token that does not open what is asked for. */
    public MutableHttpResponse<?> refusal(HttpRequest<?> request) {
        return AccessProblems.of(
                        request,
                        new Problem.Unauthenticated(
                                "The token in the address is not valid for this, or not any more; ask for another one."))
                .header("Referrer-Policy", "no-referrer");
    }
}
