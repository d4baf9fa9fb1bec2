package dev.holdfast.endtoend.floods;

import static dev.holdfast.testkit.Http2Frames.CONTINUATION;
import static dev.holdfast.testkit.Http2Frames.DATA;
import static dev.holdfast.testkit.Http2Frames.END_HEADERS;
import static dev.holdfast.testkit.Http2Frames.END_STREAM;
import static dev.holdfast.testkit.Http2Frames.ENHANCE_YOUR_CALM;
import static dev.holdfast.testkit.Http2Frames.HEADERS;
import static dev.holdfast.testkit.Http2Frames.PING;
import static dev.holdfast.testkit.Http2Frames.frame;
import static dev.holdfast.testkit.Http2Frames.headersOfCall;
import static dev.holdfast.testkit.Http2Frames.reset;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.endtoend.server.ServerProcess;
import dev.holdfast.endtoend.server.ServerProcess.Options;
import dev.holdfast.testkit.Http2Frames;
import dev.holdfast.testkit.TestScale;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalInt;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Floods of clients that have not signed in. The frames are written by hand, so that the tests hold for any server. Prints
 * what it measures, and judges the time only in a soak, where the machine does nothing else.
 */
@Tag("process")
@DisplayNameGeneration(ReplaceUnderscores.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Timeout(600)
class GrpcFloodsTest {
    private static final HttpClient HTTP = HttpClient.newHttpClient();
    private static final int ATTACKERS = 4;
    private static final int SECONDS = TestScale.of(1, 60);
    private static final Duration SPAN = Duration.ofSeconds(SECONDS);
    private static final Duration USUAL = Duration.ofSeconds(TestScale.of(0, 10));
    private static final Duration MAX_CPU = Duration.ofSeconds(1);

    /** Of an attacker who comes again: each connection may begin 200 calls before its resets are too many. */
    private static final Duration MAX_CPU_OF_A_CONNECTION = Duration.ofMillis(5);

    private static final Duration MAX_DELAY = Duration.ofMillis(200);
    /** The time after which an attacker whose connection was closed comes again. */
    private static final Duration RECONNECT = Duration.ofMillis(100);

    private static final int INVALID_ARGUMENT = 3;
    private static final int MAX_RESETS = 200;
    private static final byte[] CALL = headersOfCall("/holdfast.v1.BackupService/ListBackups");

    private ServerProcess server;

    @BeforeAll
    void start(@TempDir Path folder) throws Exception {
        server = ServerProcess.start(Options.in(folder.resolve("data")).env("HOLDFAST_AUTH_ENABLED", "true"));
    }

    @AfterAll
    void stop() {
        server.close();
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 16})
    void header_blocks_in_endless_small_pieces_end_the_connection(int size) throws Exception {
        try (var client = Http2Frames.connect(server.grpcPort())) {
            client.send(frame(HEADERS, 0, 1, CALL));
            client.send(repeated(frame(CONTINUATION, 0, 1, new byte[size]), 1000));
            assertThat(client.readToEnd()).hasValue(ENHANCE_YOUR_CALM);
        }
        assertThatServerAnswers();
    }

    @Test
    void a_header_block_without_an_end_is_not_collected() throws Exception {
        try (var client = Http2Frames.connect(server.grpcPort())) {
            client.send(frame(HEADERS, 0, 1, CALL));
            try {
                client.send(repeated(frame(CONTINUATION, 0, 1, new byte[16_384]), 1000));
            } catch (IOException _) {
                // closed meanwhile, which is as good
            }
            client.readToEnd();
        }
        assertThatServerAnswers();
    }

    @Test
    void a_header_block_in_a_few_pieces_is_read() throws Exception {
        try (var client = Http2Frames.connect(server.grpcPort())) {
            int third = CALL.length / 3;
            client.send(
                    frame(HEADERS, 0, 1, Arrays.copyOf(CALL, third)),
                    frame(CONTINUATION, 0, 1, Arrays.copyOfRange(CALL, third, 2 * third)),
                    frame(CONTINUATION, 0, 1),
                    frame(CONTINUATION, END_HEADERS, 1, Arrays.copyOfRange(CALL, 2 * third, CALL.length)));
            assertThat(client.readUntil(HEADERS).remaining()).isPositive();
        }
    }

    @Test
    void more_than_200_resets_in_30_s_end_the_connection() throws Exception {
        try (var client = Http2Frames.connect(server.grpcPort())) {
            client.send(resets(1, MAX_RESETS));
            client.send(frame(PING, 0, 0, new byte[8]));
            assertThat(client.readUntil(PING).remaining()).isEqualTo(8);

            client.send(resets(1 + 2 * MAX_RESETS, 1));
            assertThat(client.readToEnd()).hasValue(ENHANCE_YOUR_CALM);
        }
        assertThatServerAnswers();
    }

    @Test
    void a_message_that_is_flagged_as_compressed_without_an_encoding_is_the_clients_fault() throws Exception {
        byte[] health = headersOfCall("/grpc.health.v1.Health/Check");
        byte[] flagged = {1, 0, 0, 0, 0};
        try (var client = Http2Frames.connect(server.grpcPort())) {
            client.send(frame(HEADERS, END_HEADERS, 1, health), frame(DATA, END_STREAM, 1, flagged));

            String answer = US_ASCII.decode(client.readUntil(HEADERS)).toString();

            assertThat(answer).contains("grpc-status\u0001" + INVALID_ARGUMENT);
        }
    }

    /** Each sends its frames as fast as the server reads them. */
    private enum Flood {
        EMPTY_CONTINUATIONS {
            @Override
            void send(Http2Frames client, AtomicLong frames) throws IOException {
                client.send(frame(HEADERS, 0, 1, CALL));
                byte[] pieces = repeated(frame(CONTINUATION, 0, 1), 7000);
                while (!Thread.interrupted()) {
                    client.send(pieces);
                    frames.addAndGet(7000);
                }
            }
        },
        RAPID_RESETS {
            @Override
            void send(Http2Frames client, AtomicLong frames) throws IOException {
                for (int stream = 1; !Thread.interrupted(); stream += 2000) {
                    client.send(resets(stream, 1000));
                    frames.addAndGet(2000);
                }
            }
        };

        abstract void send(Http2Frames client, AtomicLong frames) throws IOException;
    }

    /** What an attacker does whose connection the server has closed. */
    private enum Comeback {
        NEVER,
        SOON
    }

    @ParameterizedTest
    @CsvSource({
        "EMPTY_CONTINUATIONS, NEVER",
        "EMPTY_CONTINUATIONS, SOON",
        "RAPID_RESETS, NEVER",
        "RAPID_RESETS, SOON",
    })
    void a_flood_costs_little_and_other_calls_are_answered_meanwhile(Flood flood, Comeback comeback) throws Exception {
        callAgainAndAgain(USUAL); // a new server compiles what it runs
        Calls usual = callAgainAndAgain(USUAL);
        var connections = new Connections();
        Calls during;
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<?>> attackers = new ArrayList<>();
            for (int i = 0; i < ATTACKERS; i++) {
                attackers.add(threads.submit(() -> attack(flood, comeback, connections, threads)));
            }
            during = callAgainAndAgain(SPAN);
            connections.over = true;
            for (Future<?> attacker : attackers) {
                attacker.cancel(true);
            }
        }
        Duration cpu =
                during.cpu().minus(usual.cpu().multipliedBy(during.count()).dividedBy(usual.count()));

        System.out.printf(
                "%s, %s again, for %d s: %d ms of CPU and %d ms for the other calls, %d of %d connections got GOAWAY"
                        + " ENHANCE_YOUR_CALM, %d attackers failed, %,d frames sent, slowest other call %d ms (usually %d)%n",
                flood,
                comeback,
                SPAN.toSeconds(),
                cpu.toMillis(),
                during.cpu().minus(cpu).toMillis(),
                connections.calmed.get(),
                connections.begun.get(),
                connections.failed.get(),
                connections.frames.get(),
                during.slowest().toMillis(),
                usual.slowest().toMillis());
        assertThat(connections.calmed.get()).isPositive();
        assertThat(connections.failed.get()).as("attackers that ended early").isZero();
        if (TestScale.of(0, 1) == 1) {
            Duration most = MAX_CPU_OF_A_CONNECTION.multipliedBy(connections.begun.get());
            assertThat(cpu).isLessThan(comeback == Comeback.NEVER ? MAX_CPU : most);
            assertThat(during.slowest()).isLessThan(usual.slowest().plus(MAX_DELAY));
        }
    }

    /** What became of all connections of the attackers. */
    private static final class Connections {
        final AtomicLong begun = new AtomicLong();
        final AtomicLong calmed = new AtomicLong();
        final AtomicLong frames = new AtomicLong();
        final AtomicLong failed = new AtomicLong();
        volatile boolean over;
    }

    /** Ends when it is interrupted, or after its only connection. */
    private void attack(Flood flood, Comeback comeback, Connections connections, ExecutorService threads) {
        try {
            do {
                connectOnce(flood, connections, threads);
                Thread.sleep(RECONNECT);
            } while (comeback == Comeback.SOON);
        } catch (IOException | ExecutionException _) {
            if (!connections.over) {
                connections.failed.incrementAndGet();
            }
        } catch (InterruptedException _) {
            // the end of the test
        }
    }

    private void connectOnce(Flood flood, Connections connections, ExecutorService threads)
            throws IOException, ExecutionException, InterruptedException {
        try (var client = Http2Frames.connect(server.grpcPort())) {
            connections.begun.incrementAndGet();
            Future<OptionalInt> end = threads.submit(client::readToEnd);
            try {
                flood.send(client, connections.frames);
            } catch (IOException _) {
                // the server has closed it
            }
            if (end.get().equals(OptionalInt.of(ENHANCE_YOUR_CALM))) {
                connections.calmed.incrementAndGet();
            }
        }
    }

    /** The server's own time, in all its threads. */
    private Duration cpuTime() {
        return ProcessHandle.of(server.pid())
                .flatMap(it -> it.info().totalCpuDuration())
                .orElseThrow();
    }

    /** @param cpu of the server meanwhile, for whatever it does */
    private record Calls(int count, Duration slowest, Duration cpu) {}

    private Calls callAgainAndAgain(Duration span) throws Exception {
        long end = System.nanoTime() + span.toNanos();
        Duration before = cpuTime();
        Duration slowest = Duration.ZERO;
        int count = 0;
        do {
            long begin = System.nanoTime();
            assertThatServerAnswers();
            count++;
            Duration took = Duration.ofNanos(System.nanoTime() - begin);
            slowest = took.compareTo(slowest) > 0 ? took : slowest;
            LockSupport.parkNanos(Duration.ofMillis(20).toNanos());
        } while (System.nanoTime() < end);
        return new Calls(count, slowest, cpuTime().minus(before));
    }

    /** A call of each API on a connection of its own. */
    private void assertThatServerAnswers() throws Exception {
        try (var client = Http2Frames.connect(server.grpcPort())) {
            client.send(frame(HEADERS, END_HEADERS, 1, CALL));
            assertThat(client.readUntil(HEADERS).remaining()).isPositive();
        }
        URI liveness = server.address().resolve("/health/liveness");
        assertThat(HTTP.send(HttpRequest.newBuilder(liveness).build(), HttpResponse.BodyHandlers.ofString())
                        .statusCode())
                .isEqualTo(200);
    }

    private static byte[] repeated(byte[] frame, int count) {
        var all = new ByteArrayOutputStream();
        for (int i = 0; i < count; i++) {
            all.writeBytes(frame);
        }
        return all.toByteArray();
    }

    private static byte[] resets(int firstStream, int count) {
        var all = new ByteArrayOutputStream();
        for (int i = 0; i < count; i++) {
            int stream = firstStream + 2 * i;
            all.writeBytes(frame(HEADERS, END_HEADERS, stream, CALL));
            all.writeBytes(reset(stream));
        }
        return all.toByteArray();
    }
}
