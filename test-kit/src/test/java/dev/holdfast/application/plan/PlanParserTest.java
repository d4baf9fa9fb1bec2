package dev.holdfast.application.plan;

import static java.time.DayOfWeek.FRIDAY;
import static java.time.DayOfWeek.MONDAY;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import dev.holdfast.application.plan.PlanParser.Reading;
import dev.holdfast.domain.backup.Depth;
import dev.holdfast.domain.plan.Freshness;
import dev.holdfast.domain.plan.Plan;
import dev.holdfast.domain.profile.Profile;
import dev.holdfast.domain.retention.RetentionPolicy;
import dev.holdfast.domain.schedule.DayRule;
import dev.holdfast.domain.schedule.Schedule;
import dev.holdfast.domain.schedule.Timetable;
import java.time.Duration;
import java.time.LocalTime;
import java.time.ZoneId;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

@Tag("unit")
@DisplayNameGeneration(ReplaceUnderscores.class)
class PlanParserTest {
    private static final ZoneId UTC = ZoneId.of("UTC");
    private static final Timetable OFF = new Timetable(new Schedule.Off(), UTC);

    private final PlanParser reader = new PlanParser();

    private Reading read(Map<String, String> terms) {
        return reader.read(PlanProperties.of(terms), Profile.NATIVE);
    }

    private Plan plan(Map<String, String> terms) {
        assertThat(read(terms)).isInstanceOf(Reading.Right.class);
        return ((Reading.Right) read(terms)).plan();
    }

    private Reading.Wrong wrong(Map<String, String> terms) {
        assertThat(read(terms)).isInstanceOf(Reading.Wrong.class);
        return (Reading.Wrong) read(terms);
    }

    /** {@code name=value;name=value} */
    private static Map<String, String> terms(String text) {
        var terms = new HashMap<String, String>();
        for (String term : text.split(";", -1)) {
            String[] sides = term.split("=", 2);
            terms.put(sides[0], sides[1]);
        }
        return terms;
    }

    @Test
    void a_plan_that_says_nothing_does_nothing_but_check_stored_backups_every_thirty_days() {
        assertThat(plan(Map.of()))
                .isEqualTo(new Plan(
                        OFF,
                        true,
                        RetentionPolicy.NONE,
                        Depth.QUICK,
                        Optional.of(Duration.ofDays(30)),
                        OFF,
                        Freshness.ANY));
    }

