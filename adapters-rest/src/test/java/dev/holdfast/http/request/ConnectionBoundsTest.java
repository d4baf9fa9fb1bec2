package dev.holdfast.http.request;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.util.stream.IntStream.range;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.application.connection.ConnectionLimits;
import dev.holdfast.application.connection.OpenConnections;
import dev.holdfast.http.access.AccessServerFixture;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Clients that have not signed in, over raw sockets. */
@Tag("adapter")
@DisplayNameGeneration(ReplaceUnderscores.class)
@Timeout(60)
class ConnectionBoundsTest {
    private static final Duration LONG = Duration.ofMinutes(5);
    private static final Duration SHORT = Duration.ofMillis(200);
    private static final long MUCH = 64 << 20;
    private static final String PROBE = "GET /health/liveness HTTP/1.1\r\nHost: localhost\r\n\r\n";

    private final List<Socket> sockets = new ArrayList<>();
    private final Semaphore asked = new Semaphore(0);
    private final CountDownLatch answering = new CountDownLatch(1);
    /** Of a test that needs one. */
    private @Nullable AccessServerFixture server;

    private void start(ConnectionLimits limits) {
        server = AccessServerFixture.start(true, (context, _) -> {
            context.registerSingleton(OpenConnections.class, new OpenConnections(limits));
            context.registerSingleton(SlowAnswer.class, new SlowAnswer(asked, answering));
        });
    }

    @AfterEach
    void stop() throws IOException {
        answering.countDown();
        for (Socket socket : sockets) {
            socket.close();
        }
        if (server != null) {
            server.close();
        }
    }

