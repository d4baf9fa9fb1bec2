package dev.holdfast.rest.v1;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.http.upload.UploadLimits;
import java.io.IOException;
import java.net.Socket;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.TestInstance;

/** Uploads over raw connections to one server for a test class. */
@DisplayNameGeneration(ReplaceUnderscores.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class UploadFixture {
    static final String PATH = "/api/v1/backup/upload";
    static final long MOST = 400L << 20;
    static final int MIB = 1 << 20;

    final RestServerFixture server = new RestServerFixture(Map.of(), new UploadLimits(MOST, Duration.ofSeconds(2)));

    @AfterAll
    void stop() {
        server.close();
    }

    @BeforeEach
    void reset() {
        server.fake.reset();
    }

    static String part(String name, String filename, String content) {
        return "--b\r\nContent-Disposition: form-data; name=\"" + name + "\"; filename=\"" + filename
                + "\"\r\nContent-Type: application/octet-stream\r\n\r\n" + content + "\r\n";
    }

    static String field(String name, String content) {
        return "--b\r\nContent-Disposition: form-data; name=\"" + name + "\"\r\n\r\n" + content + "\r\n";
    }

    static String head(String path, long length, String... more) {
        return "POST " + path + " HTTP/1.1\r\nHost: localhost\r\nContent-Type: multipart/form-data; boundary=b\r\n"
                + "Content-Length: " + length + "\r\n" + String.join("", more) + "\r\n";
    }

    /** Sends the body as it is, in ISO 8859-1, and reads the answer to its end. */
    String post(String body, String... more) throws IOException {
        try (Socket socket = server.connect()) {
            RestServerFixture.write(
                    socket, head(PATH, body.length(), String.join("", more), "Connection: close\r\n") + body);
            return new String(socket.getInputStream().readAllBytes(), UTF_8);
        }
    }

    OneBackupUseCases.Upload uploaded() {
        assertThat(server.fake.uploads).hasSize(1);
        return server.fake.uploads.getFirst();
    }

    /** One answer with a Content-Length, as text. */
    static String answer(Socket socket) throws IOException {
        var head = new StringBuilder();
        while (head.indexOf("\r\n\r\n") < 0) {
            int c = socket.getInputStream().read();
            if (c < 0) {
                throw new AssertionError("ended after: " + head);
            }
            head.append((char) c);
        }
        var length = java.util.regex.Pattern.compile("(?i)\r\ncontent-length: (\\d+)")
                .matcher(head);
        if (!length.find()) {
            throw new AssertionError("no length: " + head);
        }
        byte[] body = socket.getInputStream().readNBytes(Integer.parseInt(length.group(1)));
        return head + new String(body, UTF_8);
    }
}
