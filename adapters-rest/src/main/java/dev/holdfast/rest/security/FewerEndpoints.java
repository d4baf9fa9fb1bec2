package dev.holdfast.rest.security;

import io.micronaut.context.ApplicationContextBuilder;
import io.micronaut.context.ApplicationContextConfigurer;
import io.micronaut.context.annotation.ContextConfigurer;
import java.util.Map;

/** Leaves out what Micronaut would serve beside what this server documents. Public because it is loaded as a service. */
@ContextConfigurer
public final class FewerEndpoints implements ApplicationContextConfigurer {
    @Override
    public void configure(ApplicationContextBuilder builder) {
        builder.properties(Map.of("micronaut.security.endpoints.introspection.enabled", false));
    }
}
