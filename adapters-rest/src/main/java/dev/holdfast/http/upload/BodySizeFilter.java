package dev.holdfast.http.upload;

import dev.holdfast.http.dialect.BoundedBody;
import dev.holdfast.http.problem.HttpCode;
import dev.holdfast.http.problem.ProblemResponses;
import io.micronaut.core.order.Ordered;
import io.micronaut.http.HttpRequest;
import io.micronaut.http.HttpResponse;
import io.micronaut.http.annotation.RequestFilter;
import io.micronaut.http.annotation.ServerFilter;
import io.micronaut.http.filter.ServerFilterPhase;
import io.micronaut.web.router.RouteAttributes;
import org.jspecify.annotations.Nullable;

/**
 * Refuses a large body at once wherever none is expected, and sooner where nobody has to have signed in. One that does not tell its length is refused by the framework
 * when so much of it has come.
 */
@ServerFilter(ServerFilter.MATCH_ALL_PATTERN)
final class BodySizeFilter implements Ordered {
    @RequestFilter
    @Nullable
    HttpResponse<?> refuse(HttpRequest<?> request) {
        long most = BoundedBody.isFromStrangers(request) ? BoundedBody.MOST_OF_STRANGERS : RequestBounds.MOST_BUFFERED;
        return request.getContentLength() > most && !takesLargeBody(request)
                ? ProblemResponses.problem(
                        request, HttpCode.REQUEST_TOO_LARGE, "The request's body is larger than allowed.")
                : null;
    }

    private static boolean takesLargeBody(HttpRequest<?> request) {
        return RouteAttributes.getRouteMatch(request)
                .filter(it -> it.isAnnotationPresent(AcceptsLargeBody.class))
                .isPresent();
    }

    /** Strangers are turned away before. */
    @Override
    public int getOrder() {
        return ServerFilterPhase.SECURITY.after();
    }
}
