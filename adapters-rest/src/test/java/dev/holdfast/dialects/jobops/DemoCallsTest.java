package dev.holdfast.dialects.jobops;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.dialects.jobops.JobOpsServerFixture.Setting;
import dev.holdfast.domain.backup.Origin;
import dev.holdfast.http.dialect.HttpCalls.Answer;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The public demo. */
@Tag("adapter")
class DemoCallsTest extends AccessCallsFixture {
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "POST|/api/backups|Manual backup creation is disabled in the public demo.",
                "DELETE|/api/backups/jobs_2026_02_14.db|Deleting backups is disabled in the public demo.",
                "DELETE|/api/backups/nonsense|Deleting backups is disabled in the public demo.",
                "PATCH|/api/settings|Saving settings is disabled in the public demo."
            })
    void the_open_demo_shows_all_and_changes_nothing(String method, String path, String reason) throws Exception {
        restart(Setting.OPEN.inDemo());
        server.put("jobs_2026_02_14.db", Origin.AUTOMATIC, 1);

        Answer answer = server.json(method, path, ON);

        assertRefused(answer, 403, "FORBIDDEN", "This action is disabled in the public demo.");
        assertThat(answer.text())
                .isEqualTo("{\"ok\":false,\"error\":{\"code\":\"FORBIDDEN\","
                        + "\"message\":\"This action is disabled in the public demo.\","
                        + "\"details\":{\"blockedReason\":\"" + reason + "\"}},"
                        + "\"meta\":{\"requestId\":\"" + answer.header("x-request-id") + "\",\"blockedReason\":\""
                        + reason + "\"}}");
        assertThat(server.get(BACKUPS).value("data.backups.0.filename")).isEqualTo("jobs_2026_02_14.db");
        assertThat(server.get("/api/settings").value("data.backupEnabled.value"))
                .isEqualTo(false);
    }

    @Test
    void in_the_closed_demo_everybody_is_a_visitor_whatever_they_show() throws Exception {
        restart(Setting.CLOSED.inDemo());
        String[] ann = server.as("ann");

        for (String[] who : new String[][] {{}, ann}) {
            assertRefused(server.get(BACKUPS, who), 403, "FORBIDDEN", ADMIN_ONLY);
            assertRefused(server.call("POST", BACKUPS, "", who), 403, "FORBIDDEN", ADMIN_ONLY);
            Answer deleted = server.call("DELETE", NAME, "", who);
            assertRefused(deleted, 403, "FORBIDDEN", ADMIN_ONLY);
            assertThat(deleted.value("meta.blockedReason")).isEqualTo("absent");
            Answer saved = server.json("PATCH", "/api/settings", ON, who);
            assertRefused(saved, 403, "FORBIDDEN", "This action is disabled in the public demo.");
            assertThat(saved.value("meta.blockedReason")).isEqualTo("Saving settings is disabled in the public demo.");
            assertThat(server.get("/api/settings", who).status()).isEqualTo(200);
            assertRefused(server.get("/api/auth/me", who), 401, "UNAUTHORIZED", "Authentication required");
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void everybody_is_told_whether_it_is_the_demo(boolean demo) throws Exception {
        for (Setting setting : List.of(Setting.OPEN, Setting.CLOSED)) {
            restart(demo ? setting.inDemo() : setting);

            assertThat(server.get("/api/demo/info").text())
                    .contains("\"data\":{\"demoMode\":" + demo + ",\"resetCadenceHours\":6,\"lastResetAt\":null,"
                            + "\"nextResetAt\":null,\"baselineVersion\":null,\"baselineName\":null}");
        }
    }
}
