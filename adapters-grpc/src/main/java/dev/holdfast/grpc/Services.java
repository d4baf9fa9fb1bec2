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
    private static final Duration HEALTH_PATIENCE = Duration.ofSeconds(15);

    private final List<BindableService> services;
    private final DatabaseHealth health;
    private final AccessInterceptor access;
    private final Silence silence;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();

    /** @param stall how long a client may neither take nor send anything in the middle of a stream */
    Services(UseCases useCases, Optional<Identification> identification, Duration stall, InstantSource clock) {
        silence = new Silence(stall);
        var started = new StartedOperations(useCases.operations(), clock);
        services = List.of(
                new BackupService(useCases, started, stall, silence),
                new OperationService(useCases.operations(), clock, stall),
                new DatabaseService(useCases),
                new StoreService(useCases.confirmStore()));
        health = new DatabaseHealth(useCases.databases(), HEALTH_PATIENCE);
        access = new AccessInterceptor(identification, useCases.audit(), clock);
    }

    /** Interceptors are asked from the last to the first. */
    void addTo(ServerBuilder<?> server, boolean reflection) {
        // As bytes up to here: what cannot be read is then refused like all else that is wrong with a call.
        services.forEach(it -> server.addService(ServerInterceptors.useInputStreamMessages(it.bindService())));
        server.addService(ServerInterceptors.useInputStreamMessages(
                ServerInterceptors.intercept(health.service(), new ShortNames())));
        if (reflection) {
            server.addService(ServerInterceptors.useInputStreamMessages(
                    ProtoReflectionServiceV1.newInstance().bindService()));
        }
        MessageEncodings.addTo(server);
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

    /** Nothing is refused yet, but clients should go elsewhere, and uploads that stand still are given up. */
    void announceStop() {
        health.close();
        silence.shorten();
    }

    @Override
    public void close() {
        health.close();
        silence.end();
        threads.shutdown();
    }
}
