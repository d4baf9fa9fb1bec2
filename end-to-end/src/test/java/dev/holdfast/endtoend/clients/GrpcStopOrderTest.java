package dev.holdfast.endtoend.clients;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.application.access.PemFiles;
import dev.holdfast.endtoend.server.ServerProcess;
import dev.holdfast.endtoend.server.ServerProcess.Options;
import dev.holdfast.endtoend.writers.Bank;
import dev.holdfast.grpc.v1.BackupServiceGrpc;
import dev.holdfast.grpc.v1.CreateBackupRequest;
import dev.holdfast.grpc.v1.ListBackupsRequest;
import dev.holdfast.grpc.v1.Operation;
import dev.holdfast.grpc.v1.OperationServiceGrpc;
import dev.holdfast.grpc.v1.OperationState;
import dev.holdfast.grpc.v1.WaitMode;
import dev.holdfast.grpc.v1.WatchOperationRequest;
import dev.holdfast.grpc.v1.WatchOperationResponse;
import io.grpc.Grpc;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.TlsChannelCredentials;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.health.v1.HealthGrpc;
import java.io.File;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import java.util.Iterator;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What a client with a certificate sees of a server that is stopped while a backup waits for its source. */
@Tag("process")
@DisplayNameGeneration(ReplaceUnderscores.class)
@Timeout(120)
class GrpcStopOrderTest {
    private static final Duration BOUND = Duration.ofSeconds(60);

    @TempDir
    Path directory;

    @Test
    void health_ends_first_then_the_operation_with_its_result_then_the_calls() throws Exception {
        PemFiles.make(directory, "server");
        PemFiles.make(directory, "client");
        Path bank = Bank.create(directory.resolve("app.db"), "DELETE", 1);
        Options options = Options.in(directory.resolve("data")).config(directory.resolve("holdfast.yml"), """
                holdfast:
                  grpc: {tls: {certificate: "%s", private-key: "%s", client-ca: "%s"}}
                  databases: {default: {file: "%s"}}
                """.formatted(
                        file("server.pem"), file("server.key"), file("client.pem"), bank));
        try (ServerProcess server = ServerProcess.start(options);
                Connection application = Bank.open(bank);
                Statement sql = application.createStatement()) {
            ManagedChannel channel = channel(server);
            try {
                Iterator<HealthCheckResponse> health = HealthGrpc.newBlockingStub(channel)
                        .withDeadlineAfter(BOUND)
                        .watch(HealthCheckRequest.getDefaultInstance());
                assertThat(health.next().getStatus()).isEqualTo(ServingStatus.SERVING);
                sql.execute("BEGIN EXCLUSIVE");
                Iterator<WatchOperationResponse> watch = watch(channel, begin(channel));

                var exit = CompletableFuture.supplyAsync(() -> stop(server));

                assertThat(health.next().getStatus()).isEqualTo(ServingStatus.NOT_SERVING);
                list(channel);
                sql.execute("ROLLBACK");
                assertThat(last(watch).getState()).isEqualTo(OperationState.OPERATION_STATE_SUCCEEDED);
                assertThat(exit.get()).isEqualTo(143);
                assertThatThrownBy(() -> list(channel))
                        .isInstanceOfSatisfying(
                                StatusRuntimeException.class,
                                it -> assertThat(it.getStatus().getCode()).isEqualTo(Status.Code.UNAVAILABLE));
                assertThat(server.log()).doesNotContain("ERROR");
            } finally {
                channel.shutdownNow();
            }
        }
    }

    private ManagedChannel channel(ServerProcess server) throws Exception {
        var tls = TlsChannelCredentials.newBuilder()
                .trustManager(new File(file("server.pem")))
                .keyManager(new File(file("client.pem")), new File(file("client.key")))
                .build();
        return Grpc.newChannelBuilderForAddress("127.0.0.1", server.grpcPort(), tls)
                .build();
    }

    private static String begin(ManagedChannel channel) {
        return BackupServiceGrpc.newBlockingStub(channel)
                .withDeadlineAfter(BOUND)
                .createBackup(CreateBackupRequest.newBuilder()
                        .setWait(WaitMode.WAIT_MODE_RETURN_AT_ONCE)
                        .build())
                .getOperation()
                .getId();
    }

    private static Iterator<WatchOperationResponse> watch(ManagedChannel channel, String id) {
        return OperationServiceGrpc.newBlockingStub(channel)
                .withDeadlineAfter(BOUND)
                .watchOperation(WatchOperationRequest.newBuilder().setId(id).build());
    }

    private static Operation last(Iterator<WatchOperationResponse> watch) {
        Operation last = watch.next().getOperation();
        while (watch.hasNext()) {
            last = watch.next().getOperation();
        }
        return last;
    }

    private static void list(ManagedChannel channel) {
        var _ = BackupServiceGrpc.newBlockingStub(channel)
                .withDeadlineAfter(BOUND)
                .listBackups(ListBackupsRequest.getDefaultInstance());
    }

    private static int stop(ServerProcess server) {
        try {
            return server.stop();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private String file(String name) {
        return directory.resolve(name).toString();
    }
}
