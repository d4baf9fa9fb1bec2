package dev.holdfast.grpc;

import static dev.holdfast.grpc.InProcess.refusal;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.holdfast.application.Outcome;
import dev.holdfast.application.operation.CancelledException;
import dev.holdfast.application.store.BackupFixture;
import dev.holdfast.domain.identity.BackupKey;
import dev.holdfast.grpc.InProcess.Refusal;
import dev.holdfast.grpc.server.GrpcSettings;
import dev.holdfast.grpc.v1.BackupServiceGrpc;
import dev.holdfast.grpc.v1.DownloadBackupRequest;
import dev.holdfast.grpc.v1.DownloadBackupResponse;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptor;
import io.grpc.ForwardingClientCall.SimpleForwardingClientCall;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.netty.NettyChannelBuilder;
import java.io.InputStream;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("adapter")
@DisplayNameGeneration(ReplaceUnderscores.class)
class GrpcDownloadTest {
    private static final BackupKey KEY = new BackupKey("app_20260413_142530.db");
    private static final byte[] CONTENT = content(200_000);

    /** A client's window, a chunk that is being sent, and what is ready to be. */
    private static final long MOST_HELD = 512 << 10;

    private final StubUseCases given = new StubUseCases();
    private final StubUseCases.Opened opened = StubUseCases.Opened.of(BackupFixture.backup(KEY, CONTENT), CONTENT);

    private static byte[] content(int size) {
        byte[] content = new byte[size];
        new Random(1).nextBytes(content);
        return content;
    }

    @Test
    void a_download_tells_what_comes_and_then_sends_it_in_small_chunks() throws Exception {
        given.open = (database, filename, work) -> Outcome.done(opened);
        try (var server = InProcess.serving(given)) {
            List<DownloadBackupResponse> parts = download(server, 0, "");
            var header = parts.getFirst().getHeader();
            assertThat(header.getFilename()).isEqualTo(KEY.value());
            assertThat(header.getSize()).isEqualTo(200_000);
            assertThat(header.getSha256())
                    .isEqualTo(BackupFixture.sha256(CONTENT).hex());
            assertThat(header.getEtag()).isEqualTo("\"" + header.getSha256() + "\"");
            assertThat(header.getMediaType()).isEqualTo("application/x-sqlite3");
            assertThat(parts.subList(1, parts.size()))
                    .allSatisfy(it -> assertThat(it.getChunk().size()).isBetween(1, 65_536));
            assertThat(bytes(parts)).isEqualTo(ByteString.copyFrom(CONTENT));
            assertThat(opened.closed().await(10, TimeUnit.SECONDS)).isTrue();
        }
    }

    @Test
    void a_download_begins_at_any_offset_up_to_the_end() throws Exception {
        given.open = (database, filename, work) -> Outcome.done(opened);
        try (var server = InProcess.serving(given)) {
            for (int offset : List.of(1, 65_535, 65_536, 199_999, 200_000)) {
                List<DownloadBackupResponse> parts = download(server, offset, "");
                assertThat(parts.getFirst().getHeader().getOffset()).isEqualTo(offset);
                assertThat(bytes(parts)).isEqualTo(ByteString.copyFrom(CONTENT).substring(offset));
            }
        }
    }

    @Test
    void what_cannot_be_sent_is_refused_and_lets_the_backup_go() throws Exception {
        given.open = (database, filename, work) -> Outcome.done(opened);
        try (var server = InProcess.serving(given)) {
            Refusal negative = refusal(() -> download(server, -1, ""));
            assertThat(negative.status()).isEqualTo(Status.Code.INVALID_ARGUMENT);
            assertThat(opened.closed().getCount()).as("not opened at all").isEqualTo(1);

            Refusal behind = refusal(() -> download(server, 200_001, ""));
            assertThat(behind.status()).isEqualTo(Status.Code.OUT_OF_RANGE);
            assertThat(behind.reason()).isEqualTo("RANGE_NOT_SATISFIABLE");
            assertThat(opened.closed().await(10, TimeUnit.SECONDS)).isTrue();

            Refusal other = refusal(() -> download(server, 10, "\"another\""));
            assertThat(other.status()).isEqualTo(Status.Code.ABORTED);
            assertThat(other.reason()).isEqualTo("PRECONDITION_FAILED");
        }
    }

