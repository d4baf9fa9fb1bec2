package dev.holdfast.http.request;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.http.dialect.DialectServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Over raw sockets. Behind each message comes a request that must not be answered. */
@Tag("adapter")
@DisplayNameGeneration(ReplaceUnderscores.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Timeout(60)
class AmbiguousMessagesTest {
    private final DialectServer server = DialectServer.start(true);
    private final String second =
            "GET /api/v1/nowhere HTTP/1.1\r\nHost: localhost\r\n" + server.http.bearer("ann") + "\r\n\r\n";

    private int users = 10;

    @AfterAll
    void stop() {
        server.close();
    }

    @ParameterizedTest(name = "{0}")
    @FieldSource("dev.holdfast.http.request.AmbiguousMessages#ALL")
    void an_ambiguous_message_gets_400_and_the_end_of_the_connection(AmbiguousMessages.Message message)
            throws IOException {
        assertThatIsRefused(exchange(message.text() + second));
    }

    @ParameterizedTest(name = "{0}")
    @FieldSource("dev.holdfast.http.request.AmbiguousMessages#ALL")
    void it_does_so_however_the_message_is_cut(AmbiguousMessages.Message message) throws IOException {
        assertThatIsRefused(exchangeByteByByte(message.text()));
    }

    @Test
    void the_requests_before_it_are_answered_first() throws IOException {
        String answers =
                exchange(second + second + AmbiguousMessages.REPORTED.getFirst().text() + second);

        assertThat(answers.split("(?=HTTP/1\\.1 \\d)"))
                .satisfiesExactly(
                        it -> assertThat(it).startsWith("HTTP/1.1 404 "),
                        it -> assertThat(it).startsWith("HTTP/1.1 404 "),
                        it -> assertThat(it).startsWith("HTTP/1.1 400 "));
    }

    /** A proxy that uses the connection again would take the second answer for that of its next request. */
    @Test
    void a_message_that_is_answered_before_its_body_gets_no_second_answer() throws IOException {
        try (var socket = connect()) {
            String message = second.replace("\r\n\r\n", "\r\nTransfer-Encoding: chunked\r\n\r\n");
            socket.getOutputStream().write(message.getBytes(ISO_8859_1));
            var begin = new String(socket.getInputStream().readNBytes("HTTP/1.1 404".length()), ISO_8859_1);
            assertThat(begin).isEqualTo("HTTP/1.1 404");
            socket.getOutputStream().write(second.getBytes(ISO_8859_1));
            assertThat(new String(socket.getInputStream().readAllBytes(), ISO_8859_1))
                    .contains("route-not-found")
                    .doesNotContain("HTTP/1.1 ", "malformed-request");
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Content-Length: 44\r\n\r\n{\"username\":\"NAM\",\"password\":\"wrong indeed\"}",
                "content-length:44  \r\n\r\n{\"username\":\"NAM\",\"password\":\"wrong indeed\"}",
                "Transfer-Encoding: Chunked\r\n\r\n2C;a=\"b\"\r\n{\"username\":\"NAM\",\"password\":\"wrong indeed\"}\r\n0\r\nX-A: b\r\n\r\n",
                "transfer-encoding:chunked\r\nTrailer: X-A\r\n\r\n0a\r\n{\"username\r\n22\r\n\":\"NAM\",\"password\":\"wrong indeed\"}\r\n000\r\n\r\n",
            })
    void a_message_with_one_meaning_is_answered_and_the_connection_goes_on(String rest) throws IOException {
        String login = "\r\nPOST /api/v1/auth/login HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n";
        String last = second.replace("\r\n\r\n", "\r\nConnection: close\r\n\r\n");

        String message = login + rest + last;
        for (String answers : List.of(exchange(asOther(message)), exchangeByteByByte(asOther(message)))) {
            assertThat(answers.split("(?=HTTP/1\\.1 \\d)"))
                    .satisfiesExactly(
                            it -> assertThat(it).startsWith("HTTP/1.1 401 "),
                            it -> assertThat(it).startsWith("HTTP/1.1 404 "));
        }
    }

    /** Names a user that no other login names, since a few wrong passwords lock one out. */
    private String asOther(String message) {
        return message.replace("NAM", "u" + users++);
    }

    private static void assertThatIsRefused(String answer) {
        assertThat(answer).startsWith("HTTP/1.1 400 Bad Request\r\n");
        assertThat(answer.toLowerCase(Locale.ROOT)).contains("\r\nconnection: close\r\n");
        assertThat(answer).contains("\"code\":\"malformed-request\"").doesNotContain("route-not-found");
        assertThat(answer.split("HTTP/1\\.1 \\d", -1))
                .as("what is before the answer, and it")
                .hasSize(2);
    }

    private String exchange(String text) throws IOException {
        try (var socket = connect()) {
            socket.getOutputStream().write(text.getBytes(ISO_8859_1));
            return new String(socket.getInputStream().readAllBytes(), ISO_8859_1);
        }
    }

    /** Ends with the message's last byte: what would come behind it is not asked for. */
    private String exchangeByteByByte(String text) throws IOException {
        try (var socket = connect()) {
            socket.setTcpNoDelay(true);
            for (byte next : text.getBytes(ISO_8859_1)) {
                socket.getOutputStream().write(next);
            }
            return new String(socket.getInputStream().readAllBytes(), ISO_8859_1);
        }
    }

    private Socket connect() throws IOException {
        var socket = new Socket(InetAddress.getLoopbackAddress(), server.http.port);
        socket.setSoTimeout(30_000);
        return socket;
    }
}
