package dev.holdfast.grpc.server;

import dev.holdfast.grpc.access.AccessInterceptor;
import dev.holdfast.grpc.access.GrpcAccess;
import dev.holdfast.grpc.message.ShortNames;
import dev.holdfast.grpc.problem.GrpcUnexpectedExceptions;
import dev.holdfast.grpc.service.BackupService;
import dev.holdfast.grpc.service.DatabaseService;
import dev.holdfast.grpc.service.IdleTimeout;
import dev.holdfast.grpc.service.OperationService;
import dev.holdfast.grpc.service.StartedOperations;
import dev.holdfast.grpc.service.StoreService;
import dev.holdfast.grpc.service.UseCases;
import io.grpc.BindableService;
import io.grpc.ServerBuilder;
import io.grpc.ServerInterceptors;
import io.grpc.ServerServiceDefinition;
import io.grpc.protobuf.services.ProtoReflectionServiceV1;
import io.micronaut.context.annotation.Factory;
import io.micronaut.scheduling.TaskScheduler;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** The beans that are served, wherever that is. */
@Factory
public final class GrpcServices {
    private static final int MOST_INBOUND_BYTES = 4 << 20;
    private static final int MOST_METADATA_BYTES = 16 << 10;
    private static final Duration HEALTH_EVERY = Duration.ofSeconds(15);
    private static final Duration HEALTH_PATIENCE = Duration.ofSeconds(15);

    private final TaskScheduler scheduler;
    private final GrpcSettings settings;
    private final AccessInterceptor access;
    private final DatabaseHealth health;
    private final IdleTimeout silence;
    private final ServerServiceDefinition backups;
    private final ServerServiceDefinition operations;
    private final ServerServiceDefinition databases;
    private final ServerServiceDefinition stores;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();

    public GrpcServices(
            TaskScheduler scheduler,
            UseCases useCases,
            GrpcAccess callers,
            GrpcSettings settings,
            InstantSource clock) {
        this.scheduler = scheduler;
        this.settings = settings;
        Duration stall = settings.silence();
        silence = new IdleTimeout(stall);
        var started = new StartedOperations(useCases.operations(), clock);
        backups = readHere(new BackupService(useCases, started, stall, silence));
        operations = readHere(new OperationService(useCases.operations(), clock, stall));
        databases = readHere(new DatabaseService(useCases));
        stores = readHere(new StoreService(useCases.confirmStore()));
        health = new DatabaseHealth(useCases.databases(), HEALTH_PATIENCE);
        access = new AccessInterceptor(callers.identification(), useCases.audit(), clock);
    }

    /** As bytes up to here: what cannot be read is then refused like all else that is wrong with a call. */
    private static ServerServiceDefinition readHere(BindableService service) {
        return readHere(service.bindService());
    }

    private static ServerServiceDefinition readHere(ServerServiceDefinition service) {
        return ServerInterceptors.useInputStreamMessages(service);
    }

    @Singleton
    public ServerServiceDefinition backups() {
        return backups;
    }

    @Singleton
    public ServerServiceDefinition operations() {
        return operations;
    }

    @Singleton
    public ServerServiceDefinition databases() {
        return databases;
    }

    @Singleton
    public ServerServiceDefinition stores() {
        return stores;
    }

    @Singleton
    public ServerServiceDefinition health() {
        return readHere(ServerInterceptors.intercept(health.service(), new ShortNames()));
    }

    @Singleton
    public AccessInterceptor access() {
        return access;
    }

    @Singleton
    public GrpcUnexpectedExceptions errors() {
        return new GrpcUnexpectedExceptions();
    }

    /** What holds for all calls, over each transport. */
    public void limit(ServerBuilder<?> server) {
        if (settings.reflection()) {
            server.addService(readHere(ProtoReflectionServiceV1.newInstance()));
        }
        MessageEncodings.addTo(server);
        server.executor(threads).maxInboundMessageSize(MOST_INBOUND_BYTES).maxInboundMetadataSize(MOST_METADATA_BYTES);
    }

    public void start() {
        health.start(
                scheduler,
                List.of(backups, operations, databases, stores).stream()
                        .map(it -> it.getServiceDescriptor().getName())
                        .toList(),
                HEALTH_EVERY);
    }

    /** Nothing is refused yet, but clients should go elsewhere, and uploads that stand still are given up. */
    void announceStop() {
        health.close();
        silence.shorten();
    }

    public void close() {
        health.close();
        silence.end();
        threads.shutdown();
    }
}
