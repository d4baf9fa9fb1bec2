package dev.holdfast.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.holdfast.application.Outcome;
import dev.holdfast.application.backup.ListBackups;
import dev.holdfast.domain.operation.OperationKind;
import dev.holdfast.grpc.server.GrpcSettings;
import dev.holdfast.grpc.v1.BackupServiceGrpc;
import dev.holdfast.grpc.v1.ListBackupsRequest;
import dev.holdfast.grpc.v1.UploadBackupRequest;
import dev.holdfast.grpc.v1.UploadBackupResponse;
import dev.holdfast.grpc.v1.UploadMetadata;
import io.grpc.ManagedChannel;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A server that ends, over a real socket, while a client has begun an upload and sends no more. */
@Tag("adapter")
@DisplayNameGeneration(ReplaceUnderscores.class)
class StopTest {
    private final StubUseCases given = new StubUseCases();
    private final CompletableFuture<Integer> begun = new CompletableFuture<>();
    private final CompletableFuture<Integer> end = new CompletableFuture<>();
    private ServedGrpc server;
    private ManagedChannel channel;

    @BeforeEach
    void beginAnUpload() throws Exception {
        given.list = (database, size, token) -> Outcome.done(new ListBackups.Page(List.of(), ""));
        given.upload = (database, filename, content, announced, requester) -> {
            var _ = Thread.startVirtualThread(() -> {
                try {
                    begun.complete(content.read());
                    end.complete(content.read());
                } catch (IOException e) {
                    end.completeExceptionally(e);
                }
            });
            return Outcome.done(given.operations.begin(OperationKind.UPLOAD));
        };
        server = ServedGrpc.start(
                new GrpcSettings("127.0.0.1", 0, Optional.empty(), true, Duration.ofHours(1)),
                given.all(),
                Optional.empty(),
                InstantSource.system());
        channel = NettyChannelBuilder.forAddress("127.0.0.1", server.port())
                .usePlaintext()
                .build();
        StreamObserver<UploadBackupRequest> upload =
                BackupServiceGrpc.newStub(channel).uploadBackup(new RecordedCall<UploadBackupResponse>().recorder());
        upload.onNext(UploadBackupRequest.newBuilder()
                .setMetadata(UploadMetadata.getDefaultInstance())
                .build());
        upload.onNext(UploadBackupRequest.newBuilder()
                .setChunk(ByteString.copyFromUtf8("x"))
                .build());
        assertThat(begun).succeedsWithin(Duration.ofSeconds(10)).isEqualTo((int) 'x');
    }

    @AfterEach
    void stop() {
        channel.shutdownNow();
        server.close();
    }

    @Test
    void it_is_told_before_anything_is_taken_away_and_what_stands_still_is_given_up() {
        server.announceStop();

        assertThat(HealthGrpc.newBlockingStub(channel)
                        .withDeadlineAfter(Duration.ofSeconds(30))
                        .check(HealthCheckRequest.getDefaultInstance())
                        .getStatus())
                .isEqualTo(ServingStatus.NOT_SERVING);
        assertThat(end).failsWithin(Duration.ofSeconds(15));
        assertThat(BackupServiceGrpc.newBlockingStub(channel)
                        .withDeadlineAfter(Duration.ofSeconds(30))
                        .listBackups(ListBackupsRequest.getDefaultInstance())
                        .getBackupsCount())
                .isZero();
    }

    @Test
    void whoever_waits_for_bytes_of_a_client_that_was_cut_off_is_let_go() {
        server.close();

        assertThat(end).failsWithin(Duration.ofSeconds(2));
    }
}
