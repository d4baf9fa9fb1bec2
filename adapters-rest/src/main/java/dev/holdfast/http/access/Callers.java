package dev.holdfast.http.access;

import dev.holdfast.application.access.Identity;
import io.micronaut.http.HttpRequest;
import io.micronaut.security.authentication.Authentication;
import java.util.Map;

/** Hands on who makes a request, with all that the shown credential depends on. */
public final class Callers {
    private static final String IDENTITY = "holdfast.identity";

    private Callers() {}

    static Authentication authentication(Identity identity) {
        return Authentication.build(identity.name(), Roles.includedIn(identity.role()), Map.of(IDENTITY, identity));
    }

    /** Anonymous without a sign-in: what is obtained so is worth nothing while access control is on. */
    public static Identity of(HttpRequest<?> request) {
        return request.getUserPrincipal(Authentication.class)
                .map(it -> it.getAttributes().get(IDENTITY))
                .filter(Identity.class::isInstance)
                .map(Identity.class::cast)
                .orElse(Identity.ANONYMOUS);
    }
}
