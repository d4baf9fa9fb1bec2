package dev.holdfast.rest.v1;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.domain.identity.BackupKey;
import dev.holdfast.domain.identity.DatabaseName;
import dev.holdfast.domain.identity.OperationId;
import dev.holdfast.domain.problem.Problem;
import dev.holdfast.domain.problem.ProblemException;
import dev.holdfast.rest.v1.OneBackupUseCases.Ending;
import java.net.Socket;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@Tag("adapter")
@DisplayNameGeneration(ReplaceUnderscores.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class RestProblemsTest {
    private static final String ONE = "/api/v1/backup/" + OneBackupUseCases.NAME;

    private final RestServerFixture server = RestServerFixture.start();

    @AfterAll
    void stop() {
        server.close();
    }

    @BeforeEach
    void reset() {
        server.fake.reset();
    }

    @Test
    void a_problem_has_all_members_and_the_path_without_the_query() throws Exception {
        HttpResponse<String> response = server.send("GET", "/api/v1/backup/app_20260101_000000.db?database=default");
        assertThat(response.statusCode()).isEqualTo(404);
        assertThat(response.headers().firstValue("Content-Type")).hasValue("application/problem+json");
        assertThat(response.body())
                .isEqualTo("{\"type\":\"urn:holdfast:problem:backup-not-found\",\"title\":\"There is no such backup\","
                        + "\"status\":404,\"detail\":\"There is no backup \\\"app_20260101_000000.db\\\" of this database.\","
                        + "\"instance\":\"/api/v1/backup/app_20260101_000000.db\",\"code\":\"backup-not-found\"}");
    }

    @ParameterizedTest(name = "{0} is a 400")
    @ValueSource(
            strings = {
                "..",
                ".",
                ".hidden",
                "%2e%2e",
                "..%2f..%2fetc%2fpasswd",
                "..%5c..%5cetc",
                "%2fetc%2fpasswd",
                "a%2fb",
                "app.db%00.db",
                "%00",
                "%0d%0aX:1",
                "%ff%fe",
                "%c0%ae%c0%ae",
                "%252e%252e%252f",
                "app_2026.db",
                "holiday.jpg",
                "%20",
                "a%zz",
                "a%",
                "a%2"
            })
    void a_hostile_name_is_refused(String name) throws Exception {
        for (String rest : new String[] {"", "/download"}) {
            String answer = server.raw("GET", "/api/v1/backup/" + name + rest);
            assertThat(answer).startsWith("HTTP/1.1 400 ").contains("application/problem+json");
            assertThat(answer).containsAnyOf("\"code\":\"invalid-filename\"", "\"code\":\"invalid-argument\"");
        }
        for (String rest : new String[] {"/restore", "/verify"}) {
            assertThat(server.raw("POST", "/api/v1/backup/" + name + rest)).startsWith("HTTP/1.1 400 ");
        }
        assertThat(server.raw("DELETE", "/api/v1/backup/" + name)).startsWith("HTTP/1.1 400 ");
    }

    @Test
    void a_name_of_300_characters_is_refused() throws Exception {
        String answer = server.raw("GET", "/api/v1/backup/" + "a".repeat(300));
        assertThat(answer).startsWith("HTTP/1.1 400 ").contains("\"code\":\"invalid-filename\"");
    }

    @Test
    void a_name_with_further_segments_is_no_route() throws Exception {
        assertThat(server.raw("GET", "/api/v1/backup/../../etc/passwd"))
                .startsWith("HTTP/1.1 404 ")
                .contains("\"code\":\"route-not-found\"");
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(delimiter = '|', textBlock = """
                    app+1 (2);&=!.db   | app+1%20(2);&=!.db
                    app+1.db           | app%2B1.db
                    100%41.db          | 100%2541.db
                    größe.db           | gr%C3%B6%C3%9Fe.db
                    """)
    void an_odd_name_is_decoded_exactly_once(String name, String encoded) throws Exception {
        server.fake.hold(name, OneBackupUseCases.bytes(10));
        assertThat(server.raw("GET", "/api/v1/backup/" + encoded))
                .startsWith("HTTP/1.1 200 ")
                .contains("\"filename\":\"" + name + "\"");
    }

    @ParameterizedTest(name = "{0} {1} is a {2} {3}")
    @CsvSource({
        "GET, /nowhere, 404, route-not-found",
        "GET, /api/v1/nowhere, 404, route-not-found",
        "PUT, /api/v1/backup, 405, method-not-allowed",
        "POST, /api/v1/databases, 405, method-not-allowed",
        "BREW, /api/v1/backup, 405, method-not-allowed",
        "GET, /api/v1/operations/none, 404, operation-not-found",
        "GET, /api/v1/operations/no%20ne, 404, operation-not-found",
        "POST, /api/v1/operations/none/cancel, 404, operation-not-found",
        "GET, /api/v1/operations/none/events, 404, operation-not-found",
        "GET, /api/v1/operations?state=lost, 400, invalid-argument",
        "GET, /api/v1/operations?page_size=many, 400, invalid-argument",
        "GET, /api/v1/operations?database=a%2Fb, 404, database-not-found",
        "GET, /api/v1/backup?page_size=-1, 400, invalid-argument",
        "GET, /api/v1/backup?page_size=99999999999, 400, invalid-argument",
    })
    void what_is_asked_for_wrongly_is_a_problem(String method, String path, int status, String code) throws Exception {
        HttpResponse<String> response = server.send(method, path);
        assertThat(response.statusCode()).isEqualTo(status);
        assertThat(response.headers().firstValue("Content-Type")).hasValue("application/problem+json");
        assertThat(response.body()).contains("\"code\":\"" + code + "\"");
        assertThat(response.headers().firstValue("Allow").isPresent()).isEqualTo(status == 405);
    }

    @Test
    void a_body_that_is_no_json_is_a_problem() throws Exception {
        HttpResponse<String> response =
                server.sendBody("PATCH", ONE, "{\"pinned\":", "Content-Type", "application/json");
        assertThat(response.statusCode()).isEqualTo(400);
        assertThat(response.body()).contains("\"code\":\"invalid-argument\"");
    }

    @Test
    void a_body_of_another_type_is_a_problem() throws Exception {
        HttpResponse<String> response = server.sendBody("PATCH", ONE, "<a/>", "Content-Type", "text/xml");
        assertThat(response.statusCode()).isEqualTo(415);
        assertThat(response.body()).contains("\"code\":\"unsupported-media-type\"");
    }

    @Test
    void a_body_that_is_too_large_is_a_problem() throws Exception {
        try (Socket socket = server.connect()) {
            RestServerFixture.write(
                    socket,
                    "PATCH " + ONE + " HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
                            + "Connection: close\r\nContent-Length: 99999999999\r\n\r\n{");
            byte[] begin = socket.getInputStream().readNBytes(400);
            assertThat(new String(begin, StandardCharsets.UTF_8))
                    .startsWith("HTTP/1.1 413 ")
                    .contains("application/problem+json");
        }
    }

    @Test
    void an_accept_header_that_excludes_json_is_a_problem() throws Exception {
        HttpResponse<String> response = server.send("GET", "/api/v1/backup", "Accept", "image/png");
        assertThat(response.statusCode()).isEqualTo(406);
        assertThat(response.headers().firstValue("Content-Type")).hasValue("application/problem+json");
        assertThat(response.body()).contains("\"code\":\"not-acceptable\"");
    }

    @Test
    void an_unexpected_exception_tells_nothing() throws Exception {
        server.fake.failure.set(new IllegalStateException("the secret is 42"));
        HttpResponse<String> response = server.send("GET", "/api/v1/backup");
        assertThat(response.statusCode()).isEqualTo(500);
        assertThat(response.body()).contains("\"code\":\"internal\"").doesNotContain("42", "Illegal");
    }

    @Test
    void a_problem_that_is_thrown_is_that_problem() throws Exception {
        server.fake.failure.set(new ProblemException(new Problem.StoreUnavailable("The directory cannot be read.")));
        HttpResponse<String> response = server.send("GET", "/api/v1/backup");
        assertThat(response.statusCode()).isEqualTo(503);
        assertThat(response.headers().firstValue("Retry-After")).hasValue("5");
        assertThat(response.body()).contains("\"code\":\"store-unavailable\"", "The directory cannot be read.");
    }

    @Test
    void too_many_attempts_say_when_to_come_back() throws Exception {
        server.fake.refusal.set(new Problem.TooManyAttempts(Duration.ofMillis(1500)));
        HttpResponse<String> response = server.send("GET", "/api/v1/backup");
        assertThat(response.statusCode()).isEqualTo(429);
        assertThat(response.headers().firstValue("Retry-After")).hasValue("2");
    }

    @Test
    void a_running_operation_is_named_by_the_one_that_it_keeps_out() throws Exception {
        server.fake.refusal.set(new Problem.OperationInProgress(DatabaseName.DEFAULT, new OperationId("op-7")));
        HttpResponse<String> response = server.send("POST", "/api/v1/backup");
        assertThat(response.statusCode()).isEqualTo(409);
        assertThat(response.body()).contains("\"code\":\"operation-in-progress\"", "\"operation\":\"op-7\"");
    }

    @ParameterizedTest(name = "{0} is a {1}")
    @CsvSource({
        "source-busy, 503, source-busy",
        "insufficient-storage, 507, insufficient-storage",
        "backup-incompatible, 422, backup-incompatible",
        "interrupted, 503, interrupted",
        "of-a-newer-version, 500, internal",
    })
    void a_failed_operation_is_the_problem_that_it_ended_with(String kept, int status, String code) throws Exception {
        server.fake.ending.set(new Ending.Fails(kept, "What was the matter."));
        HttpResponse<String> response = server.send("POST", ONE + "/restore");
        assertThat(response.statusCode()).isEqualTo(status);
        String operation = response.headers().firstValue("Operation-Id").orElseThrow();
        assertThat(response.body())
                .contains("\"code\":\"" + code + "\"", "What was the matter.", "\"operation\":\"" + operation + "\"");
        assertThat(server.send("GET", "/api/v1/operations/" + operation).body())
                .contains("\"error\":{\"code\":\"" + kept + "\",\"detail\":\"What was the matter.\"}");
    }

    @Test
    void a_cancelled_operation_is_a_conflict() throws Exception {
        server.fake.ending.set(new Ending.Cancels());
        HttpResponse<String> response = server.send("POST", "/api/v1/backup");
        assertThat(response.statusCode()).isEqualTo(409);
        assertThat(response.body()).contains("\"code\":\"operation-cancelled\"", "\"operation\":\"op-");
    }

    @Test
    void a_pinned_backup_is_a_conflict() throws Exception {
        server.fake.refusal.set(new Problem.BackupPinned(new BackupKey(OneBackupUseCases.NAME)));
        assertThat(server.send("DELETE", ONE).statusCode()).isEqualTo(409);
    }

    @Test
    void a_problem_in_answer_to_head_has_no_body() throws Exception {
        HttpResponse<String> response = server.send("HEAD", "/api/v1/backup/app_20260101_000000.db/download");
        assertThat(response.statusCode()).isEqualTo(404);
        assertThat(response.body()).isEmpty();
    }
}