    @Test
    void every_term_has_its_place() {
        Map<String, String> terms = terms("time_zone=Europe/Berlin;catch_up=false;verify_depth=full;recheck_every=7d;"
                + "schedule.kind=daily;schedule.at=03:15;drill.kind=monthly;drill.day=31;drill.at=00:00;"
                + "retention.last=1;retention.hourly=2;retention.daily=3;retention.weekly=4;retention.monthly=5;"
                + "retention.yearly=6;retention.within=36h;freshness.max_age=PT26H;freshness.min_size=4096");
        ZoneId berlin = ZoneId.of("Europe/Berlin");

        assertThat(plan(terms))
                .isEqualTo(new Plan(
                        new Timetable(new Schedule.Daily(LocalTime.of(3, 15)), berlin),
                        false,
                        new RetentionPolicy(1, 2, 3, 4, 5, 6, Optional.of(Duration.ofHours(36))),
                        Depth.FULL,
                        Optional.of(Duration.ofDays(7)),
                        new Timetable(new Schedule.Monthly(31, LocalTime.MIDNIGHT), berlin),
                        new Freshness(Optional.of(Duration.ofHours(26)), 4096)));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource
    void schedules(String terms, Schedule expected) {
        assertThat(plan(terms(terms)).backups()).isEqualTo(new Timetable(expected, UTC));
        assertThat(plan(terms(terms.replace("schedule.", "drill."))).drills()).isEqualTo(new Timetable(expected, UTC));
    }

    static Stream<Arguments> schedules() {
        return Stream.of(
                arguments("schedule.kind=off", new Schedule.Off()),
                arguments("schedule.kind=hourly", new Schedule.Hourly(1, 0)),
                arguments("schedule.kind=hourly;schedule.every=24;schedule.minute=59", new Schedule.Hourly(24, 59)),
                arguments("schedule.kind=daily;schedule.at=23:59", new Schedule.Daily(LocalTime.of(23, 59))),
                arguments(
                        "schedule.kind=weekly;schedule.days=friday, monday;schedule.at=00:00",
                        new Schedule.Weekly(Set.of(MONDAY, FRIDAY), LocalTime.MIDNIGHT)),
                arguments(
                        "schedule.kind=monthly;schedule.day=1;schedule.at=12:00",
                        new Schedule.Monthly(1, LocalTime.NOON)));
    }

    @ParameterizedTest
    @CsvSource({
        "90m, PT90M",
        "12h, PT12H",
        "7d, PT168H",
        "2w, PT336H",
        "PT36H, PT36H",
        "P1D, PT24H",
        "36500d, PT876000H",
        "007d, PT168H"
    })
    void durations(String text, Duration expected) {
        Plan plan = plan(Map.of("recheck_every", text, "retention.within", text, "freshness.max_age", text));

        assertThat(plan.recheckEvery()).contains(expected);
        assertThat(plan.retention().within()).contains(expected);
        assertThat(plan.freshness().maxAge()).contains(expected);
    }

    @Test
    void rechecks_can_be_left_out() {
        assertThat(plan(Map.of("recheck_every", "never")).recheckEvery()).isEmpty();
    }

    @ParameterizedTest(name = "{0}: \"{1}\"")
    @MethodSource
    void a_value_that_does_not_fit_is_named_with_what_stands_there_and_what_is_expected(
            String name, String value, String expected) {
        var terms = new HashMap<>(needed(name));
        terms.put(name, value);

        Reading.Wrong wrong = wrong(terms);

        assertThat(wrong.terms()).containsOnlyKeys(name);
        assertThat(wrong.summary()).startsWith(name + ": \"" + value + "\"").contains("expected: " + expected);
    }

    /** What else a schedule needs, so that only {@code name} is wrong. */
    private static Map<String, String> needed(String name) {
        String group = name.startsWith("drill.") ? "drill." : "schedule.";
        return switch (name.replaceFirst("schedule\\.|drill\\.", "")) {
            case "every", "minute" -> Map.of(group + "kind", "hourly");
            case "at" -> Map.of(group + "kind", "daily");
            case "days" -> Map.of(group + "kind", "weekly", group + "at", "03:00");
            case "day" -> Map.of(group + "kind", "monthly", group + "at", "03:00");
            default -> Map.of();
        };
    }

    static Stream<Arguments> a_value_that_does_not_fit_is_named_with_what_stands_there_and_what_is_expected() {
        return Stream.of(
                        wrong(
                                "time_zone",
                                "a time zone",
                                "",
                                "Mars/Olympus",
                                "europe berlin",
                                "+25:00",
                                "x".repeat(60)),
                        wrong("catch_up", "true or false", "", "yes", "TRUE", "1", " true"),
                        wrong("verify_depth", "checksum, quick or full", "", "QUICK", "deep"),
                        wrong(
                                "recheck_every",
                                "a time such as",
                                "",
                                "0d",
                                "-1d",
                                "1",
                                "1y",
                                "36501d",
                                "1000000d",
                                "Never"),
                        wrong(
                                "retention.within",
                                "a time such as",
                                "",
                                "0m",
                                "PT0S",
                                "-PT1H",
                                "P1Y",
                                "never",
                                "PT1e9H"),
                        wrong("freshness.max_age", "a time such as", "", "PT9999999999999999999H", "1 d", "١d"),
                        wrong("freshness.min_size", "a number of bytes", "", "-1", "1k", "1e3", "9".repeat(19)),
                        Stream.of("last", "hourly", "daily", "weekly", "monthly", "yearly")
                                .flatMap(it -> wrong(
                                        "retention." + it,
                                        "a count, 0 to",
                                        "",
                                        "-1",
                                        "+1",
                                        "1.0",
                                        "100001",
                                        "9".repeat(20))),
                        Stream.of("schedule.", "drill.")
                                .flatMap(group -> Stream.of(
                                                wrong(group + "kind", "off, hourly, daily", "", "Daily", "yearly"),
                                                wrong(group + "every", "1 to 24", "", "0", "25", "-1", "1.5"),
                                                wrong(group + "minute", "0 to 59", "", "60", "-1"),
                                                wrong(
                                                        group + "at",
                                                        "a time of day",
                                                        "",
                                                        "3:15",
                                                        "24:00",
                                                        "03:60",
                                                        "03:15:30"),
                                                wrong(
                                                        group + "days",
                                                        "days of the week",
                                                        "",
                                                        "mon",
                                                        "Monday",
                                                        "monday,",
                                                        "monday;friday"),
                                                wrong(group + "day", "1 to 31", "", "0", "32", "last"))
                                        .flatMap(it -> it)))
                .flatMap(it -> it)
                // What is not ASCII is shown as a question mark, which has a test of its own.
                .filter(it -> ((String) it.get()[1]).chars().allMatch(c -> c < 0x7f));
    }

    private static Stream<Arguments> wrong(String name, String expected, String... values) {
        return Stream.of(values).map(it -> arguments(name, it, expected));
    }

    @ParameterizedTest
    @CsvSource({"daily, at", "weekly, days at", "monthly, day at", "cron, line"})
    void a_term_that_the_kind_needs_is_named_where_it_is_missing(String kind, String needs) {
        for (String group : new String[] {"schedule.", "drill."}) {
            Reading.Wrong wrong = wrong(Map.of(group + "kind", kind));
            assertThat(wrong.terms())
                    .containsOnlyKeys(
                            Stream.of(needs.split(" ")).map(group::concat).toList());
        }
    }

    @ParameterizedTest
    @CsvSource({
        "off, every minute at days day line",
        "hourly, at days day line",
        "daily, every minute days day line",
        "weekly, every minute day line",
        "monthly, every minute days line",
        "cron, every minute at days day"
    })
    void a_term_that_the_kind_does_not_take_is_named(String kind, String surplus) {
        Map<String, String> fitting =
                Map.of("every", "2", "minute", "5", "at", "03:00", "days", "monday", "day", "1", "line", "0 3 * * *");
        for (String group : new String[] {"schedule.", "drill."}) {
            var terms = new HashMap<String, String>();
            fitting.forEach((name, value) -> terms.put(group + name, value));
            terms.put(group + "kind", kind);
            Reading.Wrong wrong = wrong(terms);
            assertThat(wrong.terms())
                    .containsOnlyKeys(
                            Stream.of(surplus.split(" ")).map(group::concat).toList());
            assertThat(wrong.terms().values()).containsOnly("not for the kind " + kind);
        }
    }

    @Test
    void a_schedule_without_a_kind_takes_nothing() {
        assertThat(wrong(Map.of("schedule.at", "03:00")).summary()).isEqualTo("schedule.at: not for the kind off");
    }

    @Test
    void all_that_is_wrong_is_named_at_once_the_unknown_too() {
        Reading.Wrong wrong = wrong(terms("time_zone=x;catch_up=x;verify_depth=x;recheck_every=x;schedule.kind=x;"
                + "drill.kind=cron;drill.line=x;retention.last=x;retention.within=x;freshness.min_size=x;colour=red"));

        assertThat(wrong.terms())
                .containsOnlyKeys(
                        "time_zone",
                        "catch_up",
                        "verify_depth",
                        "recheck_every",
                        "schedule.kind",
                        "drill.line",
                        "retention.last",
                        "retention.within",
                        "freshness.min_size",
                        "colour");
        assertThat(wrong.summary())
                .contains("colour: unknown (expected: one of ")
                .contains("; retention.last: \"x\"");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "time_zone",
                "catch_up",
                "verify_depth",
                "recheck_every",
                "schedule.kind",
                "drill.kind",
                "retention.last",
                "retention.within",
                "freshness.max_age",
                "freshness.min_size"
            })
    void a_hostile_value_is_shown_short_and_on_one_line(String name) {
        String hostile = "\u001b[31m\r\nERROR all is lost\0\u202e\ud83d\udc18\ud83d" + "x".repeat(100_000);

        String summary = wrong(Map.of(name, hostile)).summary();

        assertThat(summary).hasSizeLessThan(250).matches("[\\x20-\\x7e…]+").startsWith(name + ": \"?[31m??ERROR");
    }

