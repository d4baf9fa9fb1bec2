package dev.holdfast.dialects.jobops;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.dialects.jobops.JobOpsServerFixture.Setting;
import dev.holdfast.http.dialect.HttpCalls.Answer;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The settings about backups: their form, limits and stored values. */
@Tag("adapter")
class SettingsCallsTest extends SettingsCallsFixture {
    private static final String UNTOUCHED = "{\"backupEnabled\":{\"value\":false,\"default\":false,\"override\":null},"
            + "\"backupHour\":{\"value\":2,\"default\":2,\"override\":null},"
            + "\"backupMaxCount\":{\"value\":5,\"default\":5,\"override\":null}}";

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
