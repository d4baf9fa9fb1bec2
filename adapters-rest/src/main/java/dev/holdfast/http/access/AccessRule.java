package dev.holdfast.http.access;

import dev.holdfast.application.access.AccessControl;
import dev.holdfast.http.dialect.Dialect;
import io.micronaut.core.async.publisher.Publishers;
import io.micronaut.http.HttpRequest;
import io.micronaut.security.authentication.Authentication;
import io.micronaut.security.rules.SecurityRule;
import io.micronaut.security.rules.SecurityRuleResult;
import io.micronaut.web.router.RouteAttributes;
import io.micronaut.web.router.Router;
import jakarta.inject.Singleton;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Publisher;

/**
 * Opens everything while access control is off. Lets an address that does not exist be answered as such to callers that have
 * signed in, and outside of the API to all callers, and a wrong method of signing in likewise. All else is left to
 * {@code @Secured}; what has none stays closed.
 */
@Singleton
final class AccessRule implements SecurityRule<HttpRequest<?>> {
    private static final String API = "/api/";

    private final AccessControl access;
    private final Router router;

    AccessRule(AccessControl access, Router router) {
        this.access = access;
        this.router = router;
    }

    @Override
    public Publisher<SecurityRuleResult> check(
            @Nullable HttpRequest<?> request, @Nullable Authentication authentication) {
        boolean mayKnowThatThereIsNothing = request != null
                && RouteAttributes.getRouteMatch(request).isEmpty()
                && (authentication != null || mayBeKnown(request));
        return Publishers.just(
                !access.enabled() || mayKnowThatThereIsNothing
                        ? SecurityRuleResult.ALLOWED
                        : SecurityRuleResult.UNKNOWN);
    }

    /** The dialects' addresses are those of other systems, which say so to everybody too. */
    private boolean mayBeKnown(HttpRequest<?> request) {
        String path = request.getPath();
        return path.equals(LoginController.ADDRESS)
                || Dialect.of(path).isPresent()
                || (!path.startsWith(API) && router.findAny(request).isEmpty());
    }

    @Override
    public int getOrder() {
        return HIGHEST_PRECEDENCE;
    }
}
