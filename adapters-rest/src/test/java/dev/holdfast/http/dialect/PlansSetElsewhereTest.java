package dev.holdfast.http.dialect;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.domain.identity.DatabaseName;
import dev.holdfast.http.access.Exchange;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Dialects know less of plans than plans are; what they do not know has to survive them. */
@Tag("adapter")
@DisplayNameGeneration(ReplaceUnderscores.class)
class PlansSetElsewhereTest {
    private static final Map<String, String> DAILY =
            Map.of("schedule.kind", "daily", "schedule.at", "03:00", "retention.daily", "7");
    private static final Map<String, String> LAST_OF_MONTH =
            Map.of("schedule.kind", "monthly", "schedule.day", "31", "schedule.at", "00:00");

    private DialectServer server = DialectServer.start(false);

    @AfterEach
    void stop() {
        server.close();
    }

    private void restart(Map<String, String> planned) {
        server.close();
        server = DialectServer.start(false, planned);
    }

    private Exchange send(String method, String path, String body) {
        return Exchange.send(
                server.http.port,
                List.of(
                        method + " " + path + " HTTP/1.1",
                        "Host: localhost:" + server.http.port,
                        "Content-Type: application/json",
                        "Content-Length: " + body.getBytes(UTF_8).length,
                        "Connection: close"),
                body);
    }

    private Exchange patch(String body) {
        return send("PATCH", "/pocketbase/api/settings", body);
    }

    /** What somebody has changed about the plan. */
    private Map<String, String> changed(String database) {
        return server.kept
                .find(new DatabaseName(database))
                .map(it -> it.terms().values())
                .map(it -> Map.copyOf(it))
                .orElse(Map.of());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"meta\":{\"appName\":\"x\"}}",
                "{\"backups\":{\"cron\":\"0 3 * * *\",\"cronMaxKeep\":0}}",
                "{\"backups\":{\"s3\":{\"bucket\":\"b\"}}}",
            })
    void a_change_of_something_else_is_no_change_of_the_plan(String body) {
        restart(DAILY);

        Exchange answer = patch(body);

        assertThat(answer.status()).as(answer.body()).isEqualTo(200);
        assertThat(answer.body()).contains("\"cron\":\"0 3 * * *\",\"cronMaxKeep\":0");
        assertThat(changed("pocketbase")).isEmpty();
    }

    @Test
    void another_schedule_changes_the_schedule_alone() {
        restart(DAILY);

        Exchange answer = patch("{\"backups\":{\"cron\":\"0 4 * * *\"}}");

        assertThat(answer.status()).as(answer.body()).isEqualTo(200);
        assertThat(changed("pocketbase")).isEqualTo(Map.of("schedule.kind", "cron", "schedule.line", "0 4 * * *"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {"{\"backups\":{\"cronMaxKeep\":9}}", "{\"backups\":{\"cron\":\"0 0 31 * *\",\"cronMaxKeep\":9}}"})
    void another_number_leaves_a_schedule_that_no_expression_says(String body) {
        restart(LAST_OF_MONTH);

        Exchange answer = patch(body);

        assertThat(answer.status()).as(answer.body()).isEqualTo(200);
        assertThat(answer.body()).contains("\"cronMaxKeep\":9");
        assertThat(changed("pocketbase")).isEqualTo(Map.of("retention.last", "9"));
    }

    @Test
    void a_schedule_that_begins_keeps_as_many_as_were_shown() {
        Exchange answer = patch("{\"backups\":{\"cron\":\"0 4 * * *\"}}");

        assertThat(answer.body()).contains("\"cronMaxKeep\":3");
        assertThat(changed("pocketbase"))
                .isEqualTo(Map.of("schedule.kind", "cron", "schedule.line", "0 4 * * *", "retention.last", "3"));
        assertThat(patch("{\"backups\":{\"cronMaxKeep\":0}}").body()).contains("validation_required");
    }

    @Test
    void too_large_a_number_is_told_as_that() {
        assertThat(patch("{\"backups\":{\"cronMaxKeep\":100001}}").body())
                .contains("\"cronMaxKeep\":{\"code\":\"validation_max_less_equal_than_required\","
                        + "\"message\":\"Must be no greater than 100000.\",\"params\":{\"threshold\":100000}}");
        assertThat(patch("{\"backups\":{\"cronMaxKeep\":100000}}").status()).isEqualTo(200);
    }

    @ParameterizedTest
    @ValueSource(ints = {31, 64, 70, 200, 900, 5000})
    void lists_in_lists_are_refused_before_anything_is_changed(int depth) {
        Exchange answer = patch("{\"backups\":{\"cron\":\"38 1 * * *\",\"cronMaxKeep\":3},\"rateLimits\":{\"rules\":"
                + "[".repeat(depth) + "]".repeat(depth) + "}}");

        assertThat(answer.status()).as(answer.body()).isEqualTo(400);
        assertThat(answer.body()).contains("An error occurred while loading the submitted data.");
        assertThat(changed("pocketbase")).isEmpty();
    }

    @Test
    void dispatcharrs_schedule_leaves_what_does_not_change() {
        restart(LAST_OF_MONTH);

        Exchange answer = send("PUT", "/dispatcharr/api/backups/schedule/update/", "{\"retention_count\":5}");

        assertThat(answer.status()).as(answer.body()).isEqualTo(200);
        assertThat(changed("dispatcharr")).isEqualTo(Map.of("retention.last", "5"));

        answer = send("PUT", "/dispatcharr/api/backups/schedule/update/", "{\"cron_expression\":\"0 4 * * *\"}");
        assertThat(answer.status()).as(answer.body()).isEqualTo(200);
        assertThat(changed("dispatcharr"))
                .isEqualTo(Map.of("schedule.kind", "cron", "schedule.line", "0 4 * * *", "retention.last", "5"));
    }

    @Test
    void jobopss_settings_leave_what_does_not_change() {
        restart(LAST_OF_MONTH);

        Exchange answer = send("PATCH", "/jobops/api/settings", "{\"backupEnabled\":true,\"backupMaxCount\":5}");

        assertThat(answer.status()).as(answer.body()).isEqualTo(200);
        assertThat(changed("jobops")).isEqualTo(Map.of("retention.last", "5"));
    }
}
