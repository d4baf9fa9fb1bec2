package dev.holdfast.rest.v1;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.application.operation.Requester;
import dev.holdfast.domain.database.DatabaseName;
import dev.holdfast.domain.operation.OperationId;
import dev.holdfast.domain.problem.Problem;
import dev.holdfast.rest.upload.UploadLimits;
import java.io.IOException;
import java.io.OutputStream;
import java.net.Socket;
import java.net.SocketException;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayNameGeneration(ReplaceUnderscores.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class RestUploadTest {
    private static final String PATH = "/api/v1/backup/upload";
    private static final long MOST = 400L << 20;
    private static final int MIB = 1 << 20;

    private final RestServerFixture server =
            new RestServerFixture(Map.of(), new UploadLimits(MOST, Duration.ofSeconds(2)));

    @AfterAll
    void stop() {
        server.close();
    }

    @BeforeEach
    void reset() {
        server.fake.reset();
    }

    private static String part(String name, String filename, String content) {
        return "--b\r\nContent-Disposition: form-data; name=\"" + name + "\"; filename=\"" + filename
                + "\"\r\nContent-Type: application/octet-stream\r\n\r\n" + content + "\r\n";
    }

    private static String field(String name, String content) {
        return "--b\r\nContent-Disposition: form-data; name=\"" + name + "\"\r\n\r\n" + content + "\r\n";
    }

    private static String head(String path, long length, String... more) {
        return "POST " + path + " HTTP/1.1\r\nHost: localhost\r\nContent-Type: multipart/form-data; boundary=b\r\n"
                + "Content-Length: " + length + "\r\n" + String.join("", more) + "\r\n";
    }

    /** Sends the body as it is, in ISO 8859-1, and reads the answer to its end. */
    private String post(String body, String... more) throws IOException {
        try (Socket socket = server.connect()) {
            RestServerFixture.write(
                    socket, head(PATH, body.length(), String.join("", more), "Connection: close\r\n") + body);
            return new String(socket.getInputStream().readAllBytes(), UTF_8);
        }
    }

    private OneBackupUseCases.Upload uploaded() {
        assertThat(server.fake.uploads).hasSize(1);
        return server.fake.uploads.getFirst();
    }

    @Test
    void a_file_arrives_whole_and_is_answered_with_the_backup_and_where_it_is() throws Exception {
        byte[] bytes = OneBackupUseCases.bytes(3_000_001);
        String answer = post(part("file", "app_20260101_000000.db", new String(bytes, ISO_8859_1)) + "--b--\r\n");

        assertThat(answer)
                .startsWith("HTTP/1.1 201 ")
                .containsIgnoringCase("\r\nLocation: /api/v1/backup/app_20260101_000000.db\r\n")
                .containsIgnoringCase("\r\nOperation-Id: op-")
                .contains("\"filename\":\"app_20260101_000000.db\"", "\"verification\":{");
        assertThat(uploaded().received.get()).isEqualTo(bytes.length);
        assertThat(uploaded().sha256()).isEqualTo(OneBackupUseCases.sha256(bytes));
        assertThat(uploaded().announcedSize).isEqualTo(bytes.length);
        assertThat(uploaded().filename).isEqualTo("app_20260101_000000.db");
    }

    @Test
    void what_looks_like_the_boundary_is_content() throws Exception {
        String content = "\r\n--a\r\n-b--\r\n--\r\n\r\n-\r\n--\rb\r\n--" + "\r".repeat(70_000) + "\n--";
        assertThat(post(part("file", "a.db", content) + "--b--\r\n")).startsWith("HTTP/1.1 201 ");
        assertThat(uploaded().sha256()).isEqualTo(OneBackupUseCases.sha256(content.getBytes(ISO_8859_1)));
    }

    @Test
    void a_body_in_chunks_announces_nothing() throws Exception {
        String body = part("file", "a.db", "abc") + "--b--\r\n";
        try (Socket socket = server.connect()) {
            RestServerFixture.write(
                    socket,
                    "POST " + PATH + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
                            + "Content-Type: multipart/form-data; boundary=\"b\"\r\nTransfer-Encoding: chunked\r\n\r\n");
            for (int i = 0; i < body.length(); i++) {
                RestServerFixture.write(socket, "1\r\n" + body.charAt(i) + "\r\n");
            }
            RestServerFixture.write(socket, "0\r\n\r\n");
            assertThat(new String(socket.getInputStream().readAllBytes(), UTF_8))
                    .startsWith("HTTP/1.1 201 ");
        }
        assertThat(uploaded().announcedSize).isZero();
        assertThat(uploaded().sha256()).isEqualTo(OneBackupUseCases.sha256("abc".getBytes(UTF_8)));
    }

    @Test
    void other_fields_before_and_behind_the_file_are_passed_over() throws Exception {
        String body = "preamble\r\n" + field("comment", "x".repeat(5000)) + part("other", "b.db", "no")
                + part("file", "a.db", "abc") + field("last", "") + "--b--\r\nepilogue";
        assertThat(post(body)).startsWith("HTTP/1.1 201 ");
        assertThat(uploaded().received.get()).isEqualTo(3);
    }

    @Test
    void the_connection_takes_the_next_request() throws Exception {
        String body = part("file", "a.db", "abc") + "--b--\r\n";
        try (Socket socket = server.connect()) {
            RestServerFixture.write(socket, head(PATH, body.length()) + body);
            RestServerFixture.await("the first", () -> !server.fake.uploads.isEmpty());
            RestServerFixture.write(socket, head(PATH, body.length(), "Connection: close\r\n") + body);
            String both = new String(socket.getInputStream().readAllBytes(), UTF_8);
            assertThat(both.split("HTTP/1.1 201 ", -1)).hasSize(3);
        }
    }

    @Test
    void the_key_of_idempotency_goes_to_the_use_case_and_asynchrony_is_not_offered() throws Exception {
        String answer =
                post(part("file", "a.db", "abc") + "--b--\r\n", "Idempotency-Key: k-1\r\nPrefer: respond-async\r\n");
        assertThat(answer).startsWith("HTTP/1.1 201 ").doesNotContainIgnoringCase("Preference-Applied");
        assertThat(server.fake.requesters).containsExactly(new Requester("anonymous", Optional.of("k-1")));
        assertThat(post(part("file", "a.db", "abc") + "--b--\r\n", "Idempotency-Key: two words\r\n"))
                .startsWith("HTTP/1.1 400 ")
                .contains("\"field\":\"Idempotency-Key\"");
    }

    @Test
    void what_repeats_an_earlier_order_is_answered_though_nobody_reads_it() throws Exception {
        server.fake.reading.set(false);
        String body = part("file", "a.db", "abc".repeat(1_000_000)) + "--b--\r\n";
        // On a connection that stays: one that ends with the answer may end while the client still sends.
        try (Socket socket = server.connect()) {
            RestServerFixture.write(socket, head(PATH, body.length()) + body);
            assertThat(socket.getInputStream().readNBytes(13)).asString(UTF_8).isEqualTo("HTTP/1.1 201 ");
        }
        assertThat(uploaded().received.get()).isZero();
    }

    @ParameterizedTest(name = "{0} is handed on as \"{1}\"")
    @CsvSource(delimiter = '|', quoteCharacter = '`', emptyValue = "", textBlock = """
                    filename="app_1.db"                              | app_1.db
                    filename=app_1.db                                | app_1.db
                    FileName = "app_1.db" ;                          | app_1.db
                    filename="../../etc/app_1.db"                    | app_1.db
                    filename="C:\\Users\\ann\\app_1.db"              | app_1.db
                    filename="C:\\\\temp\\\\app_1.db"                | app_1.db
                    filename="/etc/passwd"                           | passwd
                    filename="a\\"b.db"                              | a"b.db
                    filename="a;b=c.db"                              | a;b=c.db
                    filename="old.db"; filename*=UTF-8''gr%C3%B6%C3%9Fe.db | größe.db
                    filename*=utf-8'en'new.db                        | new.db
                    filename="old.db"; filename*=UTF-8''%ff%fe       | old.db
                    filename="old.db"; filename*=UTF-16''x           | old.db
                    filename="old.db"; filename*=UTF-8''..%2f..%2fx.db | x.db
                    filename=".."                                    | ``
                    filename="../"                                   | ``
                    filename=".hidden"                               | ``
                    filename*=UTF-8''a%00b                           | ``
                    filename*=UTF-8''a%0d%0ab                        | ``
                    """)
    void of_a_name_only_its_last_part_counts_and_only_if_a_backup_can_have_it(String parameter, String name)
            throws Exception {
        String body = "--b\r\nContent-Disposition: form-data; name=\"file\"; " + parameter + "\r\n\r\nabc\r\n--b--\r\n";
        assertThat(post(body)).startsWith("HTTP/1.1 201 ");
        assertThat(uploaded().filename).isEqualTo(name);
    }

    @Test
    void a_name_in_utf_8_is_kept_and_one_in_another_encoding_is_none() throws Exception {
        String utf8 = new String("größe.db".getBytes(UTF_8), ISO_8859_1);
        String answer = post(part("file", utf8, "abc") + "--b--\r\n");
        assertThat(answer).containsIgnoringCase("\r\nLocation: /api/v1/backup/gr%C3%B6%C3%9Fe.db\r\n");
        post(part("file", "größe.db", "abc") + "--b--\r\n");
        post(part("file", "a".repeat(300), "abc") + "--b--\r\n");
        assertThat(server.fake.uploads).map(it -> it.filename).containsExactly("größe.db", "", "");
    }

    @ParameterizedTest(name = "case {index}")
    @ValueSource(
            strings = {
                "",
                "--b--\r\n",
                "no form at all",
                "--b\r\n",
                "--b",
                "--bad\r\n\r\n",
                "--b\r\n\r\nabc\r\n--b--\r\n",
                "--b\r\nContent-Type: text/plain\r\n\r\nabc\r\n--b--\r\n",
                "--b\r\nContent-Disposition: form-data\r\n\r\nabc\r\n--b--\r\n",
                "--b\r\nContent-Disposition: form-data; name=\"file\"\r\n\r\nabc\r\n--b--\r\n",
                "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"\"\r\n\r\nabc\r\n--b--\r\n",
                "--b\r\nContent-Disposition: attachment; name=\"file\"; filename=\"a\"\r\n\r\nabc\r\n--b--\r\n",
                "--b\r\nContent-Disposition: form-data; name=\"file; filename=\"a\"\r\n\r\nabc\r\n--b--\r\n",
                "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a\r\n\r\nabc\r\n--b--\r\n",
                "--b\r\nContent-Disposition: form-data; name=file; filename=a b\r\n\r\nabc\r\n--b--\r\n",
                "--b\r\nContent-Disposition: form-data; name=file; filename=a; filename=b\r\n\r\nabc\r\n--b--\r\n",
                "--b\r\nContent-Disposition: form-data; name=x; name=file; filename=b\r\n\r\nabc\r\n--b--\r\n",
                "--b\r\nContent-Disposition: form-data; name=file; filename=a\r\nContent-Disposition: form-data; name=file; filename=b\r\n\r\nabc\r\n--b--\r\n",
                "--b\r\nContent-Disposition: form-data;\r\n name=file; filename=a\r\n\r\nabc\r\n--b--\r\n",
                "--b\r\nContent-Disposition: form-data; name=file; filename=a\r\nX\0: y\r\n\r\nabc\r\n--b--\r\n",
                "--b\r\nContent-Disposition: form-data; name=file; filename=a\r\nno header\r\n\r\nabc\r\n--b--\r\n",
                "--b\r\nContent-Disposition: form-data; name=file; filename=a\n\nabc\n--b--\n",
                "--b\r\nContent-Disposition: form-data; name=other; filename=a\r\n\r\nabc\r\n--b--\r\n",
                "--b\r\nContent-Disposition: form-data; name=file; filename=a\r\nContent-Transfer-Encoding: base64\r\n\r\nYWJj\r\n--b--\r\n",
            })
    void a_body_that_is_no_form_with_one_file_is_refused_before_anything_begins(String body) throws Exception {
        assertThat(post(body)).startsWith("HTTP/1.1 400 ").contains("\"code\":\"invalid-argument\"");
        assertThat(server.fake.uploads).isEmpty();
    }

    @Test
    void headers_fields_and_all_beside_the_file_are_bounded() throws Exception {
        String closed = "\r\n--b--\r\n";
        assertThat(post("--b\r\nX: " + "y".repeat(9000) + "\r\n"
                        + part("file", "a", "abc").substring(5) + closed))
                .startsWith("HTTP/1.1 400 ");
        assertThat(post(field("x", "y").repeat(40) + part("file", "a", "abc") + closed))
                .startsWith("HTTP/1.1 400 ")
                .contains("more than 32 fields");
        assertThat(post(field("x", "y".repeat(600_000)) + part("file", "a", "abc") + closed))
                .startsWith("HTTP/1.1 400 ")
                .contains("beside the file");
        assertThat(post("x".repeat(600_000) + "\r\n" + part("file", "a", "abc") + closed))
                .startsWith("HTTP/1.1 400 ")
                .contains("beside the file");
        assertThat(server.fake.uploads).isEmpty();
    }

    @ParameterizedTest(name = "case {index}")
    @ValueSource(
            strings = {
                "",
                "\r\n--b",
                "\r\n--b-",
                "\r\n--bx\r\n",
                "\r\n--b\r\n",
                "\r\n--b\r\nContent-Disposition: form-data; name=\"x\"\r\n\r\nabc",
                "\r\n--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"b\"\r\n\r\nabc\r\n--b--\r\n",
                "\r\n--b\r\nContent-Disposition: form-data; name=\"file\"\r\n\r\nabc\r\n--b--\r\n",
            })
    void a_form_that_goes_wrong_behind_the_file_fails_the_upload(String rest) throws Exception {
        String whole = part("file", "a.db", "abc");
        assertThat(post(whole.substring(0, whole.length() - 2) + rest))
                .startsWith("HTTP/1.1 400 ")
                .contains("\"code\":\"invalid-argument\"", "\"operation\":\"op-");
        assertThat(uploaded().received.get()).isLessThanOrEqualTo(3);
    }

    @Test
    void an_endless_epilogue_fails_the_upload() throws Exception {
        assertThat(post(part("file", "a.db", "abc") + "--b--\r\n" + "x".repeat(600_000)))
                .startsWith("HTTP/1.1 400 ")
                .contains("beside the file");
    }

    @ParameterizedTest(name = "{0} is a {1}")
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
                    application/octet-stream                 | 415
                    application/x-www-form-urlencoded        | 415
                    multipart/mixed; boundary=b              | 415
                    multipart/form-data boundary=b           | 415
                    nonsense                                 | 415
                    multipart/form-data                      | 400
                    multipart/form-data; boundary=           | 415
                    multipart/form-data; boundary=""         | 400
                    multipart/form-data; boundary="ends in " | 400
                    multipart/form-data; boundary="b;ä"      | 400
                    multipart/form-data; boundary=01234567890123456789012345678901234567890123456789012345678901234567890 | 400
                    """)
    void a_request_that_is_no_form_is_refused(String type, int status) throws Exception {
        String body = part("file", "a.db", "abc") + "--b--\r\n";
        try (Socket socket = server.connect()) {
            RestServerFixture.write(
                    socket,
                    "POST " + PATH + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: "
                            + body.length() + "\r\nContent-Type: " + type + "\r\n\r\n" + body);
            assertThat(new String(socket.getInputStream().readAllBytes(), UTF_8))
                    .startsWith("HTTP/1.1 " + status + " ")
                    .contains(status == 415 ? "unsupported-media-type" : "invalid-argument");
        }
        assertThat(server.fake.uploads).isEmpty();
    }

    @Test
    void a_request_without_type_or_body_or_with_another_coding_is_refused() throws Exception {
        assertThat(server.raw("POST", PATH)).startsWith("HTTP/1.1 415 ");
        assertThat(post(part("file", "a.db", "abc") + "--b--\r\n", "Content-Encoding: gzip\r\n"))
                .startsWith("HTTP/1.1 415 ");
        assertThat(post("")).startsWith("HTTP/1.1 400 ");
    }

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
            long beside = (long) begin.length() + "--b--\r\n".length();
            RestServerFixture.write(socket, head(PATH, MOST + 1 + beside) + begin.substring(0, begin.length() - 2));
            assertThat(answer(socket)).startsWith("HTTP/1.1 413 ").contains("upload-too-large");
        }
        assertThat(server.fake.uploads).isEmpty();
    }

    @Test
    void what_proves_too_large_fails_though_it_does_not_say_so() throws Exception {
        Thread sender;
        try (Socket socket = server.connect()) {
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
    void a_client_is_not_faster_than_the_reader() throws Exception {
        server.fake.patience.drainPermits();
        var sent = new AtomicLong();
        long size = 100L * MIB;
        String begin = part("file", "a.db", "");
        begin = begin.substring(0, begin.length() - 2);
        String end = "\r\n--b--\r\n";
        try (Socket socket = server.connect()) {
            socket.setSendBufferSize(64 * 1024);
            RestServerFixture.write(socket, head(PATH, begin.length() + size + end.length()) + begin);
            Thread sender = Thread.ofVirtual().start(() -> {
                try {
                    OutputStream out = socket.getOutputStream();
                    byte[] piece = new byte[64 * 1024];
                    while (sent.get() < size) {
                        out.write(piece);
                        sent.addAndGet(piece.length);
                    }
                    RestServerFixture.write(socket, end);
                } catch (IOException e) {
                    throw new IllegalStateException(e);
                }
            });
            RestServerFixture.await(
                    "the reader has a first piece",
                    () -> !server.fake.uploads.isEmpty() && uploaded().received.get() > 0);
            awaitStandstill(sent);
            // What it could push is in the two sockets' buffers and in the few pieces between them and the reader.
            assertThat(sent.get()).isLessThan(16L * MIB);
            long before = uploaded().received.get();
            assertThat(before).isLessThanOrEqualTo(64 * 1024);
            server.fake.patience.release(Integer.MAX_VALUE / 2);
            assertThat(answer(socket)).startsWith("HTTP/1.1 201 ");
            sender.join();
        }
        assertThat(uploaded().received.get()).isEqualTo(size);
    }

    /** Until nothing has moved for a while. */
    private static void awaitStandstill(AtomicLong count) throws InterruptedException {
        long[] seen = {-1, 0};
        RestServerFixture.await("standstill", () -> {
            long now = count.get();
            seen[1] = now == seen[0] ? seen[1] + 1 : 0;
            seen[0] = now;
            return seen[1] == 50;
        });
    }

    @Test
    void a_client_that_goes_away_ends_the_reading() throws Exception {
        String begin = part("file", "a.db", "abc");
        try (Socket socket = server.connect()) {
            RestServerFixture.write(socket, head(PATH, 1_000_000) + begin);
            RestServerFixture.await("it is being read", () -> !server.fake.uploads.isEmpty());
        }
        RestServerFixture.await("the reader is told", () -> uploaded().thrown.get() != null);
        assertThat(uploaded().thrown.get()).isInstanceOf(IOException.class);
    }

    @Test
    void a_client_that_falls_silent_is_given_up() throws Exception {
        try (Socket socket = server.connect()) {
            RestServerFixture.write(socket, head(PATH, 1_000_000) + part("file", "a.db", "abc"));
            assertThat(answer(socket)).startsWith("HTTP/1.1 500 ");
            assertThat(uploaded().thrown.get())
                    .isInstanceOf(IOException.class)
                    .hasRootCauseMessage("nothing came for PT2S");
        }
        try (Socket socket = server.connect()) {
            RestServerFixture.write(socket, head(PATH, 1_000_000) + "--b\r\n");
            assertThat(answer(socket)).startsWith("HTTP/1.1 400 ").contains("stopped before");
        }
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

    /** One answer with a Content-Length, as text. */
    private static String answer(Socket socket) throws IOException {
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
