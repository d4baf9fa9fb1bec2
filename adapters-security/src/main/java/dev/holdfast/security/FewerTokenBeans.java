package dev.holdfast.security;

import io.micronaut.context.ApplicationContextBuilder;
import io.micronaut.context.ApplicationContextConfigurer;
import io.micronaut.context.annotation.ContextConfigurer;
import java.util.Map;

/**
 * Leaves out those beans of the framework's for tokens that would decide something else than {@link PurposeClaims}, and the
 * address of its keys. Public because it is loaded as a service.
 */
@ContextConfigurer
public final class FewerTokenBeans implements ApplicationContextConfigurer {
    private static final String TOKENS = "micronaut.security.token.jwt.";

    @Override
    public void configure(ApplicationContextBuilder builder) {
        builder.properties(Map.of(
                // Reads the system's clock.
                TOKENS + "claims-validators.expiration",
                false,
                // A dialect's tokens have no subject.
                TOKENS + "claims-validators.subject-not-null",
                false,
                // Would find out who calls, for no purpose.
                TOKENS + "nimbus.reactive-validator",
                false,
                "micronaut.security.endpoints.keys.enabled",
                false));
    }
}
