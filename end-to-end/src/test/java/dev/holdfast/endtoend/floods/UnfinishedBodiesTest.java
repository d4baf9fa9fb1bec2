package dev.holdfast.endtoend.floods;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.endtoend.server.Eventually;
import dev.holdfast.endtoend.server.ServerProcess;
import dev.holdfast.endtoend.server.ServerProcess.Options;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the log shows of clients that have not signed in and go away in the middle of a request. */
@Tag("process")
@DisplayNameGeneration(ReplaceUnderscores.class)
class UnfinishedBodiesTest {
    private static final String HEAD =
            "POST /api/v1/auth/login HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n";

    @Test
    void an_unfinished_body_is_one_line_for_developers(@TempDir Path folder) throws Exception {
        try (var server = ServerProcess.start(Options.in(folder.resolve("data"))
                .withDatabase()
                .env("HOLDFAST_AUTH_ENABLED", "true")
                .env("HOLDFAST_LOG_LEVEL", "DEBUG"))) {
            List<String> bodies = List.of(
                    "Content-Length: 100\r\n\r\n{\"username\":",
                    "Content-Length: 100\r\n\r\n",
                    "Transfer-Encoding: chunked\r\n\r\n5\r\n{\"use");
            for (String body : bodies) {
                send(server, HEAD + body, false);
                send(server, HEAD + body, true);
            }

            List<String> noted = Eventually.get(
                    () -> lines(server, "before the request's body had arrived"), it -> it.size() == 2 * bodies.size());
            assertThat(noted).allSatisfy(it -> assertThat(it).contains(" DEBUG "));
            assertThat(lines(server, " ERROR ")).isEmpty();
            assertThat(lines(server, " WARN ")).isEmpty();
        }
    }

    private static List<String> lines(ServerProcess server, String text) {
        return server.log().lines().filter(it -> it.contains(text)).toList();
    }

    /** Waits until the server has read what is sent: it answers the first request on the connection before. */
    private static void send(ServerProcess server, String message, boolean reset) throws IOException {
        try (var socket =
                new Socket(InetAddress.getLoopbackAddress(), server.address().getPort())) {
            socket.setSoTimeout(30_000);
            socket.getOutputStream()
                    .write(("GET /health/liveness HTTP/1.1\r\nHost: localhost\r\n\r\n" + message).getBytes(US_ASCII));
            assertThat(socket.getInputStream().read()).isPositive();
            socket.setSoLinger(reset, 0);
        }
    }
}
