package dev.holdfast.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.holdfast.application.Outcome;
import dev.holdfast.application.store.BackupFixture;
import dev.holdfast.domain.identity.BackupKey;
import dev.holdfast.domain.operation.Failure;
import dev.holdfast.domain.operation.Operation;
import dev.holdfast.domain.operation.OperationKind;
import dev.holdfast.domain.operation.Result;
import dev.holdfast.domain.problem.Problem;
import dev.holdfast.domain.problem.ProblemException;
import dev.holdfast.grpc.InProcess.Refusal;
import dev.holdfast.grpc.v1.BackupServiceGrpc;
import dev.holdfast.grpc.v1.UploadBackupRequest;
import dev.holdfast.grpc.v1.UploadBackupResponse;
import dev.holdfast.grpc.v1.UploadMetadata;
import io.grpc.CallOptions;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("adapter")
@DisplayNameGeneration(ReplaceUnderscores.class)
class GrpcUploadTest {
    private static final BackupKey KEY = new BackupKey("app_20260413_142530.db");

    private final StubUseCases given = new StubUseCases();
    private final LinkedBlockingQueue<String> asked = new LinkedBlockingQueue<>();
    /** What the operation's thread could read, or why it could not. */
    private final CompletableFuture<ByteString> received = new CompletableFuture<>();

    /** Takes in all that comes, as the use case does: on a thread of the operation's own. */
    private void takesAll() {
        given.upload = (database, filename, content, announced, requester) -> {
            Operation operation = given.operations.begin(OperationKind.UPLOAD);
            asked.add(database + " " + filename + " " + announced);
            var _ = Thread.startVirtualThread(() -> read(operation, content));
            return Outcome.done(operation);
        };
    }

    private void read(Operation operation, InputStream content) {
        try {
            byte[] bytes = content.readAllBytes();
            received.complete(ByteString.copyFrom(bytes));
            given.operations.change(
                    operation,
                    it -> it.succeeded(new Result.Uploaded(BackupFixture.backup(KEY, bytes)), FakeOperations.NOON));
        } catch (ProblemException e) {
            received.completeExceptionally(e);
            given.operations.change(operation, it -> it.failed(Failure.of(e.problem()), FakeOperations.NOON));
        } catch (IOException e) {
            received.completeExceptionally(e);
            given.operations.change(
                    operation,
                    it -> it.failed(
                            Failure.of(new Problem.InvalidArgument("file", "The upload ended before it was complete.")),
                            FakeOperations.NOON));
        }
    }

    @Test
    void what_was_sent_is_taken_in_and_its_size_answered() throws Exception {
        takesAll();
        try (var server = InProcess.serving(given)) {
            var client = new UploadCall(server.channel);
            client.send(metadata(3_000_000));
            ByteString chunk = ByteString.copyFrom(new byte[1_000_000]);
            for (int i = 0; i < 3; i++) {
                client.send(chunk(chunk));
            }
            client.complete();
            UploadBackupResponse answer = client.answer();
            assertThat(answer.getCommittedSize()).isEqualTo(3_000_000);
            assertThat(answer.getBackup().getFilename()).isEqualTo(KEY.value());
            assertThat(received.get(10, TimeUnit.SECONDS).size()).isEqualTo(3_000_000);
            assertThat(asked).containsExactly("shop mine.db 3000000");
        }
    }

    @Test
    void what_is_refused_is_told_before_the_bytes_are_sent() throws Exception {
        given.upload = (database, filename, content, announced, requester) ->
                Outcome.refused(new Problem.UploadTooLarge("At most 5 bytes are taken."));
        try (var server = InProcess.serving(given)) {
            var client = new UploadCall(server.channel);
            client.send(metadata(6));
            Refusal refusal = client.refusal();
            assertThat(refusal.status()).isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
            assertThat(refusal.reason()).isEqualTo("UPLOAD_TOO_LARGE");
        }
    }

