package dev.holdfast.http.dialect;

import dev.holdfast.http.problem.HttpCode;
import dev.holdfast.http.problem.ProblemResponses;
import io.micronaut.core.annotation.Order;
import io.micronaut.core.order.Ordered;
import io.micronaut.http.HttpRequest;
import io.micronaut.http.HttpResponse;
import io.micronaut.http.MutableHttpResponse;
import io.micronaut.http.annotation.RequestFilter;
import io.micronaut.http.annotation.ResponseFilter;
import io.micronaut.http.annotation.ServerFilter;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The outermost of all filters: whatever is answered below a dialect's prefix, by whomever, leaves in its words.
 */
@ServerFilter(ServerFilter.MATCH_ALL_PATTERN)
@Order(Ordered.HIGHEST_PRECEDENCE)
final class DialectFilter {
    private final Dialects dialects;
    private final Map<Dialect, DialectRenderer> answers;

    DialectFilter(Dialects dialects, List<DialectRenderer> answers) {
        this.dialects = dialects;
        this.answers = answers.stream().collect(Collectors.toMap(DialectRenderer::dialect, Function.identity()));
    }

    @RequestFilter
    @Nullable
    HttpResponse<?> before(HttpRequest<?> request) {
        Optional<Dialect> dialect = Dialect.of(request.getPath());
        if (dialect.filter(it -> !dialects.serves(it)).isPresent()) {
            return ProblemResponses.problem(
                    request,
                    HttpCode.ROUTE_NOT_FOUND,
                    "This server does not speak for " + dialect.get().id() + "; the setting holdfast.dialects."
                            + dialect.get().id() + ".database makes it.");
        }
        return served(request)
                .flatMap(it -> it.preflight(request).map(answer -> dressed(it, request, answer)))
                .orElse(null);
    }

    /** What is answered here does not come by the way back. */
    private static HttpResponse<?> dressed(
            DialectRenderer answers, HttpRequest<?> request, MutableHttpResponse<?> response) {
        answers.dress(request, response);
        return response;
    }

    @ResponseFilter
    void after(HttpRequest<?> request, MutableHttpResponse<?> response) {
        served(request).ifPresent(it -> {
            ProblemResponses.told(request, response).ifPresent(problem -> it.refuse(request, response, problem));
            it.dress(request, response);
        });
    }

    private Optional<DialectRenderer> served(HttpRequest<?> request) {
        return Dialect.of(request.getPath()).filter(dialects::serves).map(answers::get);
    }
}
