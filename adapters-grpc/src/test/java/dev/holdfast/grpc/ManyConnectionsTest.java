package dev.holdfast.grpc;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.application.connection.ConnectionLimits;
import dev.holdfast.grpc.server.GrpcSettings;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Clients that have not signed in, over raw sockets. */
@Tag("adapter")
@DisplayNameGeneration(ReplaceUnderscores.class)
@Timeout(60)
class ManyConnectionsTest {
    private static final Duration LONG = Duration.ofMinutes(5);
    private static final byte[] PREFACE = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\4\0\0\0\0\0".getBytes(US_ASCII);

    private final List<Socket> sockets = new ArrayList<>();
    private ServedGrpc server;

    @BeforeEach
    void start() throws IOException {
        server = ServedGrpc.start(
                new GrpcSettings("127.0.0.1", 0, Optional.empty(), true, Duration.ofMinutes(2)),
                new StubUseCases().all(),
                Optional.empty(),
                InstantSource.system(),
                new ConnectionLimits(8, 4, 2, 1 << 20, LONG, LONG));
    }

    @AfterEach
    void stop() throws IOException {
        for (Socket socket : sockets) {
            socket.close();
        }
        server.close();
    }

    /** @param last of the client's address on loopback */
    private Socket connect(int last) throws IOException {
        var socket = new Socket();
        sockets.add(socket);
        socket.bind(new InetSocketAddress(InetAddress.getByName("127.0.0." + last), 0));
        socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), server.port()));
        socket.setSoTimeout(30_000);
        return socket;
    }

    /** Whether the server begins to speak HTTP/2, which it does at the preface. */
    private static boolean isServed(Socket socket) {
        try {
            socket.getOutputStream().write(PREFACE);
            return socket.getInputStream().read() >= 0;
        } catch (IOException _) {
            return false; // it was closed
        }
    }

    @Test
    void one_address_cannot_have_all_connections_and_an_end_frees_a_place() throws IOException {
        for (int i = 0; i < 4; i++) {
            assertThat(isServed(connect(2))).isTrue();
        }

        assertThat(isServed(connect(2))).isFalse();
        assertThat(isServed(connect(3))).isTrue();
        sockets.getFirst().close();
        long until = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
        while (!isServed(connect(2))) {
            assertThat(System.nanoTime()).isLessThan(until);
        }
    }
}