    @Test
    void a_backup_that_ends_early_is_an_error_and_no_short_success() throws Exception {
        var shorter = new StubUseCases.Opened(
                opened.backup(), 200_001, offset -> opened.bytes().apply(offset), new CountDownLatch(1));
        given.open = (database, filename, work) -> Outcome.done(shorter);
        try (var server = InProcess.serving(given)) {
            assertThat(refusal(() -> download(server, 0, "")).status()).isEqualTo(Status.Code.DATA_LOSS);
            assertThat(shorter.closed().await(10, TimeUnit.SECONDS)).isTrue();
        }
    }

    @Test
    void a_backup_is_not_looked_at_any_more_for_a_client_that_has_gone_away() throws Exception {
        var looking = new CountDownLatch(1);
        var ended = new CompletableFuture<RuntimeException>();
        given.open = (database, filename, work) -> {
            looking.countDown();
            try {
                while (true) {
                    work.advance(1);
                    Thread.onSpinWait();
                }
            } catch (RuntimeException e) {
                ended.complete(e);
                throw e;
            }
        };
        try (ServedGrpc server = serve(Duration.ofMinutes(2));
                var client = new SlowClient(server.port())) {
            assertThat(looking.await(10, TimeUnit.SECONDS)).isTrue();
            client.cancel();
            assertThat(ended.get(10, TimeUnit.SECONDS)).isInstanceOf(CancelledException.class);
        }
    }

    private static List<DownloadBackupResponse> download(InProcess server, long offset, String etag) {
        var parts = new ArrayList<DownloadBackupResponse>();
        server.backups()
                .downloadBackup(DownloadBackupRequest.newBuilder()
                        .setFilename(KEY.value())
                        .setOffset(offset)
                        .setEtag(etag)
                        .build())
                .forEachRemaining(parts::add);
        return parts;
    }

    private static ByteString bytes(List<DownloadBackupResponse> parts) {
        return parts.stream().map(DownloadBackupResponse::getChunk).reduce(ByteString.EMPTY, ByteString::concat);
    }

    /** Over a real socket: a hundred gigabytes, of which the client reads the header alone. */
    @Test
    void a_client_that_reads_no_further_has_the_server_read_no_further() throws Exception {
        var endless = new Endless();
        given.open = (database, filename, work) -> Outcome.done(endless.opened());
        try (ServedGrpc server = serve(Duration.ofMinutes(2));
                var client = new SlowClient(server.port())) {
            client.take(1);
            assertThat(client.next()).matches(DownloadBackupResponse::hasHeader);
            assertThat(endless.stoppedGrowing()).as("bytes read ahead").isBetween(1L, MOST_HELD);
            client.take(100);
            for (int i = 0; i < 100; i++) {
                assertThat(client.next().getChunk().size()).isEqualTo(65_536);
            }
            client.cancel();
            assertThat(endless.closed.await(10, TimeUnit.SECONDS)).isTrue();
        }
    }

    /** What the server holds for a reader is what it has read and the reader has not taken: so much, whatever the size. */
    @Test
    void ten_clients_that_read_slowly_have_the_server_hold_little_for_each() throws Exception {
        var backups = new ConcurrentHashMap<String, Endless>();
        given.open = (database, filename, work) -> Outcome.done(
                backups.computeIfAbsent(filename, _ -> new Endless()).opened());
        var clients = new ArrayList<SlowClient>();
        try (ServedGrpc server = serve(Duration.ofMinutes(2))) {
            for (int i = 0; i < 10; i++) {
                var client = new SlowClient(server.port(), "backup" + i);
                clients.add(client);
                client.take(1);
                assertThat(client.next()).matches(DownloadBackupResponse::hasHeader);
            }
            for (int round = 1; round <= 50; round++) {
                for (SlowClient client : clients) {
                    client.take(1);
                    assertThat(client.next().getChunk().size()).isEqualTo(65_536);
                }
            }
            for (Endless backup : backups.values()) {
                assertThat(backup.stoppedGrowing() - 50 * 65_536L).isBetween(0L, MOST_HELD);
            }
            assertThat(backups).hasSize(10);
            clients.forEach(SlowClient::cancel);
            for (Endless backup : backups.values()) {
                assertThat(backup.closed.await(10, TimeUnit.SECONDS)).isTrue();
            }
        } finally {
            clients.forEach(SlowClient::close);
        }
    }

