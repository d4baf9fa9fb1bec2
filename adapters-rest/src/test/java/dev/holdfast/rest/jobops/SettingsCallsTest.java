package dev.holdfast.rest.jobops;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.domain.backup.Origin;
import dev.holdfast.rest.dialect.HttpCalls.Answer;
import dev.holdfast.rest.jobops.JobOpsServerFixture.Setting;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The settings about backups, and what they make happen (contract, sections 6 to 8). */
@DisplayNameGeneration(ReplaceUnderscores.class)
@Timeout(60)
class SettingsCallsTest {
    private static final String SETTINGS = "/api/settings";
    private static final String UNTOUCHED = "{\"backupEnabled\":{\"value\":false,\"default\":false,\"override\":null},"
            + "\"backupHour\":{\"value\":2,\"default\":2,\"override\":null},"
            + "\"backupMaxCount\":{\"value\":5,\"default\":5,\"override\":null}}";

    private JobOpsServerFixture server = new JobOpsServerFixture(Setting.OPEN);

    @AfterEach
    void stop() {
        server.close();
    }

    private Answer patch(String body) throws Exception {
        return server.json("PATCH", SETTINGS, body);
    }

    private void change(String body) throws Exception {
        Answer answer = patch(body);
        assertThat(answer.status()).as(answer.text()).isEqualTo(200);
    }

    private @Nullable Object next() throws Exception {
        return server.get("/api/backups").value("data.nextScheduled");
    }

    private List<String> listed() throws Exception {
        return JobOpsServerFixture.filenames(server.get("/api/backups"));
    }

    private void assertSettings(boolean enabled, int hour, int count) throws Exception {
        Answer answer = server.get(SETTINGS);
        assertThat(List.of(
                        answer.value("data.backupEnabled.value"),
                        answer.value("data.backupHour.value"),
                        answer.value("data.backupMaxCount.value")))
                .containsExactly(enabled, hour, count);
    }

    @Test
    void at_first_all_is_as_usual() throws Exception {
        assertThat(server.get(SETTINGS).text()).startsWith("{\"ok\":true,\"data\":" + UNTOUCHED + ",\"meta\":");
    }

