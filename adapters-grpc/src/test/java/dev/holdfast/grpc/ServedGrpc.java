package dev.holdfast.grpc;

import dev.holdfast.application.access.token.Identification;
import dev.holdfast.application.connection.ConnectionLimits;
import dev.holdfast.application.connection.OpenConnections;
import dev.holdfast.grpc.access.GrpcAccess;
import dev.holdfast.grpc.server.GrpcServer;
import dev.holdfast.grpc.server.GrpcSettings;
import dev.holdfast.grpc.service.UseCases;
import io.micronaut.context.ApplicationContext;
import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;

/** The framework's server over a real socket, as the program has it. Its end cuts off what is being answered. */
final class ServedGrpc implements AutoCloseable {
    private static final ConnectionLimits USUAL_LIMITS = ConnectionLimits.of(1_024, 1L << 30);

    private final ApplicationContext context;
    private final GrpcServer server;

    private ServedGrpc(ApplicationContext context, GrpcServer server) {
        this.context = context;
        this.server = server;
    }

    static ServedGrpc start(
            GrpcSettings settings, UseCases useCases, Optional<Identification> identification, InstantSource clock)
            throws IOException {
        return start(settings, useCases, identification, clock, USUAL_LIMITS);
    }

    static ServedGrpc start(
            GrpcSettings settings,
            UseCases useCases,
            Optional<Identification> identification,
            InstantSource clock,
            ConnectionLimits limits)
            throws IOException {
        ApplicationContext context = context(settings, useCases, identification, clock, limits);
        try {
            GrpcServer server = context.getBean(GrpcServer.class);
            server.start();
            return new ServedGrpc(context, server);
        } catch (IOException | RuntimeException e) {
            context.close();
            throw e;
        }
    }

    static ApplicationContext context(
            GrpcSettings settings, UseCases useCases, Optional<Identification> identification, InstantSource clock) {
        return context(settings, useCases, identification, clock, USUAL_LIMITS);
    }

    private static ApplicationContext context(
            GrpcSettings settings,
            UseCases useCases,
            Optional<Identification> identification,
            InstantSource clock,
            ConnectionLimits limits) {
        ApplicationContext context = ApplicationContext.builder()
                .enableDefaultPropertySources(false)
                .deduceEnvironment(false)
                .banner(false)
                .properties(GrpcServer.properties(settings, Duration.ZERO))
                .build();
        context.registerSingleton(new FrameworkBeans.Clock(clock));
        context.registerSingleton(GrpcSettings.class, settings);
        context.registerSingleton(OpenConnections.class, new OpenConnections(limits));
        context.registerSingleton(UseCases.class, useCases);
        context.registerSingleton(GrpcAccess.class, new GrpcAccess(identification));
        return context.start();
    }

    int port() {
        return server.port();
    }

    String address() {
        return server.address();
    }

    void announceStop() {
        server.announceStop();
    }

    @Override
    public void close() {
        server.close();
        context.close();
    }
}
