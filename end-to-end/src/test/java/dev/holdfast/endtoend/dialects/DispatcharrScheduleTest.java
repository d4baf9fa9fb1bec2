package dev.holdfast.endtoend.dialects;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.holdfast.endtoend.plans.FarTime;
import dev.holdfast.endtoend.plans.PlanProgressProbe;
import dev.holdfast.endtoend.plans.Planned;
import dev.holdfast.endtoend.server.Client.Answer;
import dev.holdfast.endtoend.server.Command;
import dev.holdfast.endtoend.server.Eventually;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The schedule of Dispatcharr's released API, and the retention that follows it. */
@Tag("process")
@DisplayNameGeneration(ReplaceUnderscores.class)
@Timeout(120)
class DispatcharrScheduleTest extends DispatcharrCalls {
    @Test
    void at_first_there_is_nothing_and_nothing_is_planned() {
        assertThat(first.get(0).text()).isEqualTo("[]");
        assertThat(first.get(1).text()).isEqualTo("[]");
        assertThat(first.get(2).text()).isEqualTo(OFF);
        assertThat(first.get(3).text())
                .isEqualTo("{\"enabled\":false,\"retention\":0,\"path\":\"" + server.backups()
                        + "\",\"extra_paths\":[],\"include_recordings\":true,\"schedule\":{\"preset\":\"daily\","
                        + "\"minute\":\"15\",\"hour\":\"3\",\"day_of_month\":\"*\",\"month\":\"*\","
                        + "\"day_of_week\":\"*\",\"timezone\":\"UTC\"}}");
    }

    @Test
    void the_schedule_is_changed_key_by_key() throws Exception {
        String update = "/api/backups/schedule/update/";
        String daily = "{\"enabled\":true,\"frequency\":\"daily\",\"time\":\"" + FarTime.OF_DAY
                + "\",\"day_of_week\":0,\"retention_count\":3,\"cron_expression\":\"\"}";
        Answer saved = server.call("PUT", update, daily);
        assertThat(saved.status()).as(saved.text()).isEqualTo(200);
        assertThat(saved.text()).isEqualTo(daily);
        assertThat(server.call("GET", "/api/backups/schedule/").text()).isEqualTo(daily);
        assertThat(planOf().path("retention").path("last").asInt()).isEqualTo(3);

        assertThat(server.call(
                                "PUT",
                                update,
                                "{\"frequency\":\"weekly\",\"time\":\"4:5\",\"day_of_week\":\"" + FarTime.DAY_OF_WEEK
                                        + "\",\"other\":1}")
                        .text())
                .isEqualTo("{\"enabled\":true,\"frequency\":\"weekly\",\"time\":\"04:05\",\"day_of_week\":"
                        + FarTime.DAY_OF_WEEK + ",\"retention_count\":3,\"cron_expression\":\"\"}");
        String weekly = "0 2 * * " + FarTime.DAY_OF_WEEK;
        assertThat(server.call("PUT", update, "{\"cron_expression\":\"" + weekly.replace("2 *", "2  *") + "\"}")
                        .json()
                        .path("cron_expression")
                        .asText())
                .isEqualTo(weekly);
        assertThat(server.call("PUT", update, "{\"enabled\":\"\"}")
                        .json()
                        .path("enabled")
                        .asBoolean())
                .isFalse();
        assertThat(server.call("PUT", update, "{\"enabled\":\"false\"}")
                        .json()
                        .path("enabled")
                        .asBoolean())
                .isTrue();
        JsonNode core = server.call("GET", "/api/core/settings/").json();
        assertThat(core.at("/0/key").asText()).isEqualTo("backup_settings");
        assertThat(core.at("/0/value").fieldNames())
                .toIterable()
                .containsExactly(
                        "schedule_enabled",
                        "schedule_frequency",
                        "schedule_time",
                        "schedule_day_of_week",
                        "retention_count",
                        "schedule_cron_expression");
        assertThat(server.call("PUT", update, daily).text()).isEqualTo(daily);
    }