    @Test
    void what_the_page_sends_is_in_force_at_once() throws Exception {
        Answer answer = patch("{\"backupEnabled\": true, \"backupHour\": 2, \"backupMaxCount\": 5}");

        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.text())
                .contains("\"backupEnabled\":{\"value\":true,\"default\":false,\"override\":true},"
                        + "\"backupHour\":{\"value\":2,\"default\":2,\"override\":2},"
                        + "\"backupMaxCount\":{\"value\":5,\"default\":5,\"override\":5}");
        assertThat(next()).isEqualTo("2026-02-16T02:00:00.000Z");
        assertThat(server.get(SETTINGS).json().get("data"))
                .isEqualTo(answer.json().get("data"));
    }

    @ParameterizedTest
    @CsvSource({
        "11, 2026-02-15T11:00:00.000Z",
        "10, 2026-02-16T10:00:00.000Z",
        "0, 2026-02-16T00:00:00.000Z",
        "23, 2026-02-15T23:00:00.000Z"
    })
    void the_next_run_is_today_if_the_hour_is_still_ahead_and_else_tomorrow(int hour, String next) throws Exception {
        change("{\"backupEnabled\":true,\"backupHour\":" + hour + "}");

        assertThat(next()).isEqualTo(next);
        change("{\"backupEnabled\":false}");
        assertThat(next()).isNull();
        assertSettings(false, hour, 5);
        change("{\"backupEnabled\":true}");
        assertThat(next()).isEqualTo(next);
    }

    @Test
    void an_hour_of_exactly_now_is_tomorrow() throws Exception {
        server.database.at("2026-02-15T11:00:00Z");
        change("{\"backupEnabled\":true,\"backupHour\":11}");

        assertThat(next()).isEqualTo("2026-02-16T11:00:00.000Z");
    }

    @Test
    void an_hour_of_a_moment_from_now_is_today() throws Exception {
        server.database.at("2026-02-15T10:59:59.999Z");
        change("{\"backupEnabled\":true,\"backupHour\":11}");
        assertThat(next()).isEqualTo("2026-02-15T11:00:00.000Z");

        change("{\"backupHour\":10}");
        assertThat(next()).isEqualTo("2026-02-16T10:00:00.000Z");
        change("{\"backupHour\":11}");
        assertThat(listed()).isEmpty();
        server.database.at("2026-02-15T11:00:00Z");
        assertThat(listed()).containsExactly("jobs_2026_02_15.db");
    }

    @Test
    void without_catching_up_a_day_that_was_missed_stays_missed() throws Exception {
        server.close();
        server = new JobOpsServerFixture(
                Setting.OPEN,
                Map.of("schedule.kind", "daily", "schedule.at", "02:00", "catch_up", "false", "retention.last", "2"));

        server.database.at("2026-02-18T12:00:00Z");
        assertThat(listed()).isEmpty();
        assertThat(next()).isEqualTo("2026-02-19T02:00:00.000Z");

        server.database.at("2026-02-19T02:00:00Z");
        assertThat(listed()).containsExactly("jobs_2026_02_19.db");
    }

    @Test
    void values_set_while_off_hold_when_it_is_turned_on() throws Exception {
        change("{\"backupHour\":4,\"backupMaxCount\":3}");
        assertSettings(false, 4, 3);
        assertThat(next()).isNull();

        change("{\"backupEnabled\":true}");

        assertSettings(true, 4, 3);
        assertThat(next()).isEqualTo("2026-02-16T04:00:00.000Z");
    }

    @Test
    void null_takes_an_override_back_and_what_is_missing_stays() throws Exception {
        change("{\"backupEnabled\":true,\"backupHour\":4,\"backupMaxCount\":3}");

        change("{\"backupHour\":null}");
        assertSettings(true, 2, 3);
        Answer answer = server.get(SETTINGS);
        assertThat(answer.value("data.backupHour.override")).isNull();
        assertThat(answer.value("data.backupMaxCount.override")).isEqualTo(3);

        change("{\"backupEnabled\":null,\"backupMaxCount\":null}");
        assertThat(server.get(SETTINGS).text()).contains(UNTOUCHED);
        assertThat(next()).isNull();
    }

    @ParameterizedTest
    @ValueSource(strings = {"{}", "", "{\"model\":\"gpt\",\"backuphour\":99,\"__proto__\":{}}"})
    void what_is_empty_or_unknown_changes_nothing(String body) throws Exception {
        assertThat(patch(body).text()).contains(UNTOUCHED);
        assertThat(server.database.documents.contents()).isEmpty();
    }

    @Test
    void a_body_that_is_not_declared_as_json_is_ignored() throws Exception {
        Answer answer = server.call("PATCH", SETTINGS, "{\"backupEnabled\":true}", "Content-Type", "text/plain");

        assertThat(answer.status()).isEqualTo(200);
        assertSettings(false, 2, 5);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "backupHour|24|Number must be less than or equal to 23",
                "backupHour|-1|Number must be greater than or equal to 0",
                "backupHour|1e400|Expected integer, received float",
                "backupMaxCount|6|Number must be less than or equal to 5",
                "backupMaxCount|0|Number must be greater than or equal to 1",
                "backupHour|2.5|Expected integer, received float",
                "backupHour|\"2\"|Expected number, received string",
                "backupHour|true|Expected number, received boolean",
                "backupMaxCount|[]|Expected number, received array",
                "backupMaxCount|{}|Expected number, received object",
                "backupMaxCount|-1|Number must be greater than or equal to 1",
                "backupMaxCount|2.5|Expected integer, received float",
                "backupMaxCount|\"3\"|Expected number, received string",
                "backupHour|\"\"|Expected number, received string",
                "backupHour|-0.5|Expected integer, received float",
                "backupEnabled|\"true\"|Expected boolean, received string",
                "backupEnabled|1|Expected boolean, received number",
                "backupEnabled|[]|Expected boolean, received array",
                "backupEnabled|{}|Expected boolean, received object"
            })
    void what_does_not_fit_is_told_and_nothing_is_stored(String key, String value, String message) throws Exception {
        String other = key.equals("backupEnabled") ? "\"backupHour\":7" : "\"backupEnabled\":true";

        Answer answer = patch("{" + other + ",\"" + key + "\":" + value + "}");

        assertThat(answer.status()).as(answer.text()).isEqualTo(400);
        assertThat(answer.value("error.code")).isEqualTo("INVALID_REQUEST");
        assertThat(answer.value("error.details.fieldErrors." + key + ".0")).isEqualTo(message);
        assertThat(answer.node("error.details.formErrors").size()).isZero();
        assertThat(String.valueOf(answer.value("error.message")))
                .startsWith("[{\"code\":\"")
                .contains("\"path\":[\"" + key + "\"]")
                .contains("\"message\":\"" + message + "\"");
        assertSettings(false, 2, 5);
        assertThat(next()).isNull();
    }

    @ParameterizedTest
    @CsvSource({
        "backupHour,0,0",
        "backupHour,23,23",
        "backupHour,4.0,4",
        "backupHour,1e1,10",
        "backupMaxCount,1,1",
        "backupMaxCount,4,4"
    })
    void what_is_within_the_limits_is_taken_however_it_is_written(String key, String written, int value)
            throws Exception {
        Answer answer = patch("{\"" + key + "\":" + written + "}");

        assertThat(answer.status()).as(answer.text()).isEqualTo(200);
        assertThat(answer.value("data." + key + ".value")).isEqualTo(value);
        assertThat(answer.value("data." + key + ".override")).isEqualTo(value);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{\"backupHour\":24}|"
                        + "[{\"code\":\"too_big\",\"maximum\":23,\"type\":\"number\",\"inclusive\":true,\"exact\":false,"
                        + "\"message\":\"Number must be less than or equal to 23\",\"path\":[\"backupHour\"]}]",
                "{\"backupMaxCount\":0}|"
                        + "[{\"code\":\"too_small\",\"minimum\":1,\"type\":\"number\",\"inclusive\":true,\"exact\":false,"
                        + "\"message\":\"Number must be greater than or equal to 1\",\"path\":[\"backupMaxCount\"]}]",
                "{\"backupHour\":2.5}|"
                        + "[{\"code\":\"invalid_type\",\"expected\":\"integer\",\"received\":\"float\","
                        + "\"message\":\"Expected integer, received float\",\"path\":[\"backupHour\"]}]",
                "{\"backupEnabled\":\"true\"}|"
                        + "[{\"code\":\"invalid_type\",\"expected\":\"boolean\",\"received\":\"string\","
                        + "\"path\":[\"backupEnabled\"],\"message\":\"Expected boolean, received string\"}]",
                "[1]|[{\"code\":\"invalid_type\",\"expected\":\"object\",\"received\":\"array\",\"path\":[],"
                        + "\"message\":\"Expected object, received array\"}]"
            })
    void the_message_is_the_json_text_of_the_issues(String body, String message) throws Exception {
        assertThat(patch(body).value("error.message")).isEqualTo(message);
    }

    @Test
    void several_faults_are_told_at_once() throws Exception {
        Answer answer = patch("{\"backupEnabled\":\"yes\",\"backupHour\":24.5,\"backupMaxCount\":9}");

        assertThat(answer.text())
                .contains("\"details\":{\"formErrors\":[],\"fieldErrors\":{"
                        + "\"backupEnabled\":[\"Expected boolean, received string\"],"
                        + "\"backupHour\":[\"Expected integer, received float\","
                        + "\"Number must be less than or equal to 23\"],"
                        + "\"backupMaxCount\":[\"Number must be less than or equal to 5\"]}}");
    }

    @Test
    void a_list_is_no_object() throws Exception {
        for (String body : List.of("[]", "[{\"backupEnabled\":true}]")) {
            Answer answer = patch(body);

            assertThat(answer.status()).isEqualTo(400);
            assertThat(answer.text())
                    .contains("\"details\":{\"formErrors\":[\"Expected object, received array\"],\"fieldErrors\":{}}");
        }
        assertSettings(false, 2, 5);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{\"backupHour\":99,\"backupMaxCount\":0}|23|1",
                "{\"backupHour\":-1,\"backupMaxCount\":6}|0|5",
                "{\"backupHour\":7,\"backupMaxCount\":3}|7|3",
            })
    void what_was_kept_out_of_range_is_brought_into_it(String kept, int hour, int count) throws Exception {
        server.database.documents.keep(JobOpsServerFixture.JOBS, "jobops.settings", kept);

        assertSettings(false, hour, count);
        Answer answer = server.get(SETTINGS);
        assertThat(answer.value("data.backupHour.override")).isEqualTo(hour);
        assertThat(answer.value("data.backupMaxCount.override")).isEqualTo(count);
    }

    @Test
    void what_was_kept_and_is_no_number_is_no_override() throws Exception {
        server.database.documents.keep(
                JobOpsServerFixture.JOBS,
                "jobops.settings",
                "{\"backupEnabled\":\"x\",\"backupHour\":\"late\",\"backupMaxCount\":null,\"other\":1}");

        assertThat(server.get(SETTINGS).text()).contains(UNTOUCHED);
    }

    @ParameterizedTest
    @CsvSource({"true,true", "1,true", "false,false", "0,false"})
    void a_switch_that_was_kept_is_understood_in_both_ways(String kept, boolean override) throws Exception {
        server.database.documents.keep(JobOpsServerFixture.JOBS, "jobops.settings", "{\"backupEnabled\":" + kept + "}");
        server.database.plans.change(
                "jobs",
                override
                        ? Map.of("schedule.kind", Optional.of("daily"), "schedule.at", Optional.of("02:00"))
                        : Map.of("schedule.kind", Optional.of("off")),
                "ann");

        assertThat(server.get(SETTINGS).value("data.backupEnabled.override")).isEqualTo(override);
    }

    @Test
    void one_backup_a_day_at_the_hour_with_its_date_as_its_name_and_the_oldest_go() throws Exception {
        change("{\"backupEnabled\":true,\"backupHour\":2,\"backupMaxCount\":2}");
        server.call("POST", "/api/backups", "");

        server.database.at("2026-02-16T01:59:59Z");
        assertThat(listed()).containsExactly("jobs_manual_2026_02_15_10_20_30.db");
        for (int day = 16; day <= 19; day++) {
            server.database.at("2026-02-" + day + "T02:00:00Z");
        }

        assertThat(listed())
                .containsExactly("jobs_2026_02_19.db", "jobs_2026_02_18.db", "jobs_manual_2026_02_15_10_20_30.db");
        assertThat(next()).isEqualTo("2026-02-20T02:00:00.000Z");
    }

    @Test
    void a_manual_backup_and_a_lower_count_remove_nothing_by_themselves() throws Exception {
        change("{\"backupEnabled\":true,\"backupMaxCount\":3}");
        for (int day = 16; day <= 18; day++) {
            server.database.at("2026-02-" + day + "T02:00:00Z");
        }

        change("{\"backupMaxCount\":1}");
        server.database.at("2026-02-18T12:00:00Z");
        server.call("POST", "/api/backups", "");
        assertThat(listed()).hasSize(4);

        server.database.at("2026-02-19T02:00:00Z");
        assertThat(listed()).containsExactly("jobs_2026_02_19.db", "jobs_manual_2026_02_18_12_00_00.db");
    }

    @Test
    void where_todays_backup_exists_none_is_made_but_the_oldest_go() throws Exception {
        change("{\"backupEnabled\":true,\"backupMaxCount\":1}");
        server.database.at("2026-02-16T02:00:00Z");
        change("{\"backupHour\":5}");
        server.put("jobs_2026_02_10.db", Origin.AUTOMATIC, 1);

        server.database.at("2026-02-16T05:00:00Z");

        assertThat(listed()).containsExactly("jobs_2026_02_16.db");
        assertThat(next()).isEqualTo("2026-02-17T05:00:00.000Z");
    }

    @Test
    void one_deleted_by_hand_is_made_again_by_a_later_run_of_the_same_day() throws Exception {
        change("{\"backupEnabled\":true}");
        server.database.at("2026-02-16T02:00:00Z");
        server.call("DELETE", "/api/backups/jobs_2026_02_16.db", "");
        server.database.at("2026-02-16T04:00:00Z");
        assertThat(listed()).isEmpty();

        change("{\"backupHour\":5}");
        server.database.at("2026-02-16T05:00:00Z");

        assertThat(listed()).containsExactly("jobs_2026_02_16.db");
    }

    @Test
    void turning_it_off_cancels_at_once() throws Exception {
        change("{\"backupEnabled\":true}");
        server.database.at("2026-02-16T01:59:59Z");
        change("{\"backupEnabled\":false}");

        server.database.at("2026-02-16T02:00:00Z");

        assertThat(listed()).isEmpty();
    }

    @Test
    void a_plan_made_over_another_api_is_shown_and_survives_a_form_that_is_saved_unchanged() throws Exception {
        server.database.plans.change(
                "jobs",
                Map.of(
                        "schedule.kind", Optional.of("daily"),
                        "schedule.at", Optional.of("03:30"),
                        "time_zone", Optional.of("Europe/Berlin"),
                        "retention.last", Optional.of("9"),
                        "retention.weekly", Optional.of("4")),
                "ann");
        assertSettings(true, 2, 5);
        assertThat(next()).isEqualTo("2026-02-16T02:30:00.000Z");

        change("{\"backupEnabled\":true,\"backupHour\":null,\"backupMaxCount\":null}");
        assertThat(next()).isEqualTo("2026-02-16T02:30:00.000Z");
        assertThat(server.database.plans.find("jobs").toString()).contains("retention.last=9", "retention.weekly=4");

        change("{\"backupHour\":6,\"backupMaxCount\":4}");
        assertThat(next()).isEqualTo("2026-02-16T06:00:00.000Z");
        assertThat(server.database.plans.find("jobs").toString()).contains("retention.last=4", "retention.weekly=4");
    }

    @Test
    void a_plan_in_the_settings_file_is_in_force_until_somebody_changes_it() throws Exception {
        server.close();
        server = new JobOpsServerFixture(
                Setting.OPEN, Map.of("schedule.kind", "daily", "schedule.at", "04:00", "retention.last", "2"));

        assertSettings(true, 4, 2);
        change("{\"backupEnabled\":null}");

        assertSettings(false, 4, 2);
        assertThat(next()).isNull();
    }
}
