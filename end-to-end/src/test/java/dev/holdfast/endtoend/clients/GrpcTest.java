package dev.holdfast.endtoend.clients;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.rpc.ErrorInfo;
import dev.holdfast.endtoend.server.Command;
import dev.holdfast.endtoend.server.Eventually;
import dev.holdfast.endtoend.server.GrpcApi;
import dev.holdfast.endtoend.server.ServerProcess;
import dev.holdfast.endtoend.server.ServerProcess.Options;
import dev.holdfast.endtoend.writers.Bank;
import dev.holdfast.grpc.v1.Backup;
import dev.holdfast.grpc.v1.BackupServiceGrpc;
import dev.holdfast.grpc.v1.BackupServiceGrpc.BackupServiceBlockingStub;
import dev.holdfast.grpc.v1.CreateBackupRequest;
import dev.holdfast.grpc.v1.DatabaseServiceGrpc;
import dev.holdfast.grpc.v1.DownloadBackupRequest;
import dev.holdfast.grpc.v1.DownloadBackupResponse;
import dev.holdfast.grpc.v1.GetBackupRequest;
import dev.holdfast.grpc.v1.GetOperationRequest;
import dev.holdfast.grpc.v1.ListBackupsRequest;
import dev.holdfast.grpc.v1.ListDatabasesRequest;
import dev.holdfast.grpc.v1.ListOperationsRequest;
import dev.holdfast.grpc.v1.Operation;
import dev.holdfast.grpc.v1.OperationServiceGrpc;
import dev.holdfast.grpc.v1.OperationServiceGrpc.OperationServiceBlockingStub;
import dev.holdfast.grpc.v1.OperationState;
import dev.holdfast.grpc.v1.Origin;
import dev.holdfast.grpc.v1.RestoreBackupRequest;
import dev.holdfast.grpc.v1.UploadBackupRequest;
import dev.holdfast.grpc.v1.UploadBackupResponse;
import dev.holdfast.grpc.v1.UploadMetadata;
import dev.holdfast.grpc.v1.VerifyBackupRequest;
import dev.holdfast.grpc.v1.WaitMode;
import dev.holdfast.grpc.v1.WatchOperationRequest;
import dev.holdfast.grpc.v1.WatchOperationResponse;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.protobuf.StatusProto;
import io.grpc.stub.MetadataUtils;
import io.grpc.stub.StreamObserver;
import io.grpc.testing.StreamRecorder;
import java.io.ByteArrayOutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The generated client against the real server. */
@Tag("process")
@Tag("slow")
@DisplayNameGeneration(ReplaceUnderscores.class)
@SuppressWarnings("deprecation") // The library deprecates its recorder for anything but tests.
class GrpcTest {
    @TempDir
    Path directory;

    @Test
    void a_client_does_over_grpc_all_that_a_backup_is_for() throws Exception {
        try (ServerProcess server = ServerProcess.start(Options.in(directory.resolve("data")));
                var channel = new Channel(server.grpcPort())) {
            BackupServiceBlockingStub backups = channel.backups();
            Backup made = backups.createBackup(CreateBackupRequest.newBuilder()
                            .setRequestId("once")
                            .build())
                    .getBackup();
            assertThat(made.getFilename()).matches("app_\\d{8}_\\d{6}\\.db");
            assertThat(made.getOrigin()).isEqualTo(Origin.ORIGIN_MANUAL);
            assertThat(backups.createBackup(CreateBackupRequest.newBuilder()
                                    .setRequestId("once")
                                    .build())
                            .getBackup())
                    .isEqualTo(made);
            assertThat(backups.listBackups(ListBackupsRequest.getDefaultInstance())
                            .getBackupsList())
                    .containsExactly(made);
            assertThat(backups.getBackup(GetBackupRequest.newBuilder()
                                    .setFilename(made.getFilename())
                                    .build())
                            .getBackup())
                    .isEqualTo(made);

            byte[] bytes = download(backups, made.getFilename(), 0);
            assertThat(bytes).hasSize(Math.toIntExact(made.getSize()));
            Path file = Files.write(directory.resolve("downloaded.db"), bytes);
            try (var connection = Bank.open(file)) {
                assertThat(Bank.number(connection, "SELECT count(*) FROM note")).isEqualTo(2);
            }
            byte[] tail = download(backups, made.getFilename(), 5000);
            assertThat(ByteString.copyFrom(tail))
                    .isEqualTo(ByteString.copyFrom(bytes).substring(5000));

            Operation started = backups.restoreBackup(RestoreBackupRequest.newBuilder()
                            .setFilename(made.getFilename())
                            .setWait(WaitMode.WAIT_MODE_RETURN_AT_ONCE)
                            .build())
                    .getOperation();
            List<Operation> told = watch(channel.operations(), started.getId());
            assertThat(told.getLast().getState()).isEqualTo(OperationState.OPERATION_STATE_SUCCEEDED);
            assertThat(told.getLast().getResult().getRestored().getRestoredFrom())
                    .isEqualTo(made.getFilename());
            assertThat(told.getLast().getResult().getRestored().hasSafetyBackup())
                    .isTrue();
            assertThat(channel.operations()
                            .getOperation(GetOperationRequest.newBuilder()
                                    .setId(started.getId())
                                    .build())
                            .getOperation())
                    .isEqualTo(told.getLast());

            UploadBackupResponse uploaded = upload(channel, "app_20200102_030405.db", bytes);
            assertThat(uploaded.getCommittedSize()).isEqualTo(bytes.length);
            assertThat(uploaded.getBackup().getSha256()).isEqualTo(made.getSha256());
            assertThat(uploaded.getBackup().getFilename()).isEqualTo("app_20200102_030405.db");

            var databases = DatabaseServiceGrpc.newBlockingStub(channel.channel)
                    .listDatabases(ListDatabasesRequest.getDefaultInstance())
                    .getDatabasesList();
            assertThat(databases).singleElement().satisfies(it -> {
                assertThat(it.getName()).isEqualTo("default");
                assertThat(it.getBackupCount()).isEqualTo(3);
            });
            assertThat(HealthGrpc.newBlockingStub(channel.channel)
                            .check(HealthCheckRequest.newBuilder()
                                    .setService("default")
                                    .build())
                            .getStatus())
                    .isEqualTo(ServingStatus.SERVING);
            assertThat(server.stop()).as(server.log()).isEqualTo(143);
            assertThat(server.log()).doesNotContain("WARNING", "ERROR");
        }
    }

