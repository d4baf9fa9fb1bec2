package dev.holdfast.dialects.jobops;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.dialects.jobops.JobOpsServerFixture.Setting;
import dev.holdfast.domain.access.Role;
import dev.holdfast.domain.backup.Origin;
import dev.holdfast.http.dialect.HttpCalls.Answer;
import java.util.Base64;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The rights of visitors, users and admins, and where the API answers. */
@Tag("adapter")
class AccessCallsTest extends AccessCallsFixture {
    @ParameterizedTest
    @CsvSource({
        "GET,/api/backups",
        "POST,/api/backups",
        "DELETE,/api/backups/jobs_2026_02_14.db",
        "DELETE,/api/backups/nonsense",
        "GET,/api/settings",
        "PATCH,/api/settings",
        "GET,/api/auth/me",
        "GET,/api/nothing",
        "GET,/api/backups/jobs_2026_02_14.db"
    })
    void whoever_has_not_signed_in_is_refused(String method, String path) throws Exception {
        String basic = "Basic " + Base64.getEncoder().encodeToString("ann:password of ann".getBytes(UTF_8));
        assertRefused(server.json(method, path, ""), 401, "UNAUTHORIZED", "Authentication required");
        for (String shown : new String[] {basic, "Bearer", "Bearer nonsense", "Bearer a.b.c", "hft_0"}) {
            assertRefused(
                    server.json(method, path, "", "Authorization", shown),
                    401,
                    "UNAUTHORIZED",
                    "Authentication required");
        }
    }

    @ParameterizedTest
    @CsvSource({"GET,/api/backups", "POST,/api/backups", "DELETE,/api/backups/jobs_2026_02_14.db", "PATCH,/api/settings"
    })
    void only_admins_see_and_change_backups(String method, String path) throws Exception {
        server.put("jobs_2026_02_14.db", Origin.AUTOMATIC, 1);

        for (String name : new String[] {"otto", "vic"}) {
            assertRefused(server.json(method, path, ON, server.as(name)), 403, "FORBIDDEN", ADMIN_ONLY);
        }
        assertThat(server.json(method, path, ON, server.as("ann")).status()).isEqualTo(200);
    }

    @Test
    void everybody_who_has_signed_in_reads_the_settings() throws Exception {
        for (String name : new String[] {"ann", "otto", "vic"}) {
            assertThat(server.get("/api/settings", server.as(name)).value("data.backupHour.value"))
                    .isEqualTo(2);
        }
    }

    @Test
    void the_rights_are_those_of_the_account_now() throws Exception {
        String[] ann = server.as("ann");
        server.administer.addUser("zoe", Role.ADMIN, "password of zoe");
        server.administer.setPassword("ann", "another password");

        assertRefused(server.get(BACKUPS, ann), 401, "UNAUTHORIZED", "Authentication required");
    }

    @Test
    void an_unknown_route_is_told_to_whoever_has_signed_in() throws Exception {
        assertRefused(
                server.get("/api/nothing", server.as("vic")), 404, "NOT_FOUND", "Route not found: GET /api/nothing");
    }

    @Test
    void health_is_open_and_has_no_envelope() throws Exception {
        assertThat(server.get("/health").text())
                .isEqualTo("{\"status\":\"ok\",\"timestamp\":\"2026-02-15T10:20:30.123Z\"}");
        assertThat(server.send("GET", "/health", "").status()).isEqualTo(404);

        restart(Setting.CLOSED.atTheRoot());
        assertThat(server.send("GET", "/health", "").value("status")).isEqualTo("ok");
    }

    @Test
    void at_the_root_both_spellings_answer_as_jobops() throws Exception {
        restart(Setting.OPEN.atTheRoot());
        assertThat(server.send("POST", "/api/backups", "").value("data.type")).isEqualTo("manual");

        for (String path : new String[] {"/api/backups", "/api/backups/", "/jobops/api/backups"}) {
            Answer answer = server.send("GET", path, "");
            assertThat(answer.value("data.backups.0.filename")).isEqualTo("jobs_manual_2026_02_15_10_20_30.db");
            assertThat(answer.value("data.nextScheduled")).isNull();
        }
        assertRefused(server.send("GET", "/api/x?y=1", ""), 404, "NOT_FOUND", "Route not found: GET /api/x");
        assertThat(server.send("GET", "/api/v1/nothing", "").value("code")).isEqualTo("route-not-found");
    }
}
