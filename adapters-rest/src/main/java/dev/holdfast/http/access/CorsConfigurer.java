package dev.holdfast.http.access;

import io.micronaut.context.ApplicationContextBuilder;
import io.micronaut.context.ApplicationContextConfigurer;
import io.micronaut.context.annotation.ContextConfigurer;
import java.util.Map;

/**
 * The framework refuses other sites' requests to this machine without looking whether they have a right, and without a
 * word. {@link LocalOnlyFilter} refuses them while access control is off; while it is on, the token decides. Public
 * because it is loaded as a service.
 */
@ContextConfigurer
public final class CorsConfigurer implements ApplicationContextConfigurer {
    @Override
    public void configure(ApplicationContextBuilder builder) {
        builder.properties(Map.of("micronaut.server.cors.localhost-pass-through", true));
    }
}
