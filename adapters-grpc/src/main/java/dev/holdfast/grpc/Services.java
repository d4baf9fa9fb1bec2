package dev.holdfast.grpc;

import dev.holdfast.application.access.Identification;
import io.grpc.BindableService;
import io.grpc.ServerBuilder;
import io.grpc.ServerInterceptors;
import io.grpc.protobuf.services.ProtoReflectionServiceV1;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** What is served, wherever it is. */
final class Services implements AutoCloseable {
    private static final int MOST_INBOUND_BYTES = 4 << 20;
    private static final int MOST_METADATA_BYTES = 16 << 10;
    private static final Duration HEALTH_EVERY = Duration.ofSeconds(15);

    private final List<BindableService> services;
    private final DatabaseHealth health;
    private final AccessInterceptor access;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();

    Services(UseCases useCases, Optional<Identification> identification, Duration silence, InstantSource clock) {
        var started = new StartedOperations(useCases.operations(), clock);
        services = List.of(
                new BackupService(useCases, started, silence),
                new OperationService(useCases.operations(), clock, silence),
                new DatabaseService(useCases));
        health = new DatabaseHealth(useCases.databases());
        access = new AccessInterceptor(identification);
    }

    /** Interceptors are asked from the last to the first. */
    void addTo(ServerBuilder<?> server, boolean reflection) {
        services.forEach(server::addService);
        server.addService(ServerInterceptors.intercept(health.service(), new ShortNames()));
        if (reflection) {
            server.addService(ProtoReflectionServiceV1.newInstance());
        }
        server.intercept(access)
                .intercept(new UnexpectedExceptions())
                .executor(threads)
                .maxInboundMessageSize(MOST_INBOUND_BYTES)
                .maxInboundMetadataSize(MOST_METADATA_BYTES);
    }

    void start() {
        health.start(
                services.stream()
                        .map(it -> it.bindService().getServiceDescriptor().getName())
                        .toList(),
                HEALTH_EVERY);
    }

    void refuseHealth() {
        health.close();
    }

    @Override
    public void close() {
        health.close();
        threads.shutdown();
    }
}
