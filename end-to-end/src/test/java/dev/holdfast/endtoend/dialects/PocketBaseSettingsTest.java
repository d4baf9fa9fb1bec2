package dev.holdfast.endtoend.dialects;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.holdfast.endtoend.plans.FarTime;
import dev.holdfast.endtoend.server.Client.Answer;
import dev.holdfast.endtoend.server.Command;
import dev.holdfast.endtoend.server.Eventually;
import java.time.DayOfWeek;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** PocketBase's settings: the schedule, the bucket, and what is rejected. */
@Tag("process")
@DisplayNameGeneration(ReplaceUnderscores.class)
class PocketBaseSettingsTest extends PocketBaseCalls {
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "backups.cron | {\"backups\":{\"cron\":\"\"}}",
                "backups.cron,meta.hideControls | {\"backups\":{\"cron\":\"\"},\"meta\":{\"hideControls\":false}}",
                "s3.* | {\"s3\":{\"enabled\":false,\"bucket\":\"\",\"region\":\"\",\"endpoint\":\"\","
                        + "\"accessKey\":\"\",\"forcePathStyle\":false}}",
                "superuserIPs, batch.timeout | {\"superuserIPs\":[],\"batch\":{\"timeout\":3}}",
                "*.enabled,nothing | {\"smtp\":{\"enabled\":false},\"s3\":{\"enabled\":false},"
                        + "\"rateLimits\":{\"enabled\":false},\"batch\":{\"enabled\":false}}",
            })
    void fields_keeps_what_it_names(String fields, String expected) throws Exception {
        Answer answer =
                call("GET", "/api/settings?fields=" + fields.replace(" ", "%20").replace(",", "%2C"), "");
        JsonNode found = answer.json();
        for (Map.Entry<String, JsonNode> member : JSON.readTree(expected).properties()) {
            assertThat(found.path(member.getKey())).as(answer.text()).isEqualTo(member.getValue());
        }
    }

    private interface Days {
        boolean include(ZonedDateTime minute);
    }

    /** Five fields of which all have to fit, in UTC; the week begins with Sunday, which is 0. */
    @Test
    void a_schedule_means_what_pocketbase_means_by_it() throws Exception {
        Days midnight = it -> it.getHour() == 0 && it.getMinute() == 0;
        Map<String, Days> schedules = new LinkedHashMap<>();
        schedules.put("@hourly", it -> it.getMinute() == 0);
        schedules.put("@daily", midnight);
        schedules.put("@midnight", midnight);
        schedules.put("@weekly", it -> midnight.include(it) && it.getDayOfWeek() == DayOfWeek.SUNDAY);
        schedules.put("@monthly", it -> midnight.include(it) && it.getDayOfMonth() == 1);
        schedules.put("@yearly", it -> midnight.include(it) && it.getDayOfYear() == 1);
        schedules.put("@annually", it -> midnight.include(it) && it.getDayOfYear() == 1);
        schedules.put("*/20 * * * *", it -> it.getMinute() % 20 == 0);
        schedules.put("10-50/20 * * * *", it -> List.of(10, 30, 50).contains(it.getMinute()));
        schedules.put("5,35 1-3 * * *", it -> it.getMinute() % 30 == 5 && it.getHour() >= 1 && it.getHour() <= 3);
        schedules.put("0 0 * * 0", it -> midnight.include(it) && it.getDayOfWeek() == DayOfWeek.SUNDAY);
        schedules.put(
                "0 0 * * 1-5", it -> midnight.include(it) && it.getDayOfWeek().getValue() <= 5);
        schedules.put(
                "0 0 1 */4 *", it -> midnight.include(it) && it.getDayOfMonth() == 1 && it.getMonthValue() % 4 == 1);
        schedules.put(
                "0 0 13 * 5",
                it -> midnight.include(it) && it.getDayOfMonth() == 13 && it.getDayOfWeek() == DayOfWeek.FRIDAY);
        String nativeToken = "Bearer "
                + Command.run(dataDir, "", "token", "create", "--name", "reader", "--role", "viewer")
                        .replaceAll("(?s).*(hft_\\S+).*", "$1");
        for (Map.Entry<String, Days> schedule : schedules.entrySet()) {
            Answer saved = json("PATCH", "/api/settings", "{\"backups\":{\"cron\":\"" + schedule.getKey() + "\"}}");
            assertThat(saved.json().at("/backups/cron").asText()).isEqualTo(schedule.getKey());
            ZonedDateTime before = ZonedDateTime.now(ZoneOffset.UTC);
            String next = JSON.readTree(
                            send("GET", "/api/v1/backup/plan?database=pb", new byte[0], "Authorization", nativeToken)
                                    .text())
                    .path("next_run")
                    .asText();
            assertThat(List.of(
                            next(schedule.getValue(), before),
                            next(schedule.getValue(), ZonedDateTime.now(ZoneOffset.UTC))))
                    .as(schedule.getKey())
                    .contains(Instant.parse(next));
        }
        assertThat(json("PATCH", "/api/settings", "{\"backups\":{\"cron\":\"\"}}")
                        .status())
                .isEqualTo(200);
        awaitIdle(); // a minute of one of them may have come meanwhile
    }

    private static Instant next(Days schedule, ZonedDateTime now) {
        ZonedDateTime minute = now.truncatedTo(ChronoUnit.MINUTES).plusMinutes(1);
        while (!schedule.include(minute)) {
            minute = minute.plusMinutes(1);
        }
        return minute.toInstant();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{\"backups\":{\"cron\":\"every day\"}} | backups.cron | validation_invalid_cron",
                "{\"backups\":{\"cron\":\"0 0 * * 7\"}} | backups.cron | validation_invalid_cron",
                "{\"backups\":{\"cron\":\"0 0 * * MON\"}} | backups.cron | validation_invalid_cron",
                "{\"backups\":{\"cron\":\"0  0 * * *\"}} | backups.cron | validation_invalid_cron",
                "{\"backups\":{\"cron\":\"5/10 0 * * *\"}} | backups.cron | validation_invalid_cron",
                "{\"backups\":{\"cron\":\"@daily\",\"cronMaxKeep\":0}} | backups.cronMaxKeep | validation_required",
                "{\"backups\":{\"cronMaxKeep\":-1}} | backups.cronMaxKeep | validation_min_greater_equal_than_required",
                "{\"backups\":{\"s3\":{\"endpoint\":\"not a url\"}}} | backups.s3.endpoint | validation_is_url",
                "{\"superuserIPs\":[\"10.0.0.1\"]} | superuserIPs | validation_not_supported",
            })
    void a_setting_that_is_not_allowed_is_refused_and_nothing_changed(String body, String field, String code)
            throws Exception {
        JsonNode before = call("GET", "/api/settings", "").json();
        assertRefused(json("PATCH", "/api/settings", body), 400, NOT_SAVED, Map.of(field, code));
        assertThat(call("GET", "/api/settings", "").json()).isEqualTo(before);
    }

    @Test
    void a_bucket_needs_all_that_says_where_it_is() throws Exception {
        assertRefused(
                json("PATCH", "/api/settings", "{\"backups\":{\"s3\":{\"enabled\":true}}}"),
                400,
                NOT_SAVED,
                Map.of(
                        "backups.s3.accessKey", "validation_required",
                        "backups.s3.bucket", "validation_required",
                        "backups.s3.endpoint", "validation_required",
                        "backups.s3.region", "validation_required",
                        "backups.s3.secret", "validation_required"));
        Answer saved = json("PATCH", "/api/settings", """
                {"backups": {"s3": {"enabled": true, "bucket": "my-backups", "region": "us-east-1",
                 "endpoint": "https://s3.amazonaws.com", "accessKey": "key", "secret": "very secret"}}}
                """);
        assertThat(saved.status()).as(saved.text()).isEqualTo(200);
        assertThat(saved.text())
                .doesNotContain("very secret")
                .doesNotContain("\"secret\"")
                .contains("\"key\"");
        assertThat(call("GET", "/api/settings", "").text()).doesNotContain("very secret");
        assertRefused(
                json("POST", "/api/settings/test/s3", "{\"filesystem\":\"backups\"}"),
                400,
                "Failed to test the S3 filesystem. Raw error: \nfailed to initialize the S3 filesystem: "
                        + "this version of Holdfast keeps backups in directories.",
                Map.of());
        // What is left out stays, the secret too; an empty one clears it.
        assertThat(json("PATCH", "/api/settings", "{\"backups\":{\"s3\":{\"bucket\":\"other\"}}}")
                        .status())
                .isEqualTo(200);
        assertRefused(
                json("PATCH", "/api/settings", "{\"backups\":{\"s3\":{\"secret\":\"\"}}}"),
                400,
                NOT_SAVED,
                Map.of("backups.s3.secret", "validation_required"));
        assertThat(json("PATCH", "/api/settings", "{\"backups\":{\"s3\":{\"enabled\":false}}}")
                        .status())
                .isEqualTo(200);
        String disabled = "Failed to test the S3 filesystem. Raw error: \nS3 storage filesystem is not enabled.";
        assertRefused(json("POST", "/api/settings/test/s3", "{\"filesystem\":\"backups\"}"), 400, disabled, Map.of());
        assertRefused(json("POST", "/api/settings/test/s3", "{\"filesystem\":\"storage\"}"), 400, disabled, Map.of());
        String failed = "Failed to test the S3 filesystem.";
        assertRefused(
                json("POST", "/api/settings/test/s3", "{}"), 400, failed, Map.of("filesystem", "validation_required"));
        assertRefused(
                json("POST", "/api/settings/test/s3", "{\"filesystem\":\"x\"}"),
                400,
                failed,
                Map.of("filesystem", "validation_in_invalid"));
    }

    @Test
    void the_schedule_is_the_databases_plan() throws Exception {
        String nativeToken = "Bearer "
                + Command.run(dataDir, "", "token", "create", "--name", "admin-job", "--role", "admin")
                        .replaceAll("(?s).*(hft_\\S+).*", "$1");
        Answer saved = json(
                "PATCH", "/api/settings", "{\"backups\":{\"cron\":\"0 0 1 1 *\",\"cronMaxKeep\":2},\"unknown\":1}");
        assertThat(saved.json().at("/backups/cronMaxKeep").asInt()).isEqualTo(2);
        Answer plan = send("GET", "/api/v1/backup/plan?database=pb", new byte[0], "Authorization", nativeToken);
        JsonNode read = JSON.readTree(plan.text());
        assertThat(read.at("/schedule/line").asText()).isEqualTo("0 0 1 1 *");
        assertThat(read.at("/retention/last").asInt()).isEqualTo(2);
        assertThat(call("GET", "/api/crons", "").text())
                .isEqualTo("[{\"id\":\"__pbAutoBackup__\",\"expression\":\"0 0 1 1 *\"}]\n");

        send(
                "PATCH",
                "/api/v1/backup/plan?database=pb",
                ("{\"schedule\":{\"kind\":\"daily\",\"at\":\"" + FarTime.OF_DAY + "\"}}").getBytes(UTF_8),
                "Authorization",
                nativeToken,
                "Content-Type",
                JSON_TYPE);
        assertThat(call("GET", "/api/settings?fields=backups.cron", "").text())
                .isEqualTo("{\"backups\":{\"cron\":\"0 " + FarTime.HOUR + " * * *\"}}\n");
        String monday = "0 " + FarTime.HOUR + " * * MON";
        send(
                "PATCH",
                "/api/v1/backup/plan?database=pb",
                ("{\"schedule\":{\"kind\":\"cron\",\"line\":\"" + monday + "\"}}").getBytes(UTF_8),
                "Authorization",
                nativeToken,
                "Content-Type",
                JSON_TYPE);
        Answer other = json("PATCH", "/api/settings", "{\"backups\":{\"cronMaxKeep\":2},\"meta\":{}}");
        assertThat(other.status()).as(other.text()).isEqualTo(200);
        assertThat(other.json().at("/backups/cron").asText()).isEqualTo(monday);

        // Without those that a schedule of another test has made: retention takes them, too.
        List<String> others =
                keys().stream().filter(it -> !it.startsWith("@auto_pb_backup_")).toList();
        for (int i = 0; i < 4; i++) {
            assertThat(json("POST", "/api/crons/__pbAutoBackup__", "").status()).isEqualTo(204);
            awaitIdle();
        }
        List<String> left = Eventually.get(
                this::keys,
                it -> it.stream()
                                .filter(key -> key.startsWith("@auto_pb_backup_"))
                                .count()
                        == 2);
        assertThat(left).containsAll(others);
        assertThat(json("PATCH", "/api/settings", "{\"backups\":{\"cron\":\"\"}}")
                        .status())
                .isEqualTo(200);
        assertThat(call("GET", "/api/crons", "").text()).isEqualTo("[]\n");
        assertRefused(json("POST", "/api/crons/__pbAutoBackup__", ""), 404, "Missing or invalid cron job.", Map.of());
    }

    private void awaitIdle() throws Exception {
        Eventually.get(
                () -> call("GET", "/api/health", "")
                        .json()
                        .at("/data/canBackup")
                        .asBoolean(),
                idle -> idle);
    }

    @Test
    void settings_that_cannot_be_read_change_nothing() throws Exception {
        for (String body :
                List.of("{", "[]", "{\"backups\":5}", "{\"backups\":{\"cron\":5}}", "{\"meta\":{\"appName\":[]}}")) {
            assertRefused(json("PATCH", "/api/settings", body), 400, UNREADABLE, Map.of());
        }
        JsonNode before = call("GET", "/api/settings", "").json();
        assertThat(json("PATCH", "/api/settings", "").json()).isEqualTo(before);
        assertThat(json("PATCH", "/api/settings", "{\"BACKUPS\":{\"CRONMAXKEEP\":null}}")
                        .json())
                .isEqualTo(before);
    }
}