    @Test
    void a_hostile_name_is_shown_short_and_on_one_line() {
        String hostile = "\u001b[31m\r\nERROR all is lost\0\u202e" + "x".repeat(100_000);

        String summary = wrong(Map.of(hostile, "1")).summary();

        assertThat(summary).hasSizeLessThan(1000).matches("[\\x20-\\x7e…]+").startsWith("\"?[31m??ERROR");
    }

    @ParameterizedTest
    @CsvSource({"NATIVE, EITHER", "JOBOPS, EITHER", "POCKETBASE, BOTH", "DISPATCHARR, BOTH"})
    void a_cron_lines_day_fields_combine_as_in_the_profiles_system(Profile profile, DayRule expected) {
        var terms = PlanProperties.of(terms("schedule.kind=cron;schedule.line=0 3 1 * 5"));

        var right = (Reading.Right) reader.read(terms, profile);

        assertThat(((Schedule.Cron) right.plan().backups().schedule()).line().dayRule())
                .isEqualTo(expected);
    }

    @Test
    void what_is_wrong_with_a_cron_line_is_told_in_its_readers_words() {
        assertThat(wrong(terms("schedule.kind=cron;schedule.line=nonsense")).summary())
                .startsWith("schedule.line: cron line: 1 fields (expected: 5");
    }
}
