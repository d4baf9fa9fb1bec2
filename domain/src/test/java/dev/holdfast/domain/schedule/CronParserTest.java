package dev.holdfast.domain.schedule;

import static java.util.stream.Collectors.joining;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.domain.schedule.CronParser.Reading;
import java.time.Instant;
import java.time.ZoneId;
import java.util.Collection;
import java.util.Locale;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@Tag("unit")
@DisplayNameGeneration(ReplaceUnderscores.class)
class CronParserTest {
    private static final String ALL_MONTHS = "1,2,3,4,5,6,7,8,9,10,11,12";
    private static final String ALL_WEEK = "MON,TUE,WED,THU,FRI,SAT,SUN";

    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = '|',
            value = {
                "0 3 * * *           | 0              | 3              | all           | all    | all",
                "5,10,55 1,2 * * *   | 5,10,55        | 1,2            | all           | all    | all",
                "*/15 */6 * * *      | 0,15,30,45     | 0,6,12,18      | all           | all    | all",
                "10-13 22-23 * * *   | 10,11,12,13    | 22,23          | all           | all    | all",
                "1-10/4,59 0 * * *   | 1,5,9,59       | 0              | all           | all    | all",
                "0 0 1,*/10 * *      | 0              | 0              | 1,11,21,31    | all    | all",
                "0 0 31 2,4 *        | 0              | 0              | 31            | 2,4    | all",
                "0 0 * JAN-MAR,dec * | 0              | 0              | all           | 1,2,3,12 | all",
                "0 0 * * 0           | 0              | 0              | all           | all    | SUN",
                "0 0 * * 7           | 0              | 0              | all           | all    | SUN",
                "0 0 * * 0,7,sun     | 0              | 0              | all           | all    | SUN",
                "0 0 * * mon,Fri     | 0              | 0              | all           | all    | MON,FRI",
                "0 0 * * 5-7         | 0              | 0              | all           | all    | FRI,SAT,SUN",
                "0 0 * * FRI-SUN     | 0              | 0              | all           | all    | FRI,SAT,SUN",
                "0 0 * * SUN-TUE     | 0              | 0              | all           | all    | MON,TUE,SUN",
                "0 0 * * 0-6/2       | 0              | 0              | all           | all    | TUE,THU,SAT,SUN",
                "0 0 * * */3         | 0              | 0              | all           | all    | WED,SAT,SUN",
                "0 0 * * SUN-7       | 0              | 0              | all           | all    | SUN",
                "0 0 * * SUN-SUN/2   | 0              | 0              | all           | all    | SUN",
                "0 0 * * 0-SUN       | 0              | 0              | all           | all    | all",
                "0 0 * * 7-2         | 0              | 0              | all           | all    | MON,TUE,SUN",
                "0 0 * * 0-7         | 0              | 0              | all           | all    | all",
                "*/60 */24 */31 */12 */7 | 0          | 0              | 1             | 1      | SUN",
                "5-50/60 0 * * *     | 5              | 0              | all           | all    | all",
                "00 03 01 01 01      | 0              | 3              | 1             | 1      | MON",
                "@monthly            | 0              | 0              | 1             | all    | all",
                "@yearly             | 0              | 0              | 1             | 1      | all",
                "@annually           | 0              | 0              | 1             | 1      | all",
                "@weekly             | 0              | 0              | all           | all    | SUN",
                "@daily              | 0              | 0              | all           | all    | all",
                "@Midnight           | 0              | 0              | all           | all    | all",
            })
    void a_line_is_the_sets_that_its_fields_match(
            String line, String minutes, String hours, String daysOfMonth, String months, String daysOfWeek) {
        CronExpression parsed = parsed(line, DayRule.BOTH);

        assertThat(parsed.text()).isEqualTo(line);
        assertThat(joined(parsed.minutes())).isEqualTo(minutes);
        assertThat(joined(parsed.hours())).isEqualTo(hours);
        assertThat(joined(parsed.daysOfMonth()))
                .isEqualTo(daysOfMonth.replace(
                        "all", joined(IntStream.rangeClosed(1, 31).boxed().toList())));
        assertThat(joined(parsed.months())).isEqualTo(months.replace("all", ALL_MONTHS));
        assertThat(parsed.daysOfWeek().stream()
                        .map(it -> it.name().substring(0, 3))
                        .collect(joining(",")))
                .isEqualTo(daysOfWeek.replace("all", ALL_WEEK));
    }

    @Test
    void hourly_and_stars_are_every_hour() {
        assertThat(parsed("@hourly", DayRule.BOTH).hours()).hasSize(24);
        assertThat(parsed("* * * * *", DayRule.BOTH).minutes()).hasSize(60);
    }

    @Test
    void blanks_around_and_between_fields_do_not_matter_and_the_text_stays_as_given() {
        CronExpression parsed = parsed("  0 \t3  * * * ", DayRule.BOTH);

        assertThat(parsed.hours()).containsExactly(3);
        assertThat(parsed.text()).isEqualTo("  0 \t3  * * * ");
    }

    @ParameterizedTest(name = "{0}, {1}: {2}")
    @CsvSource({
        "0 0 13 * FRI,   EITHER, EITHER",
        "0 0 13 * FRI,   BOTH,   BOTH",
        "0 0 13 * *,     EITHER, BOTH",
        "0 0 * * FRI,    EITHER, BOTH",
        "0 0 */2 * FRI,  EITHER, BOTH",
        "0 0 13 * */2,   EITHER, BOTH",
        "0 0 1-31 * FRI, EITHER, EITHER",
        "@monthly,       EITHER, BOTH",
    })
    void two_restricted_day_fields_combine_as_asked_and_otherwise_both_match(
            String line, DayRule asked, DayRule found) {
        CronExpression parsed = parsed(line, asked);

        assertThat(parsed.dayRule()).isEqualTo(found);
        assertThat(parsed(parsed.text(), parsed.dayRule())).isEqualTo(parsed);
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = '|',
            value = {
                "60 * * * *          | minute: \"60\"",
                "-1 * * * *          | minute: \"-1\"",
                "+1 * * * *          | minute: \"+1\"",
                "5-1 * * * *         | minute: \"5-1\"",
                "*/0 * * * *         | minute: \"*/0\"",
                "*/61 * * * *        | minute: \"*/61\"",
                "5/15 * * * *        | minute: \"5/15\"",
                "/5 * * * *          | minute: \"/5\"",
                "1,2, * * * *        | minute: \"1,2,\"",
                "1,,2 * * * *        | minute: \"1,,2\"",
                "1-5- * * * *        | minute: \"1-5-\"",
                "1-5/2/3 * * * *     | minute: \"1-5/2/3\"",
                "JAN * * * *         | minute: \"JAN\"",
                "007 * * * *         | minute: \"007\"",
                "* 24 * * *          | hour: \"24\"",
                "* */25 * * *        | hour: \"*/25\"",
                "* 2.5 * * *         | hour: \"2.5\"",
                "* * 0 * *           | day of month: \"0\"",
                "* * 32 * *          | day of month: \"32\"",
                "* * L * *           | day of month: \"L\"",
                "* * 15W * *         | day of month: \"15W\"",
                "* * LW * *          | day of month: \"LW\"",
                "* * ? * *           | day of month: \"?\"",
                "* * MON * *         | day of month: \"MON\"",
                "* * * 0 *           | month: \"0\"",
                "* * * 13 *          | month: \"13\"",
                "* * * MON *         | month: \"MON\"",
                "* * * january *     | month: \"january\"",
                "* * * NOV-FEB *     | month: \"NOV-FEB\"",
                "* * * * 8           | day of week: \"8\"",
                "* * * * JAN         | day of week: \"JAN\"",
                "* * * * 5#2         | day of week: \"5#2\"",
                "* * * * 5L          | day of week: \"5L\"",
                "30-18/60 * * * *    | minute: \"30-18/60\"",
                "* * * * FRI-MON     | day of week: \"FRI-MON\"",
                "* * * * 1,FRI-MON   | day of week: \"1,FRI-MON\"",
                "* * * * ?           | day of week: \"?\"",
                "@reboot             | cron line: \"@reboot\"",
                "@every 5m           | cron line: \"@every 5m\"",
                "@                   | cron line: \"@\"",
                "* * * *             | cron line: 4 fields",
                "0 0 0 * * *         | cron line: 6 fields",
            })
    void what_is_wrong_is_named(String line, String field) {
        assertThat(CronParser.parse(line, DayRule.EITHER))
                .isInstanceOfSatisfying(
                        Reading.Wrong.class,
                        it -> assertThat(it.what()).startsWith(field).contains("(expected: "));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " ",
                "\t",
                "\0",
                "* * * * *\n",
                "* * * * *\r\n* * * * *",
                "\u0661 * * * *",
                "* * * * \u212a",
                "\uff0a * * * *",
                "*\u00a0* * * *",
                "; rm -rf /",
                "${jndi:x} * * * *",
                "\ud800 * * * *"
            })
    void hostile_text_is_wrong_on_one_line(String line) {
        assertThat(CronParser.parse(line, DayRule.BOTH))
                .isInstanceOfSatisfying(
                        Reading.Wrong.class, it -> assertThat(it.what()).matches("[\\x20-\\x7e]+"));
    }

    @Test
    void a_line_has_128_characters_at_most() {
        assertThat(CronParser.parse("0 0 * * *" + " ".repeat(119), DayRule.BOTH))
                .isInstanceOf(Reading.Parsed.class);
        assertThat(CronParser.parse("0 0 * * *" + " ".repeat(120), DayRule.BOTH))
                .isEqualTo(new Reading.Wrong("cron line: 129 characters (expected: at most 128)"));
        assertThat(CronParser.parse("1,".repeat(10_000_000), DayRule.BOTH)).isInstanceOf(Reading.Wrong.class);
    }

    @Test
    void no_text_whatever_throws() {
        var random = new Random(20260413);
        String[] pieces =
                "* * * 0 1 5 7 31 59 60 99 - / , */ ? L W # @ @daily MON sun JAN dec + . \t \0 \u00e9".split(" ", -1);
        for (int i = 0; i < 20_000; i++) {
            String line = random.ints(random.nextInt(2, 16), 0, pieces.length)
                    .mapToObj(it -> pieces[it] + (random.nextInt(3) == 0 ? " " : ""))
                    .collect(joining());
            DayRule rule = random.nextBoolean() ? DayRule.EITHER : DayRule.BOTH;
            switch (CronParser.parse(line, rule)) {
                case Reading.Wrong(String what) -> assertThat(what).as(line).contains("(expected: ");
                case Reading.Parsed(CronExpression parsed) ->
                    assertThat(parsed.text()).isEqualTo(line);
            }
        }
    }

    @Test
    void names_are_read_alike_in_every_language() {
        Locale before = Locale.getDefault();
        try {
            Locale.setDefault(Locale.forLanguageTag("tr")); // where the capital of i is not I
            assertThat(parsed("0 0 * * fri", DayRule.BOTH).daysOfWeek()).hasSize(1);
        } finally {
            Locale.setDefault(before);
        }
    }

    @Test
    void a_parsed_line_tells_when_it_runs_next() {
        var timetable =
                new Timetable(new Schedule.Cron(parsed("30 2 13 * FRI", DayRule.EITHER)), ZoneId.of("Europe/Berlin"));

        assertThat(timetable.next(Instant.parse("2026-04-11T00:00:00Z")))
                .contains(Instant.parse("2026-04-13T00:30:00Z"));
        assertThat(timetable.next(Instant.parse("2026-04-13T00:30:00Z")))
                .contains(Instant.parse("2026-04-17T00:30:00Z"));
    }

    private CronExpression parsed(String line, DayRule dayRule) {
        return switch (CronParser.parse(line, dayRule)) {
            case Reading.Parsed(CronExpression parsed) -> parsed;
            case Reading.Wrong(String what) -> throw new AssertionError(what);
        };
    }

    private static String joined(Collection<Integer> values) {
        return values.stream().map(String::valueOf).collect(joining(","));
    }
}
