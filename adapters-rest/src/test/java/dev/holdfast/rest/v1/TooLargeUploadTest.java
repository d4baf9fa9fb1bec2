package dev.holdfast.rest.v1;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.domain.identity.DatabaseName;
import dev.holdfast.domain.identity.OperationId;
import dev.holdfast.domain.problem.Problem;
import java.io.IOException;
import java.net.Socket;
import java.net.SocketException;
import java.time.Duration;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Bodies that exceed a limit, and the answer that their clients get. */
@Tag("adapter")
class TooLargeUploadTest extends UploadFixture {
    @Test
    void what_says_that_it_is_too_large_is_refused_before_a_byte_of_it_comes() throws Exception {
        for (String expect : new String[] {"", "Expect: 100-continue\r\n"}) {
            try (Socket socket = server.connect()) {
                RestServerFixture.write(socket, head(PATH, MOST + MIB, expect));
                assertThat(answer(socket)).startsWith("HTTP/1.1 413 ").contains("upload-too-large", "max-size");
            }
        }
        assertThat(server.fake.uploads).isEmpty();
        String begin = part("file", "a.db", "");
        try (Socket socket = server.connect()) {
            long around = (long) begin.length() + "--b--\r\n".length();
            RestServerFixture.write(socket, head(PATH, MOST + 1 + around) + begin.substring(0, begin.length() - 2));
            assertThat(answer(socket)).startsWith("HTTP/1.1 413 ").contains("upload-too-large");
        }
        assertThat(server.fake.uploads).isEmpty();
    }

    @Test
    void what_proves_too_large_fails_though_it_does_not_say_so() throws Exception {
        Thread sender;
        try (Socket socket = server.connect()) {
            // The answer comes after all that is allowed, which takes more than a minute on a busy machine.
            socket.setSoTimeout((int) Duration.ofMinutes(5).toMillis());
            RestServerFixture.write(
                    socket,
                    "POST " + PATH + " HTTP/1.1\r\nHost: localhost\r\n"
                            + "Content-Type: multipart/form-data; boundary=b\r\nTransfer-Encoding: chunked\r\n\r\n");
            String begin = part("file", "a.db", "");
            RestServerFixture.write(socket, Integer.toHexString(begin.length()) + "\r\n" + begin + "\r\n");
            byte[] piece = new byte[MIB];
            sender = Thread.ofVirtual().start(() -> {
                try {
                    while (true) {
                        RestServerFixture.write(socket, Integer.toHexString(MIB) + "\r\n");
                        socket.getOutputStream().write(piece);
                        RestServerFixture.write(socket, "\r\n");
                    }
                } catch (IOException e) {
                    // the socket is closed: there is an answer
                }
            });
            assertThat(answer(socket)).startsWith("HTTP/1.1 413 ").contains("upload-too-large", "\"operation\":\"op-");
        }
        sender.join();
        assertThat(uploaded().received.get()).isLessThanOrEqualTo(MOST);
    }

    @Test
    void a_refusal_is_read_by_a_client_that_sends_on_and_the_server_keeps_nothing() throws Exception {
        server.fake.refusal.set(new Problem.OperationInProgress(DatabaseName.DEFAULT, new OperationId("op-7")));
        String begin = part("file", "a.db", "");
        long size = 64L * MIB;
        try (Socket socket = server.connect()) {
            RestServerFixture.write(socket, head(PATH, size + begin.length(), "Connection: keep-alive\r\n") + begin);
            byte[] piece = new byte[MIB];
            for (long sent = 0; sent < size; sent += piece.length) {
                socket.getOutputStream().write(piece);
            }
            assertThat(answer(socket)).startsWith("HTTP/1.1 409 ").contains("operation-in-progress");
            RestServerFixture.write(socket, "GET /api/v1/operations HTTP/1.1\r\nHost: localhost\r\n\r\n");
            assertThat(answer(socket)).startsWith("HTTP/1.1 200 ");
        }
    }

    @Test
    void a_client_that_asks_first_is_told_to_go_on_only_if_the_upload_may_begin() throws Exception {
        String body = part("file", "a.db", "abc") + "--b--\r\n";
        try (Socket socket = server.connect()) {
            RestServerFixture.write(socket, head(PATH, body.length(), "Expect: 100-continue\r\nConnection: close\r\n"));
            byte[] go = socket.getInputStream().readNBytes("HTTP/1.1 100 Continue\r\n\r\n".length());
            assertThat(new String(go, UTF_8)).isEqualTo("HTTP/1.1 100 Continue\r\n\r\n");
            RestServerFixture.write(socket, body);
            assertThat(answer(socket)).startsWith("HTTP/1.1 201 ");
        }
    }

    @ParameterizedTest(name = "{0} {1}")
    @CsvSource({
        "PATCH, /api/v1/backup/app_20260413_142530.db, application/json",
        "POST, /api/v1/backup, application/json",
        "POST, /api/v1/backup/plan/preview, application/json",
        "POST, /api/v1/backup/uploads, multipart/form-data; boundary=b",
        "GET, /api/v1/backup/upload, multipart/form-data; boundary=b",
        "DELETE, /api/v1/backup/upload, multipart/form-data; boundary=b",
    })
    void no_other_call_takes_a_large_body(String method, String path, String type) throws Exception {
        try (Socket socket = server.connect()) {
            RestServerFixture.write(
                    socket,
                    method + " " + path + " HTTP/1.1\r\nHost: localhost\r\nContent-Type: " + type
                            + "\r\nContent-Length: " + 20 * MIB + "\r\n\r\n{");
            assertThat(answer(socket)).startsWith("HTTP/1.1 413 ").contains("request-too-large");
        }
    }

    @Test
    void a_large_json_in_chunks_is_refused_when_too_much_has_come() throws Exception {
        try (Socket socket = server.connect()) {
            RestServerFixture.write(
                    socket,
                    "PATCH /api/v1/backup/" + OneBackupUseCases.NAME + " HTTP/1.1\r\nHost: localhost\r\n"
                            + "Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n");
            for (int i = 0; i < 20; i++) {
                RestServerFixture.write(socket, Integer.toHexString(MIB) + "\r\n" + " ".repeat(MIB) + "\r\n");
            }
            RestServerFixture.write(socket, "0\r\n\r\n");
            assertThat(answer(socket)).startsWith("HTTP/1.1 413 ").contains("request-too-large");
        } catch (SocketException e) {
            throw new AssertionError("the answer is lost", e);
        }
    }
}