    @Test
    void a_client_that_takes_nothing_for_long_is_cut_off_and_the_backup_let_go() throws Exception {
        var endless = new Endless();
        given.open = (database, filename, work) -> Outcome.done(endless.opened());
        try (ServedGrpc server = serve(Duration.ofMillis(300));
                var client = new SlowClient(server.port())) {
            client.take(1);
            assertThat(client.next()).matches(DownloadBackupResponse::hasHeader);
            assertThat(endless.closed.await(30, TimeUnit.SECONDS)).isTrue();
            client.take(1_000_000);
            assertThat(client.end().status()).isEqualTo(Status.Code.DEADLINE_EXCEEDED);
            assertThat(client.end().reason()).isEqualTo("STREAM_STALLED");
        }
    }

    private ServedGrpc serve(Duration silence) throws Exception {
        return ServedGrpc.start(
                new GrpcSettings("127.0.0.1", 0, Optional.empty(), true, silence),
                given.all(),
                Optional.empty(),
                InstantSource.system());
    }

    /** Zeros without end; counts what is read. */
    private static final class Endless {
        private static final long SIZE = 100L << 30;
        private final AtomicLong read = new AtomicLong();
        private final CountDownLatch closed = new CountDownLatch(1);

        StubUseCases.Opened opened() {
            return new StubUseCases.Opened(
                    BackupFixture.backup(KEY, new byte[0]),
                    SIZE,
                    offset -> new InputStream() {
                        @Override
                        public int read() {
                            read.incrementAndGet();
                            return 0;
                        }

                        @Override
                        public int read(byte[] into, int at, int length) {
                            read.addAndGet(length);
                            return length;
                        }
                    },
                    closed);
        }

        /** Looks until two looks see the same; a server that reads on and on fails by its sum. */
        long stoppedGrowing() throws InterruptedException {
            long before = -1;
            while (before != read.get() && read.get() < 64L << 20) {
                before = read.get();
                assertThat(closed.await(300, TimeUnit.MILLISECONDS)).isFalse();
            }
            return read.get();
        }
    }

    /** Takes as many messages as it says. */
    private static final class SlowClient implements AutoCloseable {
        private final ManagedChannel channel;
        private final PacedCall pace = new PacedCall();
        private final RecordedCall<DownloadBackupResponse> recorded = new RecordedCall<>();
        private int taken;

        SlowClient(int port) {
            this(port, KEY.value());
        }

        /** Its window is small and does not grow, so that what is on its way is known. */
        SlowClient(int port, String filename) {
            channel = NettyChannelBuilder.forAddress("127.0.0.1", port)
                    .usePlaintext()
                    .flowControlWindow(1 << 16)
                    .build();
            BackupServiceGrpc.newStub(channel)
                    .withInterceptors(pace)
                    .downloadBackup(
                            DownloadBackupRequest.newBuilder()
                                    .setFilename(filename)
                                    .build(),
                            recorded.recorder());
        }

        void take(int messages) {
            pace.call.join().request(messages);
        }

        DownloadBackupResponse next() throws Exception {
            return recorded.message(taken++);
        }

        Refusal end() throws Exception {
            return recorded.refusal();
        }

        void cancel() {
            pace.call.join().cancel("enough", null);
        }

        @Override
        public void close() {
            channel.shutdownNow();
        }
    }

    /** Has the stub ask for no messages: the test does. */
    private static final class PacedCall implements ClientInterceptor {
        private final CompletableFuture<ClientCall<?, ?>> call = new CompletableFuture<>();

        @Override
        public <Q, R> ClientCall<Q, R> interceptCall(MethodDescriptor<Q, R> method, CallOptions options, Channel next) {
            return new SimpleForwardingClientCall<>(next.newCall(method, options)) {
                @Override
                public void start(Listener<R> listener, Metadata headers) {
                    super.start(listener, headers);
                    call.complete(delegate());
                }

                @Override
                public void request(int messages) {}
            };
        }
    }
}
