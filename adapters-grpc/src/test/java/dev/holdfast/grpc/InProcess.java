package dev.holdfast.grpc;

import com.google.protobuf.Any;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.rpc.ErrorInfo;
import dev.holdfast.application.access.token.Identification;
import dev.holdfast.grpc.access.GrpcAccess;
import dev.holdfast.grpc.server.GrpcServices;
import dev.holdfast.grpc.server.GrpcSettings;
import dev.holdfast.grpc.v1.BackupServiceGrpc;
import dev.holdfast.grpc.v1.BackupServiceGrpc.BackupServiceBlockingStub;
import dev.holdfast.grpc.v1.DatabaseServiceGrpc;
import dev.holdfast.grpc.v1.DatabaseServiceGrpc.DatabaseServiceBlockingStub;
import dev.holdfast.grpc.v1.OperationServiceGrpc;
import dev.holdfast.grpc.v1.OperationServiceGrpc.OperationServiceBlockingStub;
import io.grpc.ManagedChannel;
import io.grpc.Server;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.inprocess.InProcessChannelBuilder;
import io.grpc.inprocess.InProcessServerBuilder;
import io.grpc.protobuf.StatusProto;
import io.micronaut.scheduling.ScheduledExecutorTaskScheduler;
import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import org.assertj.core.api.Assertions;

/** The services as they are served, without a socket. */
public final class InProcess implements AutoCloseable {
    private static final Duration BOUND = Duration.ofSeconds(30);

    private final GrpcServices services;
    private final ScheduledExecutorService timers;
    private final Server server;
    public final ManagedChannel channel;

    private InProcess(GrpcServices services, ScheduledExecutorService timers, Server server, ManagedChannel channel) {
        this.services = services;
        this.timers = timers;
        this.server = server;
        this.channel = channel;
    }

    public static InProcess serving(StubUseCases useCases) throws IOException {
        return serving(useCases, Optional.empty(), Duration.ofMinutes(2));
    }

    static InProcess serving(StubUseCases useCases, Optional<Identification> identification, Duration silence)
            throws IOException {
        return serving(useCases, identification, silence, InstantSource.fixed(FakeOperations.NOON));
    }

    static InProcess serving(
            StubUseCases useCases, Optional<Identification> identification, Duration silence, InstantSource clock)
            throws IOException {
        var settings = new GrpcSettings("127.0.0.1", 0, Optional.empty(), true, silence);
        ScheduledExecutorService timers = Executors.newScheduledThreadPool(1);
        var services = new GrpcServices(
                new ScheduledExecutorTaskScheduler(timers),
                useCases.all(),
                new GrpcAccess(identification),
                settings,
                clock);
        String name = InProcessServerBuilder.generateName();
        InProcessServerBuilder builder = InProcessServerBuilder.forName(name);
        builder.addServices(List.of(
                services.backups(), services.operations(), services.databases(), services.stores(), services.health()));
        // Interceptors are asked from the last to the first.
        builder.intercept(services.access()).intercept(services.errors());
        services.limit(builder);
        Server server = builder.build().start();
        services.start();
        return new InProcess(
                services, timers, server, InProcessChannelBuilder.forName(name).build());
    }

    BackupServiceBlockingStub backups() {
        return BackupServiceGrpc.newBlockingStub(channel).withDeadlineAfter(BOUND);
    }

    OperationServiceBlockingStub operations() {
        return OperationServiceGrpc.newBlockingStub(channel).withDeadlineAfter(BOUND);
    }

    DatabaseServiceBlockingStub databases() {
        return DatabaseServiceGrpc.newBlockingStub(channel).withDeadlineAfter(BOUND);
    }

    /** What the call is refused with. */
    static Refusal refusal(Runnable call) {
        return Refusal.of(Assertions.catchThrowableOfType(StatusRuntimeException.class, call::run));
    }

    /** An error as a client sees it. */
    record Refusal(Status.Code status, String text, ErrorInfo info, com.google.rpc.Status whole) {
        static Refusal of(StatusRuntimeException e) {
            com.google.rpc.Status whole = StatusProto.fromThrowable(e);
            if (whole == null || whole.getDetailsCount() == 0) {
                throw new AssertionError("no details", e);
            }
            return new Refusal(
                    e.getStatus().getCode(), whole.getMessage(), unpack(whole.getDetails(0), ErrorInfo.class), whole);
        }

        String reason() {
            return info.getReason();
        }

        /** The detail behind the error info. */
        <M extends Message> M detail(Class<M> type) {
            return unpack(whole.getDetails(1), type);
        }
    }

    private static <M extends Message> M unpack(Any any, Class<M> type) {
        try {
            return any.unpack(type);
        } catch (InvalidProtocolBufferException e) {
            throw new AssertionError(e);
        }
    }

    @Override
    public void close() {
        channel.shutdownNow();
        server.shutdownNow();
        services.close();
        timers.shutdownNow();
    }
}
