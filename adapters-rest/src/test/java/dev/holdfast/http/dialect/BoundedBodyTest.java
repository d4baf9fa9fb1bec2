package dev.holdfast.http.dialect;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.http.access.Exchange;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Tag("adapter")
@DisplayNameGeneration(ReplaceUnderscores.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class BoundedBodyTest {
    private static final String POCKETBASE_SIGN_IN = "/pocketbase/api/collections/_superusers/auth-with-password";
    private static final String JSON = "application/json";
    private static final String FORM = "application/x-www-form-urlencoded";

    private final DialectServer server = DialectServer.start(true);

    @AfterAll
    void stop() {
        server.close();
    }

    @ParameterizedTest
    @CsvSource({
        POCKETBASE_SIGN_IN + ",413",
        "/api/collections/_superusers/auth-with-password,413",
        "/dispatcharr/api/accounts/token/,413",
        "/dispatcharr/api/accounts/auth/login/,413",
        "/dispatcharr/api/accounts/token/refresh/,413",
        "/jobops/api/auth/login,500",
        "/jobops/api/auth/setup,500",
        "/api/v1/auth/login,413",
    })
    void strangers_do_not_send_much(String path, int status) {
        String body = "{\"identity\":[" + "{},".repeat(30_000) + "{}],\"password\":\"x\"}";

        Exchange answer = Exchange.post(server.http.port, path, body);

        assertThat(answer.status()).as(answer.toString()).isEqualTo(status);
        // Before any of it has come.
        assertThat(send(path, JSON, "Content-Length: 65537", "").status()).isEqualTo(status);
    }

    @ParameterizedTest
    @CsvSource({
        POCKETBASE_SIGN_IN + ",413," + JSON,
        POCKETBASE_SIGN_IN + ",413," + FORM,
        POCKETBASE_SIGN_IN + ",413,multipart/form-data; boundary=x",
        "/dispatcharr/api/accounts/token/,413," + JSON,
        "/dispatcharr/api/accounts/token/,413," + FORM,
        "/jobops/api/auth/login,500," + JSON,
    })
    void a_body_that_does_not_tell_its_length_is_read_so_far_and_no_further(String path, int status, String type) {
        // There is no end to it: an answer comes only from a server that does not wait for one.
        String piece = "2000\r\n" + "&".repeat(0x2000) + "\r\n";

        Exchange answer = send(path, type, "Transfer-Encoding: chunked", piece.repeat(9));

        assertThat(answer.status()).as(answer.toString()).isEqualTo(status);
    }

    @ParameterizedTest
    @CsvSource({
        "PATCH,/pocketbase/api/settings,413",
        "POST,/dispatcharr/api/accounts/api-keys/generate/,413",
        "PUT,/dispatcharr/api/backups/schedule/update/,413",
        "PATCH,/jobops/api/settings,500",
    })
    void neither_does_who_has_signed_in(String method, String path, int status) {
        Exchange answer = Exchange.send(
                server.http.port,
                List.of(
                        method + " " + path + " HTTP/1.1",
                        "Host: localhost",
                        "Content-Type: application/json",
                        "Content-Length: " + ((1 << 20) + 1),
                        server.http.bearer("ann"),
                        "Connection: close"),
                "");

        assertThat(answer.status()).as(answer.toString()).isEqualTo(status);
    }

    @Test
    void a_refusal_is_in_the_dialects_words() {
        assertThat(send(POCKETBASE_SIGN_IN, JSON, "Content-Length: 65537", "").body())
                .isEqualTo("{\"data\":{},\"message\":\"Request entity too large.\",\"status\":413}\n");
        assertThat(send("/dispatcharr/api/accounts/token/", JSON, "Content-Length: 65537", "")
                        .member("detail"))
                .isEqualTo("The request's body is larger than allowed.");
    }

    @Test
    void what_is_as_large_as_allowed_is_read() {
        String body = "{\"identity\":\"ann\",\"password\":\"password of ann\",\"more\":\"";
        String filled = body + "x".repeat((64 << 10) - body.length() - 2) + "\"}";

        assertThat(Exchange.post(server.http.port, POCKETBASE_SIGN_IN, filled).member("token"))
                .isNotEmpty();
        String chunk = Integer.toHexString(filled.length()) + "\r\n" + filled + "\r\n0\r\n\r\n";
        assertThat(send(POCKETBASE_SIGN_IN, JSON, "Transfer-Encoding: chunked", chunk)
                        .member("token"))
                .isNotEmpty();
    }

    private Exchange send(String path, String type, String length, String body) {
        return Exchange.send(
                server.http.port,
                List.of(
                        "POST " + path + " HTTP/1.1",
                        "Host: localhost",
                        "Content-Type: " + type,
                        length,
                        "Connection: close"),
                body);
    }
}
