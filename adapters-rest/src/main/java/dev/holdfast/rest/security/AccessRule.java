package dev.holdfast.rest.security;

import dev.holdfast.application.access.AccessControl;
import dev.holdfast.rest.dialect.Dialect;
import io.micronaut.core.async.publisher.Publishers;
import io.micronaut.http.HttpRequest;
import io.micronaut.security.authentication.Authentication;
import io.micronaut.security.rules.SecurityRule;
import io.micronaut.security.rules.SecurityRuleResult;
import io.micronaut.web.router.RouteAttributes;
import jakarta.inject.Singleton;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Publisher;

/**
 * Opens everything while access control is off, and tells whoever has signed in the truth about an address that does
 * not exist, and everybody how signing in is not done. All else is left to {@code @Secured}; what has none stays closed.
 */
@Singleton
final class AccessRule implements SecurityRule<HttpRequest<?>> {
    private final AccessControl access;

    AccessRule(AccessControl access) {
        this.access = access;
    }

    @Override
    public Publisher<SecurityRuleResult> check(
            @Nullable HttpRequest<?> request, @Nullable Authentication authentication) {
        boolean leadsNowhere =
                request != null && RouteAttributes.getRouteMatch(request).isEmpty();
        boolean mayKnow = authentication != null || (request != null && mayBeKnown(request.getPath()));
        return Publishers.just(
                !access.enabled() || (leadsNowhere && mayKnow)
                        ? SecurityRuleResult.ALLOWED
                        : SecurityRuleResult.UNKNOWN);
    }

    /** The dialects' addresses are those of other systems, which say so to everybody too. */
    private static boolean mayBeKnown(String path) {
        return path.equals(LoginController.ADDRESS) || Dialect.of(path).isPresent();
    }

    @Override
    public int getOrder() {
        return HIGHEST_PRECEDENCE;
    }
}
