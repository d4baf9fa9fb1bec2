package dev.holdfast.http.upload;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.http.dialect.DialectServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Clients that send all they have before they look at an answer, which has come long before. */
@Tag("adapter")
@DisplayNameGeneration(ReplaceUnderscores.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Timeout(60)
class EarlyAnswersTest {
    private static final int MEGABYTES = 24;

    private final DialectServer server = DialectServer.start(true);

    @AfterAll
    void stop() {
        server.close();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "HTTP/1.1|Connection: close", // as most scripts
                "HTTP/1.0|Connection: close", // as proxies, unless they are told otherwise
                "HTTP/1.0|Accept: */*",
                "HTTP/1.1|Accept: */*",
            })
    void who_sends_all_before_reading_reads_the_whole_refusal(String how) throws IOException {
        String[] version = how.split("\\|", 2);
        String head = "POST /pocketbase/api/backups/upload " + version[0] + "\r\nHost: localhost\r\n" + version[1]
                + "\r\nContent-Type: multipart/form-data; boundary=x\r\nContent-Length: " + (MEGABYTES << 20)
                + "\r\n\r\n";
        byte[] piece = new byte[1 << 20];
        try (var client = new Socket(InetAddress.getLoopbackAddress(), server.http.port)) {
            client.setSoTimeout(60_000);
            client.getOutputStream().write(head.getBytes(US_ASCII));
            for (int i = 0; i < MEGABYTES; i++) {
                client.getOutputStream().write(piece);
            }

            var answer = new byte[8 << 10];
            int length = 0;
            while (!new String(answer, 0, length, US_ASCII).endsWith("}\n")) {
                int n = client.getInputStream().read(answer, length, answer.length - length);
                assertThat(n).as(new String(answer, 0, length, US_ASCII)).isPositive();
                length += n;
            }

            assertThat(new String(answer, 0, length, US_ASCII))
                    .startsWith(version[0] + " 401 ")
                    .endsWith("\"status\":401}\n");
        }
    }
}
