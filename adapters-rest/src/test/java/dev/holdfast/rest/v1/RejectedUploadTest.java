package dev.holdfast.rest.v1;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.net.Socket;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Uploads whose form, type or coding is rejected. */
@Tag("adapter")
class RejectedUploadTest extends UploadFixture {
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
}
