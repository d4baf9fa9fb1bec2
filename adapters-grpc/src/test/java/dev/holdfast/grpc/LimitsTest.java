package dev.holdfast.grpc;

import static dev.holdfast.grpc.InProcess.refusal;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.holdfast.application.access.Identity;
import dev.holdfast.domain.access.Role;
import dev.holdfast.domain.operation.OperationKind;
import dev.holdfast.grpc.InProcess.Refusal;
import dev.holdfast.grpc.access.AccessInterceptor;
import dev.holdfast.grpc.server.GrpcSettings;
import dev.holdfast.grpc.v1.BackupServiceGrpc;
import dev.holdfast.grpc.v1.GetBackupRequest;
import dev.holdfast.grpc.v1.OperationServiceGrpc;
import dev.holdfast.grpc.v1.UploadBackupRequest;
import dev.holdfast.grpc.v1.UploadBackupResponse;
import dev.holdfast.grpc.v1.WatchOperationRequest;
import dev.holdfast.grpc.v1.WatchOperationResponse;
import io.grpc.Context;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.reflection.v1.ServerReflectionGrpc;
import io.grpc.reflection.v1.ServerReflectionRequest;
import io.grpc.reflection.v1.ServerReflectionResponse;
import io.grpc.reflection.v1.ServiceResponse;
import io.grpc.stub.MetadataUtils;
import io.grpc.stub.StreamObserver;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.assertj.core.api.Assertions;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What the server does not let its clients do. */
@Tag("adapter")
@DisplayNameGeneration(ReplaceUnderscores.class)
class LimitsTest {
    private final StubUseCases given = new StubUseCases();

    @Test
    void so_many_operations_are_watched_at_once_and_one_that_is_left_makes_room() throws Exception {
        given.operations.begin(OperationKind.BACKUP, "ann");
        try (var server = InProcess.serving(given)) {
            var watches = new ArrayList<Watch>();
            for (int i = 0; i < 100; i++) {
                var watch = new Watch(server.channel);
                var _ = watch.call.answer();
                watches.add(watch);
            }
            Refusal refusal = new Watch(server.channel).call.refusal();
            assertThat(refusal.status()).isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
            assertThat(refusal.reason()).isEqualTo("TOO_MANY_STREAMS");

            watches.getFirst().leave();
            assertThat(letInWithinTenSeconds(server.channel)).isTrue();
        }
    }

    private static boolean letInWithinTenSeconds(ManagedChannel channel) throws Exception {
        long until = System.nanoTime() + Duration.ofSeconds(10).toNanos();
        while (System.nanoTime() < until) {
            try {
                var _ = new Watch(channel).call.answer();
                return true;
            } catch (StatusRuntimeException _) {
                Thread.onSpinWait();
            }
        }
        return false;
    }

    private static final class Watch {
        private final RecordedCall<WatchOperationResponse> call = new RecordedCall<>();
        private final Context.CancellableContext watching = Context.current().withCancellation();

        Watch(ManagedChannel channel) {
            watching.run(() -> OperationServiceGrpc.newStub(channel)
                    .watchOperation(
                            WatchOperationRequest.newBuilder().setId("op-1").build(), call.recorder()));
        }

        void leave() {
            watching.cancel(null);
        }
    }

    /** Over a socket, where messages are bytes. */
    @Test
    void a_message_that_is_too_large_is_not_taken() throws Exception {
        try (ServedGrpc server = serve(true)) {
            ManagedChannel channel = channel(server);
            try {
                var end = new RecordedCall<UploadBackupResponse>();
                StreamObserver<UploadBackupRequest> upload =
                        BackupServiceGrpc.newStub(channel).uploadBackup(end.recorder());
                upload.onNext(UploadBackupRequest.newBuilder()
                        .setChunk(ByteString.copyFrom(new byte[5 << 20]))
                        .build());
                assertThat(status(end)).isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
            } finally {
                channel.shutdownNow();
            }
        }
    }