    private JsonNode planOf() throws Exception {
        String token = Command.run(
                        server.options.dataDir(), "", "token", "create", "--name", "reader", "--role", "viewer")
                .replaceAll("(?s).*(hft_\\S+).*", "$1");
        return get("/api/v1/backup/plan?database=tv", "Authorization", "Bearer " + token)
                .json();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            {"frequency":"hourly"}                     | 400 | frequency must be 'daily' or 'weekly'
            {"time":"noon"}                            | 400 | time must be in HH:MM format
            {"time":"25:00"}                           | 400 | time must be in HH:MM format
            {"day_of_week":7}                          | 400 | day_of_week must be 0-6 (Sunday-Saturday)
            {"retention_count":-1}                     | 400 | retention_count must be >= 0
            {"retention_count":"abc"}                  | 400 | invalid literal for int() with base 10: 'abc'
            {"enabled":true,"cron_expression":"1 2 3"} | 400 | Cron expression must have 5 parts: minute hour day month weekday
            {"retention_count":null}                   | 500 | Failed to update schedule: int() argument must be a string, a bytes-like object or a real number, not 'NoneType'
            """)
    void a_schedule_that_does_not_fit_changes_nothing(String body, int status, String detail) throws Exception {
        String before = server.call("GET", "/api/backups/schedule/").text();
        assertDetail(server.call("PUT", "/api/backups/schedule/update/", body), status, detail);
        assertThat(server.call("GET", "/api/backups/schedule/").text()).isEqualTo(before);
    }

    @Test
    void a_schedule_that_cannot_be_read_is_refused() throws Exception {
        String update = "/api/backups/schedule/update/";
        Answer malformed = server.call("PUT", update, "{");
        assertThat(malformed.status()).isEqualTo(500);
        assertThat(malformed.text("detail")).startsWith("Failed to update schedule: JSON parse error - ");
        Answer text = server.send(
                "PUT",
                update,
                "x".getBytes(UTF_8),
                "Content-Type",
                "text/plain",
                "Authorization",
                "Bearer " + server.access);
        assertDetail(text, 500, "Failed to update schedule: " + unsupported("text/plain"));
        Answer wrongCron = server.call("PUT", update, "{\"enabled\":true,\"cron_expression\":\"99 * * * *\"}");
        assertThat(wrongCron.status()).isEqualTo(400);
        assertThat(wrongCron.text("detail")).contains("99");
    }

    @Test
    void a_schedule_may_be_a_form_and_its_cron_line_counts_while_it_is_on_alone() throws Exception {
        Answer form = server.send(
                "PUT",
                UPDATE,
                "enabled=&time=05%3A06&day_of_week=3&retention_count=0".getBytes(UTF_8),
                "Content-Type",
                "application/x-www-form-urlencoded",
                "Authorization",
                "Bearer " + server.access);
        assertThat(form.status()).as(form.text()).isEqualTo(200);
        assertThat(form.json().path("time").asText()).isEqualTo("05:06");
        assertThat(form.json().path("day_of_week").asInt()).isEqualTo(3);
        Answer off = server.call("PUT", UPDATE, "{\"enabled\":false,\"cron_expression\":\"1 2 3\"}");
        assertThat(off.status()).as(off.text()).isEqualTo(200);
        assertThat(off.json().path("cron_expression").asText()).isEqualTo("1 2 3");
        assertDetail(
                server.call("PUT", UPDATE, "{\"enabled\":true}"),
                400,
                "Cron expression must have 5 parts: minute hour day month weekday");
        assertThat(server.call("GET", SCHEDULE).json()).isEqualTo(off.json());
        Answer noNumber = server.call("PUT", UPDATE, "{\"day_of_week\":null}");
        assertThat(noNumber.status()).isEqualTo(500);
        assertThat(noNumber.text("detail")).startsWith("Failed to update schedule: ");
        assertThat(server.call("PUT", UPDATE, "{}").json()).isEqualTo(off.json());
        assertThat(server.call("PUT", UPDATE, OFF).text()).isEqualTo(OFF);
    }

    @Test
    void retention_follows_a_scheduled_run_and_no_other() throws Exception {
        List<String> manual = new ArrayList<>();
        server.call("PUT", UPDATE, OFF.replace("\"retention_count\":0", "\"retention_count\":2"));
        for (int i = 0; i < 3; i++) {
            manual.add(server.create());
        }
        assertThat(listed()).containsAll(manual);

        server.call(
                "PUT",
                UPDATE,
                OFF.replace("\"retention_count\":0", "\"retention_count\":2")
                        .replace("03:00", FarTime.OF_DAY)
                        .replace("\"enabled\":false", "\"enabled\":true"));
        String scheduled = planned();
        assertThat(scheduled).endsWith(".zip").isNotIn(manual);

        List<String> left = Eventually.get(this::listed, it -> Collections.disjoint(it, manual.subList(0, 2)));
        // If another test has restored something, the newest safety backup stays beside them.
        assertThat(left).contains(scheduled, manual.getLast()).hasSizeLessThanOrEqualTo(3);
        assertThat(manual).doesNotHaveDuplicates();
        JsonNode job = server.call("GET", JOBS).json().path(0);
        assertThat(job.path("file_name").asText()).isEqualTo(scheduled);
        assertThat(job.path("scheduled").asBoolean()).isTrue();
        assertThat(job.path("requested_by").isNull()).isTrue();
        assertThat(server.call("PUT", UPDATE, OFF).text()).isEqualTo(OFF);
    }

    /** Has the plan make a backup for a second that has gone by just now. @return its name */
    private String planned() throws Exception {
        String[] who = nativeToken();
        String plan = "/api/v1/backup/plan?database=tv";
        var progress = new PlanProgressProbe(server.options.dataDir(), "tv");
        Planned daily = Planned.justGoneBy();
        Answer changed = server.send("PATCH", plan, daily.json().getBytes(UTF_8), who);
        assertThat(changed.status()).as(changed.text()).isEqualTo(200);
        progress.awaitBegun("BACKUP", daily.timetable());
        progress.wasDownFor("BACKUP", Duration.ofDays(2));
        progress.awaitDone("BACKUP");
        server.send("PATCH", plan, "{\"time_zone\":\"UTC\"}".getBytes(UTF_8), who);
        return server.call("GET", JOBS).json().path(0).path("file_name").asText();
    }
}
