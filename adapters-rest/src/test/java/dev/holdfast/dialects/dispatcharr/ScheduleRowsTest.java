package dev.holdfast.dialects.dispatcharr;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.application.Outcome;
import dev.holdfast.domain.problem.Problem;
import dev.holdfast.http.dialect.HttpCalls.Answer;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Every key of both APIs' schedules, with what may stand there and what is said of what may not. */
@Tag("adapter")
@DisplayNameGeneration(ReplaceUnderscores.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Timeout(60)
class ScheduleRowsTest {
    private static final String SCHEDULE = "/api/backups/schedule/";
    private static final String UPDATE = "/api/backups/schedule/update/";
    private static final String SETTINGS = "/api/backups/settings/";
    private static final String FIRST = "{\"enabled\":false,\"frequency\":\"daily\",\"time\":\"03:00\","
            + "\"day_of_week\":0,\"retention_count\":0,\"cron_expression\":\"\"}";
    private static final String NIGHTLY = "{\"preset\":\"daily\",\"minute\":\"15\",\"hour\":\"3\","
            + "\"day_of_month\":\"*\",\"month\":\"*\",\"day_of_week\":\"*\",\"timezone\":\"UTC\"}";
    private static final String FIRST_SETTINGS = "{\"enabled\":false,\"retention\":0,\"path\":\"/nowhere/backups\","
            + "\"extra_paths\":[],\"include_recordings\":true,\"schedule\":" + NIGHTLY + "}";

    private final DispatcharrServerFixture server = new DispatcharrServerFixture(true);

    @BeforeEach
    void asAtFirst() throws Exception {
        server.refusal = Optional.empty();
        if (!server.get(SETTINGS).text().equals(FIRST_SETTINGS)
                || !server.get(SCHEDULE).text().equals(FIRST)) {
            assertText(server.call("PUT", SETTINGS, FIRST_SETTINGS), 200, FIRST_SETTINGS);
            assertText(server.call("PUT", UPDATE, FIRST), 200, FIRST);
        }
    }

    @AfterAll
    void stop() {
        server.close();
    }

    private static void assertText(Answer answer, int status, String text) {
        assertThat(answer.status()).as(answer.text()).isEqualTo(status);
        assertThat(answer.header("Content-Type")).isEqualTo("application/json");
        assertThat(answer.text()).isEqualTo(text);
    }

    private static void assertDetail(Answer answer, int status, String detail) {
        assertText(answer, status, "{\"detail\":\"" + detail.replace("\"", "\\\"") + "\"}");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            {"frequency":"hourly"}   | 400 | frequency must be 'daily' or 'weekly'
            {"frequency":"Daily"}    | 400 | frequency must be 'daily' or 'weekly'
            {"frequency":null}       | 400 | frequency must be 'daily' or 'weekly'
            {"time":"noon"}          | 400 | time must be in HH:MM format
            {"time":"3"}             | 400 | time must be in HH:MM format
            {"time":"1:2:3"}         | 400 | time must be in HH:MM format
            {"time":"a:b"}           | 400 | time must be in HH:MM format
            {"time":5}               | 400 | time must be in HH:MM format
            {"time":"24:00"}         | 400 | time must be in HH:MM format
            {"time":"00:60"}         | 400 | time must be in HH:MM format
            {"day_of_week":7}        | 400 | day_of_week must be 0-6 (Sunday-Saturday)
            {"day_of_week":-1}       | 400 | day_of_week must be 0-6 (Sunday-Saturday)
            {"day_of_week":"7"}      | 400 | day_of_week must be 0-6 (Sunday-Saturday)
            {"day_of_week":"monday"} | 400 | invalid literal for int() with base 10: 'monday'
            {"day_of_week":""}       | 400 | invalid literal for int() with base 10: ''
            {"retention_count":-1}   | 400 | retention_count must be >= 0
            {"retention_count":"-3"} | 400 | retention_count must be >= 0
            {"retention_count":"ab"} | 400 | invalid literal for int() with base 10: 'ab'
            {"retention_count":100001}      | 400 | retention_count must be <= 100000
            {"retention_count":99999999999} | 400 | retention_count must be <= 100000
            {"enabled":1,"cron_expression":"1 2 3"}       | 400 | Cron expression must have 5 parts: minute hour day month weekday
            {"enabled":1,"cron_expression":"1 2 3 4 5 6"} | 400 | Cron expression must have 5 parts: minute hour day month weekday
            {"retention_count":5,"time":"x"}              | 400 | time must be in HH:MM format
            {"day_of_week":null}     | 500 | Failed to update schedule: int() argument must be a string, a bytes-like object or a real number, not 'NoneType'
            {"retention_count":null} | 500 | Failed to update schedule: int() argument must be a string, a bytes-like object or a real number, not 'NoneType'
            {"retention_count":      | 500 | Failed to update schedule: JSON parse error - the body is no JSON
            {"time":"05:00"} {}      | 500 | Failed to update schedule: JSON parse error - the body is no JSON
            {"time":"05:00"} x       | 500 | Failed to update schedule: JSON parse error - the body is no JSON
            []                       | 500 | Failed to update schedule: Invalid data. Expected a dictionary.
            """)
    void a_schedule_that_does_not_fit_says_why_and_changes_nothing(String body, int status, String detail)
            throws Exception {
        assertDetail(server.call("PUT", UPDATE, body), status, detail);
        assertThat(server.get(SCHEDULE).text()).isEqualTo(FIRST);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            {"enabled":true}         | "enabled":false | "enabled":true
            {"enabled":1}            | "enabled":false | "enabled":true
            {"enabled":0.5}          | "enabled":false | "enabled":true
            {"enabled":"false"}      | "enabled":false | "enabled":true
            {"enabled":[0]}          | "enabled":false | "enabled":true
            {"enabled":{"a":0}}      | "enabled":false | "enabled":true
            {"enabled":0}            | "enabled":false | "enabled":false
            {"enabled":""}           | "enabled":false | "enabled":false
            {"enabled":null}         | "enabled":false | "enabled":false
            {"enabled":[]}           | "enabled":false | "enabled":false
            {"enabled":{}}           | "enabled":false | "enabled":false
            {"frequency":"weekly"}   | "daily"         | "weekly"
            {"time":"4:5"}           | 03:00           | 04:05
            {"time":" 23 : 59 "}     | 03:00           | 23:59
            {"day_of_week":6}        | "day_of_week":0 | "day_of_week":6
            {"day_of_week":"6"}      | "day_of_week":0 | "day_of_week":6
            {"retention_count":"07"} | _count":0       | _count":7
            {"retention_count":100000}      | _count":0 | _count":100000
            {"cron_expression":"1 2 3"}     | ion":""   | ion":"1 2 3"
            {"cron_expression":" 1 2 3 4 "} | ion":"" | ion":"1 2 3 4"
            {"unknown":1}            | _count":0       | _count":0
            """)
    void a_key_that_fits_is_kept_and_the_others_stay(String body, String before, String after) throws Exception {
        String kept = FIRST.replace(before, after);
        assertText(server.call("PUT", UPDATE, body), 200, kept);
        assertThat(server.get(SCHEDULE).text()).isEqualTo(kept);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            text/plain                        | {"time":"05:00"} | Unsupported media type "text/plain" in request.
            text/plain; charset=utf-8         | {"time":"05:00"} | Unsupported media type "text/plain; charset=utf-8" in request.
            multipart/form-data; boundary=b   | --b--            | Unsupported media type "multipart/form-data; boundary=b" in request.
            application/x-www-form-urlencoded | time=%           | the form has a broken escape
            """)
    void another_body_is_refused(String type, String body, String why) throws Exception {
        String bearer = "Bearer " + server.signIn("ann").at("access");
        assertDetail(
                server.send("PUT", UPDATE, body, "Content-Type", type, "Authorization", bearer),
                500,
                "Failed to update schedule: " + why);
        assertDetail(
                server.send("PUT", SETTINGS, body, "Content-Type", type, "Authorization", bearer),
                type.startsWith("application") ? 400 : 415,
                why);
        assertThat(server.get(SCHEDULE).text()).isEqualTo(FIRST);
    }

    @Test
    void json_may_name_its_characters_and_a_form_its_fields() throws Exception {
        String bearer = "Bearer " + server.signIn("ann").at("access");
        String[] types = {
            "application/json; charset=utf-8",
            "{\"time\":\"05:00\"}",
            "application/x-www-form-urlencoded",
            "time=05%3A00"
        };
        for (int i = 0; i < types.length; i += 2) {
            asAtFirst();
            assertText(
                    server.send("PUT", UPDATE, types[i + 1], "Content-Type", types[i], "Authorization", bearer),
                    200,
                    FIRST.replace("03:00", "05:00"));
        }
        assertText(server.send("PUT", UPDATE, "", "Authorization", bearer), 200, FIRST.replace("03:00", "05:00"));
    }

    /** @param wrong takes the place of {@code right} in settings that are on; nothing leaves it out */
    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', nullValues = "-", textBlock = """
            "enabled":false,             | -                   | {"enabled":["This field is required."]}
            "enabled":false              | "enabled":7         | {"enabled":["Must be a valid boolean."]}
            "retention":0,               | -                   | {"retention":["This field is required."]}
            "retention":0                | "retention":"x"     | {"retention":["A valid integer is required."]}
            "retention":0                | "retention":null    | {"retention":["A valid integer is required."]}
            "retention":0                | "retention":-1      | {"retention":["Ensure this value is greater than or equal to 0."]}
            "retention":0                | "retention":100001  | {"retention":["Ensure this value is less than or equal to 100000."]}
            "path":"/nowhere/backups",   | -                   | {"path":["This field is required."]}
            "/nowhere/backups"           | ""                  | {"path":["This field may not be blank."]}
            "/nowhere/backups"           | "  "                | {"path":["This field may not be blank."]}
            /nowhere/backups             | full                | {"path":["Unable to access backup path: The disk is full."]}
            "extra_paths":[]             | "extra_paths":"/a"  | {"extra_paths":["Expected a list of items."]}
            "extra_paths":[]             | "extra_paths":["a"] | {"extra_paths":["Not a valid path."]}
            "extra_paths":[]             | "extra_paths":[7]   | {"extra_paths":["Not a valid path."]}
            "extra_paths":[]             | "extra_paths":["/a\\n"] | {"extra_paths":["Not a valid path."]}
            "include_recordings":true    | "include_recordings":1 | {"include_recordings":["Must be a valid boolean."]}
            "preset":"daily",            | -                   | {"schedule":{"preset":["This field is required."]}}
            "preset":"daily"             | "preset":"never"    | {"schedule":{"preset":["\\"never\\" is not a valid choice."]}}
            "minute":"15",               | -                   | {"schedule":{"minute":["This field is required."]}}
            "minute":"15"                | "minute":"jan"      | {"schedule":{"minute":["This value does not match the required pattern."]}}
            "minute":"15"                | "minute":""         | {"schedule":{"minute":["This value does not match the required pattern."]}}
            "minute":"15"                | "minute":15         | {"schedule":{"minute":["This value does not match the required pattern."]}}
            "hour":"3",                  | -                   | {"schedule":{"hour":["This field is required."]}}
            "hour":"3"                   | "hour":"3 4"        | {"schedule":{"hour":["This value does not match the required pattern."]}}
            "day_of_month":"*",          | -                   | {"schedule":{"day_of_month":["This field is required."]}}
            "day_of_month":"*"           | "day_of_month":"L"  | {"schedule":{"day_of_month":["This value does not match the required pattern."]}}
            "month":"*",                 | -                   | {"schedule":{"month":["This field is required."]}}
            "month":"*"                  | "month":"jan;"      | {"schedule":{"month":["This value does not match the required pattern."]}}
            "day_of_week":"*",           | -                   | {"schedule":{"day_of_week":["This field is required."]}}
            "day_of_week":"*"            | "day_of_week":"mon fri" | {"schedule":{"day_of_week":["This value does not match the required pattern."]}}
            "timezone":"UTC"             | "timezone":"Mars/Base" | {"schedule":{"timezone":["Unknown timezone"]}}
            "timezone":"UTC"             | "timezone":7        | {"schedule":{"timezone":["Unknown timezone"]}}
            """)
    void a_setting_that_does_not_fit_is_told_at_its_field(String right, String wrong, String errors) throws Exception {
        String settings = FIRST_SETTINGS.replace(right, wrong == null ? "" : wrong);
        assertThat(settings).isNotEqualTo(FIRST_SETTINGS);
        assertText(server.call("PUT", SETTINGS, settings), 400, errors);
        assertThat(server.get(SETTINGS).text()).isEqualTo(FIRST_SETTINGS);
    }

    @Test
    void all_that_is_wrong_is_told_at_once() throws Exception {
        assertText(
                server.call("PUT", SETTINGS, "{}"),
                400,
                "{\"enabled\":[\"This field is required.\"],\"retention\":[\"This field is required.\"],"
                        + "\"path\":[\"This field is required.\"],\"schedule\":[\"This field is required.\"]}");
        assertText(
                server.call("PUT", SETTINGS, FIRST_SETTINGS.replace("/nowhere/backups", "x".repeat(1025))),
                400,
                "{\"path\":[\"Ensure this field has no more than 1024 characters.\"]}");
        assertDetail(server.call("PUT", SETTINGS, "{"), 400, "JSON parse error - the body is no JSON");
        server.refusal = Optional.of("Backups lie there.");
        assertText(
                server.call("PUT", SETTINGS, withExtra("\"/nowhere/backups\"")),
                400,
                "{\"extra_paths\":[\"Backups lie there.\"]}");
    }

    @Test
    void a_folder_is_chosen_with_all_else_or_not_at_all() throws Exception {
        long audited = auditedPaths();
        for (String path : List.of("/elsewhere", "../up", "/nowhere/backups/../../x")) {
            String settings =
                    FIRST_SETTINGS.replace("/nowhere/backups", path).replace("retention\":0", "retention\":3");
            assertDetail(server.call("PUT", SETTINGS, settings), 403, "Backups do not go there.");
            assertText(server.get(SETTINGS), 200, FIRST_SETTINGS);
        }
        String wrong = FIRST_SETTINGS.replace("/nowhere/backups", "monthly").replace("retention\":0", "retention\":3");
        server.database.askedPlans.instead(
                "change", () -> Outcome.refused(new Problem.InvalidArgument("schedule", "There is no such hour.")));
        assertText(server.call("PUT", SETTINGS, wrong), 400, "{\"schedule\":[\"There is no such hour.\"]}");
        server.database.recover();
        assertText(server.get(SETTINGS), 200, FIRST_SETTINGS);
        assertThat(server.undone).contains(DispatcharrServerFixture.BACKUPS.resolve("monthly"));
        String monthly = FIRST_SETTINGS.replace("/nowhere/backups", "/nowhere/backups/monthly");
        assertText(server.call("PUT", SETTINGS, monthly.replace("/nowhere/backups/", "")), 200, monthly);
        assertText(server.get(SETTINGS), 200, monthly);
        assertText(server.call("PUT", SETTINGS, FIRST_SETTINGS), 200, FIRST_SETTINGS);
        assertThat(auditedPaths()).isEqualTo(audited + 2);
    }

    private long auditedPaths() {
        return server.database.kept.newest(1_000).stream()
                .filter(it ->
                        it.action().equals("settings.change") && it.detail().equals("of Dispatcharr: path"))
                .count();
    }

    private static String withExtra(String paths) {
        return FIRST_SETTINGS.replace("\"extra_paths\":[]", "\"extra_paths\":[" + paths + "]");
    }

    @Test
    void extra_paths_are_counted_as_json_and_each_is_there_once() throws Exception {
        String longest = withExtra("\"/" + "x".repeat(250) + "\""); // 255 with its quotes and brackets
        assertText(server.call("PUT", SETTINGS, longest), 200, longest);
        assertDetail(
                server.call("PUT", SETTINGS, longest.replace("/x", "/xx")), 400, "Too many backup paths specified");
        assertThat(server.get(SETTINGS).text()).isEqualTo(longest);
        assertText(
                server.call("PUT", SETTINGS, withExtra("\"/tv/a\",\"/tv/b\",\"/tv/a\"")),
                200,
                withExtra("\"/tv/a\",\"/tv/b\""));
        assertText(
                server.call("PUT", SETTINGS, FIRST_SETTINGS.replace("\"extra_paths\":[],", "")), 200, FIRST_SETTINGS);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            "minute":"15"      | "minute":"0,15-30/5"
            "minute":"15"      | "minute":"*/10"
            "hour":"3"         | "hour":"*/2,4-6"
            "day_of_month":"*" | "day_of_month":"1-28/2,30"
            "month":"*"        | "month":"jan,3-6/2,DEC"
            "day_of_week":"*"  | "day_of_week":"mon-fri,0"
            "preset":"daily"   | "preset":"hourly"
            "preset":"daily"   | "preset":"weekly"
            "preset":"daily"   | "preset":"monthly"
            "preset":"daily"   | "preset":"custom"
            "retention":0      | "retention":100000
            "timezone":"UTC"   | "timezone":"Europe/Berlin"
            "include_recordings":true | "include_recordings":false
            """)
    void a_setting_that_fits_is_shown_as_it_was_set(String before, String after) throws Exception {
        String settings = FIRST_SETTINGS.replace(before, after);
        assertThat(settings).isNotEqualTo(FIRST_SETTINGS);
        assertText(server.call("PUT", SETTINGS, settings), 200, settings);
        assertThat(server.get(SETTINGS).text()).isEqualTo(settings);
    }

    @Test
    void a_cron_line_is_read_once_it_is_to_be_met() throws Exception {
        String never = FIRST_SETTINGS.replace("\"month\":\"*\"", "\"month\":\"foo\"");
        assertText(server.call("PUT", SETTINGS, never), 200, never);
        Answer refused = server.call("PUT", SETTINGS, never.replace("\"enabled\":false", "\"enabled\":true"));
        assertThat(refused.status()).isEqualTo(400);
        assertThat(refused.text()).startsWith("{\"schedule\":[\"").doesNotContain("enabled");
        assertThat(server.get(SETTINGS).text()).isEqualTo(never);
    }

    @Test
    void a_path_may_be_written_in_another_way_and_a_time_zone_left_out() throws Exception {
        for (String path : new String[] {"/nowhere/backups/", ".", "/nowhere/x/../backups"}) {
            assertText(
                    server.call("PUT", SETTINGS, FIRST_SETTINGS.replace("/nowhere/backups", path)),
                    200,
                    FIRST_SETTINGS);
        }
        assertText(
                server.call("PUT", SETTINGS, FIRST_SETTINGS.replace(",\"timezone\":\"UTC\"", "")), 200, FIRST_SETTINGS);
    }

    /** @param terms of the plan, as the native API names them */
    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            kind=hourly,every=2,minute=5        | hourly,5,*/2,*,*,*       | 5 */2 * * *
            kind=daily,at=04:30                 | daily,30,4,*,*,*         |
            kind=weekly,days=monday+friday,at=04:30 | weekly,30,4,*,*,mon+fri | 30 4 * * mon,fri
            kind=monthly,day=31,at=04:30        | monthly,30,4,28,*,*      | 30 4 28 * *
            kind=cron,line=15 6 * * *           | custom,15,6,*,*,*        | 15 6 * * *
            """)
    void a_plan_of_another_api_is_shown_by_both(String terms, String parts, String cron) throws Exception {
        var change = new LinkedHashMap<String, Optional<String>>();
        for (String term : terms.split(",", -1)) {
            String[] pair = term.split("=", 2);
            change.put("schedule." + pair[0], Optional.of(pair[1].replace('+', ',')));
        }
        server.database.askedPlans.port().change("tv", change, "ann");
        String[] part = parts.split(",", -1);
        Answer settings = server.get(SETTINGS);
        assertThat(settings.at("enabled")).isEqualTo("true");
        String[] names = {"preset", "minute", "hour", "day_of_month", "month", "day_of_week"};
        for (int i = 0; i < names.length; i++) {
            assertThat(settings.at("schedule." + names[i])).isEqualTo(part[i].replace('+', ','));
        }
        Answer schedule = server.get(SCHEDULE);
        assertThat(schedule.at("enabled")).isEqualTo("true");
        assertThat(schedule.at("cron_expression")).isEqualTo(cron == null ? "" : cron);
        assertThat(schedule.at("time")).isEqualTo(cron == null ? "04:30" : "03:00");
    }

    @Test
    void planned_archives_are_those_of_the_api_that_has_set_the_schedule() throws Exception {
        String daily = "\"minute\":\"0\",\"hour\":\"3\"";
        Answer saved = server.call(
                "PUT",
                SETTINGS,
                FIRST_SETTINGS
                        .replace("\"enabled\":false", "\"enabled\":true")
                        .replace("\"minute\":\"15\",\"hour\":\"3\"", daily));
        assertThat(saved.status()).as(saved.text()).isEqualTo(200);
        assertThat(server.get(SCHEDULE).at("cron_expression")).isEqualTo("0 3 * * *");
        server.database.at("2026-02-16T03:00:00Z");
        assertThat(newest()).isEqualTo("dispatcharr-backup-20260216T030000Z.tar.gz");
        server.call("PUT", UPDATE, "{\"cron_expression\":\"\"}");
        server.database.at("2026-02-17T03:00:00Z");
        assertThat(newest()).isEqualTo("dispatcharr-backup-2026.02.17.03.00.00.zip");
    }

    private String newest() {
        return server.store.list().getFirst().key().value();
    }
}