    @Test
    void metadata_that_are_too_large_are_not_taken() throws Exception {
        try (ServedGrpc server = serve(true)) {
            ManagedChannel channel = channel(server);
            try {
                var headers = new Metadata();
                headers.put(Metadata.Key.of("much", Metadata.ASCII_STRING_MARSHALLER), "x".repeat(20_000));
                var backups = BackupServiceGrpc.newBlockingStub(channel)
                        .withDeadlineAfter(Duration.ofSeconds(30))
                        .withInterceptors(MetadataUtils.newAttachHeadersInterceptor(headers));
                assertThat(Assertions.catchThrowableOfType(
                                        StatusRuntimeException.class,
                                        () -> backups.getBackup(GetBackupRequest.getDefaultInstance()))
                                .getStatus()
                                .getCode())
                        .isNotIn(Status.Code.OK, Status.Code.DEADLINE_EXCEEDED);
            } finally {
                channel.shutdownNow();
            }
        }
    }

    @Test
    void reflection_names_the_services_unless_it_is_switched_off() throws Exception {
        try (ServedGrpc server = serve(true);
                var client = new Client(server)) {
            assertThat(names(ask(client.channel, new Metadata())))
                    .contains(
                            "holdfast.v1.BackupService",
                            "holdfast.v1.OperationService",
                            "holdfast.v1.DatabaseService",
                            "holdfast.v1.StoreService",
                            "grpc.health.v1.Health");
        }
        try (ServedGrpc server = serve(false);
                var client = new Client(server)) {
            assertThat(status(ask(client.channel, new Metadata()))).isEqualTo(Status.Code.UNIMPLEMENTED);
        }
    }

    @Test
    void reflection_takes_a_role_where_others_do() throws Exception {
        try (var server = InProcess.serving(
                given, Optional.of(token -> Optional.of(new Identity(token, Role.VIEWER))), Duration.ofMinutes(2))) {
            assertThat(status(ask(server.channel, new Metadata()))).isEqualTo(Status.Code.UNAUTHENTICATED);
            var headers = new Metadata();
            headers.put(AccessInterceptor.AUTHORIZATION, "Bearer vera");
            assertThat(names(ask(server.channel, headers))).contains("holdfast.v1.BackupService");
        }
    }

    private static List<String> names(RecordedCall<ServerReflectionResponse> call) throws Exception {
        return call.answer().getListServicesResponse().getServiceList().stream()
                .map(ServiceResponse::getName)
                .toList();
    }

    private static RecordedCall<ServerReflectionResponse> ask(ManagedChannel channel, Metadata headers) {
        var answer = new RecordedCall<ServerReflectionResponse>();
        StreamObserver<ServerReflectionRequest> call = ServerReflectionGrpc.newStub(channel)
                .withInterceptors(MetadataUtils.newAttachHeadersInterceptor(headers))
                .serverReflectionInfo(answer.recorder());
        call.onNext(ServerReflectionRequest.newBuilder().setListServices("").build());
        call.onCompleted();
        return answer;
    }

    private static Status.Code status(RecordedCall<?> call) throws Exception {
        return call.error().getStatus().getCode();
    }

    private record Client(ManagedChannel channel) implements AutoCloseable {
        Client(ServedGrpc server) {
            this(LimitsTest.channel(server));
        }

        @Override
        public void close() {
            channel.shutdownNow();
        }
    }

    private static ManagedChannel channel(ServedGrpc server) {
        return NettyChannelBuilder.forAddress("127.0.0.1", server.port())
                .usePlaintext()
                .build();
    }

    private ServedGrpc serve(boolean reflection) throws Exception {
        return ServedGrpc.start(
                new GrpcSettings("127.0.0.1", 0, Optional.empty(), reflection, Duration.ofMinutes(2)),
                given.all(),
                Optional.empty(),
                InstantSource.system());
    }
}
