package dev.holdfast.dialects.jobops;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.http.dialect.HttpCalls.Answer;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Addresses, ids, bodies and origins of calls to JobOps' API. */
@Tag("adapter")
class RequestRulesTest extends BackupCallsFixture {
    @ParameterizedTest
    @CsvSource({
        "GET,/api/backups/jobs_2026_01_01.db",
        "GET,/api/backups/jobs_2026_01_01.db/download",
        "POST,/api/backups/jobs_2026_01_01.db/restore",
        "POST,/api/backups/upload",
        "PATCH,/api/backups/jobs_2026_01_01.db",
        "DELETE,/api/backups/",
        "DELETE,/api/backups",
        "PUT,/api/settings",
        "GET,/api/app/status",
        "GET,/api/nothing",
        "GET,/api"
    })
    void what_does_not_exist_is_an_unknown_route(String method, String path) throws Exception {
        assertRefused(server.call(method, path, ""), 404, "NOT_FOUND", "Route not found: " + method + " " + path);
    }

    @Test
    void a_path_that_cannot_be_decoded_is_500() throws Exception {
        assertRefused(
                server.call("DELETE", BACKUPS + "/%ff%fe", ""),
                500,
                "INTERNAL_ERROR",
                "Failed to decode param '%ff%fe'");
    }

    @Test
    void one_slash_at_the_end_changes_nothing() throws Exception {
        assertThat(server.call("POST", BACKUPS + "/", "").status()).isEqualTo(200);
        assertThat(server.get(BACKUPS + "/").value("data.backups.0.type")).isEqualTo("manual");
        assertThat(server.get("/api/settings/").status()).isEqualTo(200);
        assertThat(server.call("DELETE", BACKUPS + "/jobs_manual_2026_02_15_10_20_30.db/", "")
                        .status())
                .isEqualTo(200);
    }

    @ParameterizedTest
    @CsvSource({"' padded ',padded", "a-b.c,a-b.c"})
    void the_requests_id_comes_back_trimmed(String sent, String back) throws Exception {
        assertThat(server.get("/api/nothing", "x-request-id", sent).value("meta.requestId"))
                .isEqualTo(back);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "   "})
    void without_an_id_each_request_gets_a_new_one(String sent) throws Exception {
        Answer first = server.get(BACKUPS, "x-request-id", sent);
        Answer second = server.get(BACKUPS);

        assertThat(String.valueOf(first.value("meta.requestId"))).matches("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}");
        assertThat(first.header("x-request-id")).isEqualTo(first.value("meta.requestId"));
        assertThat(second.value("meta.requestId")).isNotEqualTo(first.value("meta.requestId"));
    }

    @ParameterizedTest
    @CsvSource({"POST,/api/backups", "PATCH,/api/settings", "POST,/api/auth/login"})
    void a_body_that_is_no_json_is_500_and_one_that_is_too_large_too(String method, String path) throws Exception {
        for (String body : List.of("{", "nonsense", "\"text\"", "null", "3")) {
            Answer answer = server.json(method, path, body);
            assertThat(answer.status()).as(body).isEqualTo(500);
            assertThat(answer.value("error.code")).isEqualTo("INTERNAL_ERROR");
        }
        assertRefused(
                server.json(method, path, "{\"x\":\"" + "y".repeat(101 * 1024) + "\"}"),
                500,
                "INTERNAL_ERROR",
                "request entity too large");
        assertThat(listed()).isEmpty();
    }

    @Test
    void a_preflight_is_answered_and_every_answer_is_for_any_origin() throws Exception {
        Answer preflight = server.call(
                "OPTIONS",
                BACKUPS,
                "",
                "Origin",
                "https://jobs.example",
                "Access-Control-Request-Method",
                "DELETE",
                "Access-Control-Request-Headers",
                "authorization");

        assertThat(preflight.status()).isEqualTo(204);
        assertThat(preflight.header("Access-Control-Allow-Origin")).isEqualTo("*");
        assertThat(preflight.header("Access-Control-Allow-Methods")).contains("DELETE");
        assertThat(preflight.header("Access-Control-Allow-Headers")).isEqualTo("authorization");
        assertThat(server.get(BACKUPS).header("Access-Control-Allow-Origin")).isEqualTo("*");
    }

    @Test
    void while_access_is_open_other_web_sites_are_kept_out() throws Exception {
        Answer answer =
                server.call("DELETE", BACKUPS + "/jobs_2026_01_01.db", "", "Origin", "https://elsewhere.example");

        assertThat(answer.status()).isEqualTo(403);
        assertThat(answer.value("error.code")).isEqualTo("FORBIDDEN");
        assertThat(String.valueOf(answer.value("error.message"))).contains("another web site");
    }
}
