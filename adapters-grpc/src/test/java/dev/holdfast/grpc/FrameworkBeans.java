package dev.holdfast.grpc;

import io.micronaut.context.annotation.Factory;
import io.micronaut.context.annotation.Primary;
import io.micronaut.core.io.ResourceResolver;
import jakarta.inject.Singleton;
import java.time.InstantSource;

/** What {@link ServedGrpc} needs and the program has from elsewhere. */
@Factory
final class FrameworkBeans {
    /** The clock of a test. */
    record Clock(InstantSource source) {}

    @Primary
    @Singleton
    InstantSource clock(Clock clock) {
        return clock.source();
    }

    /** The HTTP server's module has it. */
    @Singleton
    ResourceResolver resources() {
        return new ResourceResolver();
    }
}