    @Test
    void bytes_without_metadata_are_refused() throws Exception {
        try (var server = InProcess.serving(given)) {
            var chunkFirst = new UploadCall(server.channel);
            chunkFirst.send(chunk(ByteString.copyFromUtf8("x")));
            assertThat(chunkFirst.refusal().status()).isEqualTo(Status.Code.INVALID_ARGUMENT);

            var nothing = new UploadCall(server.channel);
            nothing.complete();
            assertThat(nothing.refusal().status()).isEqualTo(Status.Code.INVALID_ARGUMENT);

            var empty = new UploadCall(server.channel);
            empty.send(UploadBackupRequest.getDefaultInstance());
            assertThat(empty.refusal().status()).isEqualTo(Status.Code.INVALID_ARGUMENT);
        }
    }

    @Test
    void metadata_in_the_middle_and_a_chunk_too_large_end_the_upload() throws Exception {
        takesAll();
        try (var server = InProcess.serving(given)) {
            var twice = new UploadCall(server.channel);
            twice.send(metadata(0));
            twice.send(metadata(0));
            assertThat(twice.refusal().status()).isEqualTo(Status.Code.INVALID_ARGUMENT);

            var large = new UploadCall(server.channel);
            large.send(metadata(0));
            large.send(chunk(ByteString.copyFrom(new byte[(1 << 20) + 1])));
            Refusal refusal = large.refusal();
            assertThat(refusal.status()).isEqualTo(Status.Code.INVALID_ARGUMENT);
            assertThat(refusal.text()).isEqualTo("A chunk has 1 to 1048576 bytes; this one has 1048577.");
        }
    }

    @Test
    void other_than_as_many_bytes_as_were_announced_are_not_taken_in() throws Exception {
        takesAll();
        try (var server = InProcess.serving(given)) {
            var fewer = new UploadCall(server.channel);
            fewer.send(metadata(6));
            fewer.send(chunk(ByteString.copyFromUtf8("12345")));
            fewer.complete();
            assertThat(fewer.refusal().status()).isEqualTo(Status.Code.INVALID_ARGUMENT);
            assertThat(received)
                    .failsWithin(Duration.ofSeconds(10))
                    .withThrowableThat()
                    .withMessageContaining("only 5 of 6 bytes");
        }
    }

    @Test
    void more_bytes_than_were_announced_are_not_taken_in() throws Exception {
        takesAll();
        try (var server = InProcess.serving(given)) {
            var more = new UploadCall(server.channel);
            more.send(metadata(6));
            more.send(chunk(ByteString.copyFromUtf8("1234")));
            more.send(chunk(ByteString.copyFromUtf8("567")));
            Refusal refusal = more.refusal();
            assertThat(refusal.status()).isEqualTo(Status.Code.INVALID_ARGUMENT);
            assertThat(refusal.text()).contains("the 6 bytes that the metadata announce");
            assertThat(received).failsWithin(Duration.ofSeconds(10));
        }
    }

    @Test
    void chunks_without_a_byte_are_passed_over_but_not_for_ever() throws Exception {
        takesAll();
        try (var server = InProcess.serving(given)) {
            var last = new UploadCall(server.channel);
            last.send(metadata(0));
            last.send(chunk(ByteString.copyFromUtf8("x")));
            last.send(chunk(ByteString.EMPTY));
            last.complete();
            assertThat(last.answer().getCommittedSize()).isEqualTo(1);

            var nothingElse = new UploadCall(server.channel);
            nothingElse.send(metadata(0));
            for (int i = 0; i < 17; i++) {
                nothingElse.send(chunk(ByteString.EMPTY));
            }
            assertThat(nothingElse.refusal().text()).startsWith("A chunk has 1 to 1048576 bytes");
        }
    }

    @Test
    void an_upload_that_is_cancelled_does_not_wait_for_bytes_any_more() throws Exception {
        takesAll();
        try (var server = InProcess.serving(given)) {
            var client = new UploadCall(server.channel);
            client.send(metadata(0));
            assertThat(asked.poll(10, TimeUnit.SECONDS)).isNotNull();
            var _ = given.operations.cancel("op-1");
            assertThat(received)
                    .failsWithin(Duration.ofSeconds(10))
                    .withThrowableThat()
                    .withMessageContaining("was cancelled");
        }
    }