    @Test
    void a_certificate_that_is_none_ends_the_start_with_one_line() throws Exception {
        Path none = Files.writeString(directory.resolve("none.pem"), "not a certificate");
        ServerProcess.Ended ended = ServerProcess.run(Options.in(directory.resolve("data"))
                .config(
                        directory.resolve("holdfast.yml"),
                        "holdfast: {grpc: {tls: {certificate: \"%s\", private-key: \"%s\"}}}".formatted(none, none)));
        assertThat(ended.code()).isEqualTo(1);
        assertThat(ended.err().lines().filter(it -> it.startsWith("holdfast:")))
                .singleElement()
                .asString()
                .startsWith("holdfast: holdfast.grpc.tls: " + none + " (expected: a certificate and its private key");
    }

    @Test
    void a_server_that_stops_gives_up_an_upload_that_stands_still() throws Exception {
        try (ServerProcess server = ServerProcess.start(Options.in(directory.resolve("data")));
                var channel = new Channel(server.grpcPort())) {
            StreamRecorder<UploadBackupResponse> end = StreamRecorder.create();
            StreamObserver<UploadBackupRequest> upload =
                    BackupServiceGrpc.newStub(channel.channel).uploadBackup(end);
            upload.onNext(UploadBackupRequest.newBuilder()
                    .setMetadata(UploadMetadata.newBuilder().setFilename("mine.db"))
                    .build());
            var _ = Eventually.get(
                    () -> channel.operations().listOperations(ListOperationsRequest.getDefaultInstance()),
                    it -> it.getOperationsCount() == 1);

            assertThat(server.stop()).as(server.log()).isEqualTo(143);

            // By its own error, not by what the stop does with what does not end.
            assertThat(end.awaitCompletion(10, TimeUnit.SECONDS)).isTrue();
            assertThat(end.getError()).hasMessageContaining("(0 bytes came)");
            assertThat(server.log()).doesNotContain("still run at the stop", "interrupted", "ERROR");
        }
    }

    @Test
    void a_client_that_goes_away_in_the_middle_of_a_download_lets_the_backup_go() throws Exception {
        Path bank = Bank.create(directory.resolve("app.db"), "WAL", 20);
        try (ServerProcess server = ServerProcess.start(Options.in(directory.resolve("data"))
                        .config(
                                directory.resolve("holdfast.yml"),
                                "holdfast: {databases: {default: {file: \"%s\"}}}".formatted(bank)));
                var api = new GrpcApi(server.grpcPort(), "")) {
            String backup = String.valueOf(api.create("default", "").get("filename"));
            try (var _ = api.holdOpen("default", backup)) {
                assertThat(api.delete("default", backup)).containsEntry("code", "backup-in-use");
            }
            var _ = Eventually.get(() -> api.delete("default", backup), Map::isEmpty);
            assertThat(api.find("default", backup)).containsEntry("code", "backup-not-found");
            assertThat(server.stop()).as(server.log()).isEqualTo(143);
            assertThat(server.log()).doesNotContain("WARN", "ERROR", "Exception");
        }
    }

