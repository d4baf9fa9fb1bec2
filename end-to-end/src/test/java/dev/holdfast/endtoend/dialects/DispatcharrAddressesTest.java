package dev.holdfast.endtoend.dialects;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.endtoend.server.Client.Answer;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which addresses and methods Dispatcharr's APIs have, also next to JobOps' API. */
@Tag("process")
@DisplayNameGeneration(ReplaceUnderscores.class)
@Timeout(120)
class DispatcharrAddressesTest extends DispatcharrCalls {
    private String kept;

    @BeforeAll
    void create() throws Exception {
        kept = server.create();
    }

    @Test
    void with_dispatcharr_at_the_root_jobops_answers_under_its_prefix_alone() throws Exception {
        assertThat(server.call("GET", "/api/backups/").json().isArray()).isTrue();
        assertThat(server.call("GET", "/api/backups").header("Content-Type")).startsWith("text/html");
        assertThat(server.call("POST", "/api/backups").status()).isEqualTo(405);
        assertThat(server.call("DELETE", "/api/backups/jobs_2026_01_01.db").status())
                .isEqualTo(405);

        String token = post(
                        "/jobops/api/auth/login",
                        "{\"username\":\"" + DispatcharrInstallation.ADMIN + "\",\"password\":\""
                                + DispatcharrInstallation.PASSWORD + "\"}")
                .text()
                .replaceAll(".*\"token\":\"([^\"]+)\".*", "$1");
        String[] who = {"Authorization", "Bearer " + token};
        for (String path : List.of("/jobops/api/backups", "/jobops/api/backups/")) {
            assertThat(get(path, who).text())
                    .as("neither the database nor the directory exists")
                    .startsWith("{\"ok\":true,\"data\":{\"backups\":[],\"nextScheduled\":null}");
        }
        Answer failed = post("/jobops/api/backups", "", who);
        assertThat(failed.status()).isEqualTo(500);
        assertThat(failed.text())
                .contains("\"code\":\"INTERNAL_ERROR\"")
                .contains("Database file not found: " + server.directory.resolve("jobs.db"));
        assertThat(get("/jobops/api/backups", who).text()).contains("\"backups\":[]");
        assertThat(get("/api/backups/", who).status())
                .as("one dialect's token opens no other")
                .isEqualTo(401);
    }

    @ParameterizedTest
    @CsvSource({
        "GET, /api/backups/create/",
        "GET, /api/backups/upload/",
        "POST, /api/backups/schedule/",
        "GET, /api/backups/schedule/update/",
        "PATCH, /api/backups/schedule/update/",
        "POST, /api/backups/status/1/",
        "POST, /api/backups/a.zip/download-token/",
        "POST, /api/backups/a.zip/download/",
        "GET, /api/backups/a.zip/delete/",
        "GET, /api/backups/a.zip/restore/",
        "PUT, /api/backups/jobs/",
        "PUT, /api/backups/jobs/1/",
        "GET, /api/backups/jobs/1/cancel/",
        "POST, /api/backups/jobs/1/download/",
        "GET, /api/backups/jobs/1/restore/",
        "GET, /api/backups/jobs/restore-upload/",
        "POST, /api/backups/settings/",
        "GET, /api/accounts/token/",
        "GET, /api/accounts/api-keys/generate/",
    })
    void another_method_is_told(String method, String path) throws Exception {
        assertDetail(server.call(method, path), 405, "Method \"" + method + "\" not allowed.");
    }

    @Test
    void addresses_that_there_are_not_get_the_page_and_wrong_methods_are_told() throws Exception {
        for (String path : List.of(
                "/api/backups", "/api/none/", "/api/backups/a%2Fb/download/", "/dispatcharr/api/backups", "/api")) {
            Answer page = server.call("GET", path);
            assertThat(page.status()).as(path).isEqualTo(200);
            assertThat(page.header("Content-Type")).startsWith("text/html");
        }
        assertThat(server.call("POST", "/api/backups/create").status()).isEqualTo(405);
        assertDetail(server.call("POST", "/api/backups/"), 405, "Method \"POST\" not allowed.");
        assertDetail(
                get("/api/backups/", "Accept", "application/zip"), 406, "Could not satisfy the request Accept header.");
        Answer html = get("/api/backups/", "Accept", "text/html", "Authorization", "Bearer " + server.access);
        assertThat(html.status()).isEqualTo(200);
        assertThat(html.header("Content-Type")).startsWith("text/html");
        assertThat(html.text()).contains(kept);
        assertThat(server.call("GET", "/dispatcharr/api/backups/").json())
                .isEqualTo(server.call("GET", "/api/backups/").json());
    }

    @Test
    void pages_of_all_origins_may_call() throws Exception {
        assertThat(server.call("GET", "/api/backups/").header("Access-Control-Allow-Origin"))
                .isEqualTo("*");
        Answer preflight = server.send(
                "OPTIONS",
                "/api/backups/create/",
                new byte[0],
                "Origin",
                "http://tv.example",
                "Access-Control-Request-Method",
                "POST",
                "Access-Control-Request-Headers",
                "authorization");
        assertThat(preflight.status()).isEqualTo(200);
        assertThat(preflight.header("Access-Control-Allow-Headers")).isEqualTo("authorization");
        assertThat(preflight.header("Access-Control-Allow-Methods")).contains("POST");
    }
}
