package dev.holdfast.http.access;

import io.micronaut.context.ApplicationContextBuilder;
import io.micronaut.context.ApplicationContextConfigurer;
import io.micronaut.context.annotation.ContextConfigurer;
import java.util.Map;

/**
 * Leaves out the addresses that Micronaut would serve next to what this server documents, and its own ways to find out who
 * calls. Public because it is loaded as a service.
 */
@ContextConfigurer
public final class EndpointConfigurer implements ApplicationContextConfigurer {
    @Override
    public void configure(ApplicationContextBuilder builder) {
        builder.properties(Map.of(
                "micronaut.security.endpoints.introspection.enabled", false,
                "micronaut.security.endpoints.login.enabled", false,
                "micronaut.security.endpoints.logout.enabled", false,
                "micronaut.security.endpoints.oauth.enabled", false,
                "micronaut.security.basic-auth.enabled", false,
                "micronaut.security.token.bearer.enabled", false,
                "micronaut.security.token.cookie.enabled", false));
    }
}