    @Test
    void tokens_and_roles_are_those_of_rest() throws Exception {
        Path data = directory.resolve("data");
        try (ServerProcess server =
                        ServerProcess.start(Options.in(data).withDatabase().env("HOLDFAST_AUTH_ENABLED", "true"));
                var channel = new Channel(server.grpcPort())) {
            assertRefused(channel.backups(), Status.Code.UNAUTHENTICATED, "UNAUTHENTICATED");
            assertRefused(channel.backups("Bearer made-up"), Status.Code.UNAUTHENTICATED, "UNAUTHENTICATED");

            String viewer = "Bearer "
                    + Command.run(data, "", "token", "create", "--name", "look", "--role", "viewer")
                            .strip();
            assertThat(channel.backups(viewer)
                            .listBackups(ListBackupsRequest.getDefaultInstance())
                            .getBackupsList())
                    .isEmpty();
            assertRefused(channel.backups(viewer), Status.Code.PERMISSION_DENIED, "PERMISSION_DENIED");

            String operator = "Bearer "
                    + Command.run(data, "", "token", "create", "--name", "work", "--role", "operator")
                            .strip();
            Backup made = channel.backups(operator)
                    .createBackup(CreateBackupRequest.getDefaultInstance())
                    .getBackup();
            assertThat(channel.backups(operator)
                            .verifyBackup(VerifyBackupRequest.newBuilder()
                                    .setFilename(made.getFilename())
                                    .build())
                            .getVerified()
                            .getFilename())
                    .isEqualTo(made.getFilename());

            Command.run(data, "", "token", "revoke", "work");
            assertRefused(channel.backups(operator), Status.Code.UNAUTHENTICATED, "UNAUTHENTICATED");
        }
    }

    private static void assertRefused(BackupServiceBlockingStub backups, Status.Code code, String reason) {
        assertThatThrownBy(() -> backups.createBackup(CreateBackupRequest.getDefaultInstance()))
                .isInstanceOfSatisfying(StatusRuntimeException.class, it -> {
                    assertThat(it.getStatus().getCode()).isEqualTo(code);
                    assertThat(reason(it)).isEqualTo(reason);
                });
    }

    private static String reason(StatusRuntimeException e) {
        try {
            return Objects.requireNonNull(StatusProto.fromThrowable(e))
                    .getDetails(0)
                    .unpack(ErrorInfo.class)
                    .getReason();
        } catch (InvalidProtocolBufferException wrong) {
            throw new AssertionError(wrong);
        }
    }

    private static byte[] download(BackupServiceBlockingStub backups, String filename, long offset) {
        Iterator<DownloadBackupResponse> parts = backups.downloadBackup(DownloadBackupRequest.newBuilder()
                .setFilename(filename)
                .setOffset(offset)
                .build());
        assertThat(parts.next().getHeader().getOffset()).isEqualTo(offset);
        var bytes = new ByteArrayOutputStream();
        parts.forEachRemaining(it -> bytes.writeBytes(it.getChunk().toByteArray()));
        return bytes.toByteArray();
    }

    private static List<Operation> watch(OperationServiceBlockingStub operations, String id) {
        var told = new ArrayList<Operation>();
        operations
                .watchOperation(WatchOperationRequest.newBuilder().setId(id).build())
                .forEachRemaining((WatchOperationResponse it) -> told.add(it.getOperation()));
        return told;
    }

    private static UploadBackupResponse upload(Channel channel, String filename, byte[] bytes) throws Exception {
        StreamRecorder<UploadBackupResponse> answer = StreamRecorder.create();
        StreamObserver<UploadBackupRequest> upload =
                BackupServiceGrpc.newStub(channel.channel).uploadBackup(answer);
        upload.onNext(UploadBackupRequest.newBuilder()
                .setMetadata(UploadMetadata.newBuilder().setFilename(filename).setSize(bytes.length))
                .build());
        for (int at = 0; at < bytes.length; at += 1000) {
            upload.onNext(UploadBackupRequest.newBuilder()
                    .setChunk(ByteString.copyFrom(bytes, at, Math.min(1000, bytes.length - at)))
                    .build());
        }
        upload.onCompleted();
        assertThat(answer.awaitCompletion(30, TimeUnit.SECONDS)).isTrue();
        assertThat(answer.getError()).isNull();
        return answer.getValues().getFirst();
    }

    private static final class Channel implements AutoCloseable {
        private final ManagedChannel channel;

        Channel(int port) {
            channel = NettyChannelBuilder.forAddress("127.0.0.1", port)
                    .usePlaintext()
                    .build();
        }

        BackupServiceBlockingStub backups() {
            return BackupServiceGrpc.newBlockingStub(channel).withDeadlineAfter(Duration.ofSeconds(60));
        }

        BackupServiceBlockingStub backups(String authorization) {
            var headers = new Metadata();
            headers.put(Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER), authorization);
            return backups().withInterceptors(MetadataUtils.newAttachHeadersInterceptor(headers));
        }

        OperationServiceBlockingStub operations() {
            return OperationServiceGrpc.newBlockingStub(channel).withDeadlineAfter(Duration.ofSeconds(60));
        }

        @Override
        public void close() {
            channel.shutdownNow();
        }
    }
}