    @Test
    void a_message_that_cannot_be_read_ends_the_upload() throws Exception {
        takesAll();
        try (var server = InProcess.serving(given)) {
            var answer = new RecordedCall<UploadBackupResponse>();
            StreamObserver<ByteString> upload = ClientCalls.asyncClientStreamingCall(
                    server.channel.newCall(
                            BackupServiceGrpc.getUploadBackupMethod().toBuilder(
                                            new RawMessageMarshaller(),
                                            BackupServiceGrpc.getUploadBackupMethod()
                                                    .getResponseMarshaller())
                                    .build(),
                            CallOptions.DEFAULT),
                    answer.recorder());
            upload.onNext(metadata(0).toByteString());
            assertThat(asked.poll(10, TimeUnit.SECONDS)).isNotNull();
            upload.onNext(ByteString.copyFromUtf8("\377\377\377"));

            assertThat(answer.error()).hasMessageContaining("INVALID_ARGUMENT");
            assertThat(received).failsWithin(Duration.ofSeconds(10));
        }
    }

    @Test
    void a_client_that_goes_away_in_the_middle_fails_its_operation() throws Exception {
        takesAll();
        try (var server = InProcess.serving(given)) {
            var client = new UploadCall(server.channel);
            client.send(metadata(0));
            client.send(chunk(ByteString.copyFromUtf8("x")));
            assertThat(asked.poll(10, TimeUnit.SECONDS)).isNotNull();
            client.call.cancel("no more", null);
            assertThat(received)
                    .failsWithin(Duration.ofSeconds(10))
                    .withThrowableThat()
                    .withMessageContaining("went away");
        }
    }

    @Test
    void a_client_that_falls_silent_is_given_up() throws Exception {
        takesAll();
        try (var server = InProcess.serving(given, Optional.empty(), Duration.ofMillis(200))) {
            var client = new UploadCall(server.channel);
            client.send(metadata(0));
            Refusal refusal = client.refusal();
            assertThat(refusal.status()).isEqualTo(Status.Code.INVALID_ARGUMENT);
            assertThat(received)
                    .failsWithin(Duration.ofSeconds(10))
                    .withThrowableThat()
                    .withMessageContaining("nothing came");
        }
    }

    @Test
    void no_more_is_asked_for_than_has_been_read() throws Exception {
        var content = new CompletableFuture<InputStream>();
        given.upload = (database, filename, bytes, announced, requester) -> {
            content.complete(bytes);
            return Outcome.done(given.operations.begin(OperationKind.UPLOAD));
        };
        try (var server = InProcess.serving(given)) {
            var client = new UploadCall(server.channel);
            client.send(metadata(0));
            InputStream bytes = content.get(10, TimeUnit.SECONDS);
            int sent = 0;
            // In process a message is ready to be sent as soon as the server has asked for it, and not before.
            while (sent < 1000 && client.isReadyWithin(Duration.ofMillis(500))) {
                client.send(chunk(ByteString.copyFromUtf8("x")));
                sent++;
            }
            assertThat(sent).isBetween(1, 20);
            assertThat(bytes.readNBytes(sent)).hasSize(sent);
            assertThat(client.isReadyWithin(Duration.ofSeconds(10))).isTrue();
            client.call.cancel("seen enough", null);
        }
    }

    private static UploadBackupRequest metadata(long size) {
        return UploadBackupRequest.newBuilder()
                .setMetadata(UploadMetadata.newBuilder()
                        .setDatabase("shop")
                        .setFilename("mine.db")
                        .setSize(size))
                .build();
    }

    private static UploadBackupRequest chunk(ByteString bytes) {
        return UploadBackupRequest.newBuilder().setChunk(bytes).build();
    }

    private static final class UploadCall {
        private final RecordedCall<UploadBackupResponse> recorded = new RecordedCall<>();
        private final ClientCallStreamObserver<UploadBackupRequest> call;

        UploadCall(ManagedChannel channel) {
            call = (ClientCallStreamObserver<UploadBackupRequest>)
                    BackupServiceGrpc.newStub(channel).uploadBackup(recorded.recorder());
        }

        boolean isReadyWithin(Duration time) {
            long until = System.nanoTime() + time.toNanos();
            while (!call.isReady() && System.nanoTime() < until) {
                LockSupport.parkNanos(1_000_000);
            }
            return call.isReady();
        }

        void send(UploadBackupRequest message) {
            call.onNext(message);
        }

        void complete() {
            call.onCompleted();
        }

        UploadBackupResponse answer() throws Exception {
            return recorded.answer();
        }

        Refusal refusal() throws Exception {
            return recorded.refusal();
        }
    }
}
