package dev.holdfast.rest.v1;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.application.operation.Requester;
import java.net.Socket;
import java.util.Optional;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Uploads that arrive: the file, its name and the request around it. */
@Tag("adapter")
class RestUploadTest extends UploadFixture {
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
}
