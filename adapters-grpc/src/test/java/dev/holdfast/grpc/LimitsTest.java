package dev.holdfast.grpc;

import static dev.holdfast.grpc.InProcess.refusal;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.holdfast.application.access.Identity;
import dev.holdfast.domain.access.Role;
import dev.holdfast.domain.operation.OperationKind;
import dev.holdfast.grpc.InProcess.Refusal;
import dev.holdfast.grpc.v1.BackupServiceGrpc;
import dev.holdfast.grpc.v1.GetBackupRequest;
import dev.holdfast.grpc.v1.OperationServiceGrpc;
import dev.holdfast.grpc.v1.UploadBackupRequest;
import dev.holdfast.grpc.v1.UploadBackupResponse;
import dev.holdfast.grpc.v1.WatchOperationRequest;
import dev.holdfast.grpc.v1.WatchOperationResponse;
import dev.holdfast.testkit.ResponseFuture;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.reflection.v1.ServerReflectionGrpc;
import io.grpc.reflection.v1.ServerReflectionRequest;
import io.grpc.reflection.v1.ServerReflectionResponse;
import io.grpc.reflection.v1.ServiceResponse;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import io.grpc.stub.MetadataUtils;
import io.grpc.stub.StreamObserver;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
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
                watch.first.get(10, TimeUnit.SECONDS);
                watches.add(watch);
            }
            Refusal refusal = new Watch(server.channel).refusal();
            assertThat(refusal.status()).isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
            assertThat(refusal.reason()).isEqualTo("TOO_MANY_STREAMS");

            watches.getFirst().call.join().cancel("seen enough", null);
            assertThat(letInWithinTenSeconds(server.channel)).isTrue();
        }
    }

    private static boolean letInWithinTenSeconds(ManagedChannel channel) throws Exception {
        long until = System.nanoTime() + Duration.ofSeconds(10).toNanos();
        while (System.nanoTime() < until) {
            try {
                new Watch(channel).first.get(10, TimeUnit.SECONDS);
                return true;
            } catch (ExecutionException _) {
                Thread.onSpinWait();
            }
        }
        return false;
    }

    private static final class Watch implements ClientResponseObserver<WatchOperationRequest, WatchOperationResponse> {
        private final CompletableFuture<ClientCallStreamObserver<WatchOperationRequest>> call =
                new CompletableFuture<>();
        private final CompletableFuture<WatchOperationResponse> first = new CompletableFuture<>();

        Watch(ManagedChannel channel) {
            OperationServiceGrpc.newStub(channel)
                    .watchOperation(
                            WatchOperationRequest.newBuilder().setId("op-1").build(), this);
        }

        @Override
        public void beforeStart(ClientCallStreamObserver<WatchOperationRequest> stream) {
            call.complete(stream);
        }

        @Override
        public void onNext(WatchOperationResponse value) {
            first.complete(value);
        }

        @Override
        public void onError(Throwable e) {
            first.completeExceptionally(e);
        }

        @Override
        public void onCompleted() {}

        Refusal refusal() throws Exception {
            try {
                throw new AssertionError("told: " + first.get(10, TimeUnit.SECONDS));
            } catch (ExecutionException e) {
                return Refusal.of((StatusRuntimeException) Objects.requireNonNull(e.getCause()));
            }
        }
    }

    /** Over a socket, where messages are bytes. */
    @Test
    void a_message_that_is_too_large_is_not_taken() throws Exception {
        try (ServedGrpc server = serve(true)) {
            ManagedChannel channel = channel(server);
            try {
                var end = new ResponseFuture<UploadBackupResponse>();
                StreamObserver<UploadBackupRequest> upload =
                        BackupServiceGrpc.newStub(channel).uploadBackup(end);
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
        try (ServedGrpc server = serve(true)) {
            assertThat(names(ask(server)))
                    .contains(
                            "holdfast.v1.BackupService",
                            "holdfast.v1.OperationService",
                            "holdfast.v1.DatabaseService",
                            "holdfast.v1.StoreService",
                            "grpc.health.v1.Health");
        }
        try (ServedGrpc server = serve(false)) {
            assertThat(status(ask(server))).isEqualTo(Status.Code.UNIMPLEMENTED);
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

    private static List<String> names(CompletableFuture<ServerReflectionResponse> answer) throws Exception {
        return answer.get(30, TimeUnit.SECONDS).getListServicesResponse().getServiceList().stream()
                .map(ServiceResponse::getName)
                .toList();
    }

    private static CompletableFuture<ServerReflectionResponse> ask(ServedGrpc server) {
        ManagedChannel channel = channel(server);
        return ask(channel, new Metadata()).whenComplete((_, _) -> channel.shutdownNow());
    }

    private static CompletableFuture<ServerReflectionResponse> ask(ManagedChannel channel, Metadata headers) {
        var answer = new ResponseFuture<ServerReflectionResponse>();
        StreamObserver<ServerReflectionRequest> call = ServerReflectionGrpc.newStub(channel)
                .withInterceptors(MetadataUtils.newAttachHeadersInterceptor(headers))
                .serverReflectionInfo(answer);
        call.onNext(ServerReflectionRequest.newBuilder().setListServices("").build());
        call.onCompleted();
        return answer;
    }

    private static Status.Code status(CompletableFuture<?> answer) throws Exception {
        try {
            throw new AssertionError("answered: " + answer.get(30, TimeUnit.SECONDS));
        } catch (ExecutionException e) {
            return Status.fromThrowable(Objects.requireNonNull(e.getCause())).getCode();
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