    /** @param last of the client's address on loopback */
    private Socket connect(int last) throws IOException {
        var socket = new Socket();
        sockets.add(socket);
        socket.bind(new InetSocketAddress(InetAddress.getByName("127.0.0." + last), 0));
        socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), Objects.requireNonNull(server).port));
        socket.setSoTimeout(30_000);
        return socket;
    }

    private static void send(Socket socket, String text) throws IOException {
        socket.getOutputStream().write(text.getBytes(ISO_8859_1));
    }

    /** Also after a reset, which a client sees that is still sending. */
    private static boolean isEnded(Socket socket) {
        try {
            return socket.getInputStream().read() < 0;
        } catch (SocketTimeoutException _) {
            return false;
        } catch (IOException _) {
            return true;
        }
    }

    private static void awaitEnded(List<Socket> sockets, int atLeast) throws IOException {
        long until = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
        Set<Socket> ended = new HashSet<>();
        while (ended.size() < atLeast) {
            assertThat(System.nanoTime()).as(ended.size() + " have ended").isLessThan(until);
            for (Socket socket : sockets) {
                socket.setSoTimeout(1);
                if (!ended.contains(socket) && isEnded(socket)) {
                    ended.add(socket);
                }
            }
        }
    }

    private static boolean isAnswered(Socket socket) {
        try {
            send(socket, PROBE);
            return answer(socket).startsWith("HTTP/1.1 ");
        } catch (IOException _) {
            return false; // it was closed
        }
    }

    private static String answer(Socket socket) throws IOException {
        var head = new StringBuilder();
        while (head.indexOf("\r\n\r\n") < 0) {
            int next = socket.getInputStream().read();
            if (next < 0) {
                return ""; // it was closed
            }
            head.append((char) next);
        }
        String length = head.toString().toLowerCase(Locale.ROOT).replaceAll("(?s).*\ncontent-length: *(\\d+).*", "$1");
        return head + new String(socket.getInputStream().readNBytes(Integer.parseInt(length)), ISO_8859_1);
    }

    /** Again, if this machine is so busy that the server closes it before the client has sent anything. */
    private Socket connectAnswered() throws IOException {
        Socket socket = connect(2);
        while (!isAnswered(socket)) {
            socket = connect(2);
        }
        return socket;
    }

    private Socket connectToSlowAnswer() throws IOException, InterruptedException {
        while (true) {
            Socket socket = connect(2);
            send(socket, "GET /slow-answer HTTP/1.1\r\nHost: localhost\r\n\r\n");
            if (asked.tryAcquire(2, TimeUnit.SECONDS)) {
                return socket;
            }
        }
    }

    private boolean isServed(int last) throws IOException {
        try (Socket socket = connect(last)) {
            return isAnswered(socket);
        }
    }

    private void awaitServed(int last) throws IOException {
        long until = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
        while (!isServed(last)) {
            assertThat(System.nanoTime())
                    .as("the end of a connection frees its place")
                    .isLessThan(until);
        }
    }

    @Test
    void one_address_cannot_have_all_connections_and_those_that_it_has_are_served() throws IOException {
        start(new ConnectionLimits(8, 4, 2, MUCH, LONG, LONG));
        List<Socket> idle = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            idle.add(connect(2));
            assertThat(isAnswered(idle.getLast())).isTrue();
        }

        assertThat(isEnded(connect(2))).isTrue();
        assertThat(isServed(3)).isTrue();
        assertThat(isAnswered(idle.getFirst()) && isAnswered(idle.getLast())).isTrue();
        idle.getFirst().close();
        awaitServed(2);
    }

    @Test
    void all_addresses_together_have_a_bound_and_loopback_a_reserve() {
        var open = new OpenConnections(new ConnectionLimits(6, 2, 2, MUCH, LONG, LONG));
        List<InetSocketAddress> clients = List.of(at("192.0.2.1"), at("2001:db8::1:0:0:0:1"), at("192.0.2.3"));
        range(0, 2).forEach(_ -> assertThat(clients).allMatch(open::begin));

        assertThat(open.begin(at("192.0.2.4"))).isFalse();
        assertThat(open.begin(at("127.0.0.1")) && open.begin(at("::1"))).isTrue();
        assertThat(open.begin(at("127.0.0.1"))).isFalse();
        range(0, 2).forEach(_ -> open.end(at("192.0.2.1")));
        open.end(at("127.0.0.1"));
        assertThat(open.begin(at("2001:db8::1:ffff:0:0:2")))
                .as("another address of its network")
                .isFalse();
        assertThat(open.begin(at("192.0.2.4"))).isTrue();
        assertThat(open.begin(at("192.0.2.4"))).isFalse();
    }

    private static InetSocketAddress at(String address) {
        return new InetSocketAddress(InetAddress.ofLiteral(address), 1);
    }

    @Test
    void the_bounds_leave_half_of_the_descriptors_whatever_their_number() {
        assertThat(ConnectionLimits.of(1_024, 4L << 30).all()).isEqualTo(512);
        assertThat(ConnectionLimits.of(1_024, 4L << 30).ofOneAddress()).isEqualTo(256);
        assertThat(ConnectionLimits.of(1 << 20, 256 << 20).all()).isEqualTo(4_096);
        assertThat(ConnectionLimits.of(1 << 20, 256 << 20).heldBytes()).isEqualTo(32 << 20);
    }

    @Test
    void a_connection_without_a_request_and_one_with_a_slow_head_are_closed() throws IOException {
        start(new ConnectionLimits(100, 100, 0, MUCH, SHORT, LONG));
        Socket silent = connect(2);
        Socket half = connect(2);
        send(half, PROBE.substring(0, 40));
        Socket second = connectAnswered();
        send(second, "GET /health");

        assertThat(isEnded(silent)).isTrue();
        assertThat(isEnded(half)).isTrue();
        assertThat(isEnded(second)).isTrue();

        Socket slow = connect(2);
        send(slow, "GET /health/liveness HTTP/1.1\r\nHost: localhost\r\nX-A: ");
        slow.setSoTimeout(20);
        long until = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
        while (isOpenFor20Milliseconds(slow)) {
            assertThat(System.nanoTime()).as("a head that comes byte by byte").isLessThan(until);
        }
    }

    private static boolean isOpenFor20Milliseconds(Socket socket) throws IOException {
        try {
            send(socket, "a");
            return socket.getInputStream().read() >= 0;
        } catch (SocketTimeoutException _) {
            return true;
        } catch (IOException _) {
            return false; // it was closed
        }
    }

    @Test
    void silence_between_requests_and_within_a_body_ends_a_connection_but_waiting_for_an_answer_does_not()
            throws Exception {
        start(new ConnectionLimits(100, 100, 0, MUCH, SHORT, SHORT));
        Socket waiting = connectToSlowAnswer();
        Socket idle = connectAnswered();
        Socket body = connect(2);
        send(
                body,
                "POST /api/v1/auth/login HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
                        + "Content-Length: 60\r\n\r\n{");

        assertThat(isEnded(idle)).isTrue();
        assertThat(isEnded(body)).isTrue();
        assertThat(isEnded(connect(2))).as("a later connection").isTrue();
        answering.countDown();
        assertThat(answer(waiting)).startsWith("HTTP/1.1 200 ").endsWith("at last");
    }

    @Test
    void heads_that_have_arrived_in_part_have_a_bound_together_and_whole_requests_are_answered() throws IOException {
        start(new ConnectionLimits(400, 400, 0, 256 << 10, LONG, LONG));
        String part = PROBE.substring(0, PROBE.length() - 2) + "X-A: " + "a".repeat(7_000);
        List<Socket> held = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            held.add(connect(2));
            send(held.getLast(), part);
        }

        // Which of them came last is for the server's threads.
        awaitEnded(held, held.size() - (256 << 10) / 7_000);
        assertThat(isServed(2)).isTrue();
        for (Socket socket : held) {
            socket.close();
        }
        Socket split = connect(2);
        send(split, PROBE.substring(0, 10));
        send(split, PROBE.substring(10));
        assertThat(answer(split)).startsWith("HTTP/1.1 ");
    }
}
