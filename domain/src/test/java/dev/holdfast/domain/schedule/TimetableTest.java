package dev.holdfast.domain.schedule;

import static java.time.DayOfWeek.FRIDAY;
import static java.time.DayOfWeek.MONDAY;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.time.LocalTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Instants written by hand from the calendar and the zones' laws; a whole year is in {@link YearOfRunsTest}. */
@Tag("unit")
@DisplayNameGeneration(ReplaceUnderscores.class)
class TimetableTest {
    private static final ZoneId BERLIN = ZoneId.of("Europe/Berlin");
    private static final ZoneId NEW_YORK = ZoneId.of("America/New_York");
    private static final ZoneId LORD_HOWE = ZoneId.of("Australia/Lord_Howe");

    @Test
    void what_is_off_never_runs() {
        assertThat(new Timetable(new Schedule.Off(), BERLIN).next(Instant.EPOCH))
                .isEmpty();
    }

    @Test
    void the_next_run_is_strictly_later() {
        var timetable = new Timetable(daily("02:00"), ZoneOffset.UTC);

        assertThat(timetable.next(Instant.parse("2026-04-13T01:59:59.999999999Z")))
                .contains(Instant.parse("2026-04-13T02:00:00Z"));
        assertThat(timetable.next(Instant.parse("2026-04-13T02:00:00Z")))
                .contains(Instant.parse("2026-04-14T02:00:00Z"));
        assertThat(timetable.next(Instant.parse("2026-04-13T02:00:00.000000001Z")))
                .contains(Instant.parse("2026-04-14T02:00:00Z"));
    }

    @Test
    void a_time_that_the_clock_skips_runs_once_right_after_the_gap() {
        assertThat(runs(daily("02:30"), BERLIN, "2026-03-28T00:00:00Z", 3))
                .containsExactly("2026-03-28T01:30:00Z", "2026-03-29T01:00:00Z", "2026-03-30T00:30:00Z");
        assertThat(runs(daily("02:30"), NEW_YORK, "2026-03-07T12:00:00Z", 2))
                .containsExactly("2026-03-08T07:00:00Z", "2026-03-09T06:30:00Z");
        assertThat(runs(daily("02:10"), LORD_HOWE, "2026-10-03T00:00:00Z", 2))
                .containsExactly("2026-10-03T15:30:00Z", "2026-10-04T15:10:00Z");
    }

    @Test
    void several_times_in_one_gap_are_one_run() {
        var line = Lines.of("0,20,40", "2", "1-31", "1-12", "1-7", DayRule.BOTH);

        assertThat(runs(new Schedule.Cron(line), BERLIN, "2026-03-28T12:00:00Z", 2))
                .containsExactly("2026-03-29T01:00:00Z", "2026-03-30T00:00:00Z");
    }

    @Test
    void a_time_that_the_clock_shows_twice_runs_when_it_is_shown_first() {
        assertThat(runs(daily("02:30"), BERLIN, "2026-10-24T12:00:00Z", 2))
                .containsExactly("2026-10-25T00:30:00Z", "2026-10-26T01:30:00Z");
        assertThat(runs(daily("01:30"), NEW_YORK, "2026-10-31T12:00:00Z", 2))
                .containsExactly("2026-11-01T05:30:00Z", "2026-11-02T06:30:00Z");
        assertThat(runs(daily("01:45"), LORD_HOWE, "2026-04-04T00:00:00Z", 2))
                .containsExactly("2026-04-04T14:45:00Z", "2026-04-05T15:15:00Z");
    }

    @Test
    void the_second_showing_is_no_run_even_when_asked_between_the_two() {
        assertThat(new Timetable(daily("02:30"), BERLIN).next(Instant.parse("2026-10-25T01:00:00Z")))
                .contains(Instant.parse("2026-10-26T01:30:00Z"));
    }

    @Test
    void an_hourly_run_stays_an_hour_from_the_next_when_clocks_change() {
        assertThat(runs(new Schedule.Hourly(1, 30), BERLIN, "2026-10-24T23:00:00Z", 4))
                .containsExactly(
                        "2026-10-24T23:30:00Z", "2026-10-25T00:30:00Z", "2026-10-25T01:30:00Z", "2026-10-25T02:30:00Z");
        assertThat(runs(new Schedule.Hourly(1, 30), BERLIN, "2026-03-29T00:00:00Z", 3))
                .containsExactly("2026-03-29T00:30:00Z", "2026-03-29T01:30:00Z", "2026-03-29T02:30:00Z");
    }

    @Test
    void where_clocks_change_by_half_an_hour_one_hourly_distance_is_longer() {
        assertThat(runs(new Schedule.Hourly(1, 15), LORD_HOWE, "2026-10-03T14:00:00Z", 3))
                .containsExactly("2026-10-03T14:45:00Z", "2026-10-03T16:15:00Z", "2026-10-03T17:15:00Z");
    }

    @Test
    void a_clock_put_back_across_midnight_shows_the_end_of_a_day_again() {
        ZoneId santiago = ZoneId.of("America/Santiago");

        assertThat(runs(new Schedule.Hourly(1, 30), santiago, "2026-04-05T02:00:00Z", 4))
                .containsExactly(
                        "2026-04-05T02:30:00Z", "2026-04-05T03:30:00Z", "2026-04-05T04:30:00Z", "2026-04-05T05:30:00Z");
        assertThat(runs(daily("23:30"), santiago, "2026-04-05T02:00:00Z", 2))
                .containsExactly("2026-04-05T02:30:00Z", "2026-04-06T03:30:00Z");
    }

    /** Newfoundland once changed at 00:01: the first minute of a day, the end of the day before, that minute again. */
    @Test
    void days_that_lie_within_each_other_run_in_the_order_of_real_time() {
        var line = Lines.of("0,30", "0-23", "1-31", "1-12", "1-7", DayRule.BOTH);

        assertThat(runs(new Schedule.Cron(line), ZoneId.of("America/St_Johns"), "2010-11-07T01:30:00Z", 5))
                .containsExactly(
                        "2010-11-07T02:00:00Z",
                        "2010-11-07T02:30:00Z",
                        "2010-11-07T03:00:00Z",
                        "2010-11-07T03:30:00Z",
                        "2010-11-07T04:00:00Z");
    }

    @Test
    void the_runs_of_a_day_that_a_country_left_out_are_one_run_as_the_next_day_begins() {
        assertThat(runs(daily("12:00"), ZoneId.of("Pacific/Apia"), "2011-12-29T00:00:00Z", 3))
                .containsExactly("2011-12-29T22:00:00Z", "2011-12-30T10:00:00Z", "2011-12-30T22:00:00Z");
    }

    @Test
    void every_n_hours_means_the_same_hours_each_day() {
        assertThat(runs(new Schedule.Hourly(7, 5), ZoneOffset.UTC, "2026-04-13T00:00:00Z", 5))
                .containsExactly(
                        "2026-04-13T00:05:00Z",
                        "2026-04-13T07:05:00Z",
                        "2026-04-13T14:05:00Z",
                        "2026-04-13T21:05:00Z",
                        "2026-04-14T00:05:00Z");
    }

    @Test
    void weekly_runs_on_its_days() {
        var schedule = new Schedule.Weekly(EnumSet.of(FRIDAY, MONDAY), LocalTime.of(3, 0));

        assertThat(runs(schedule, ZoneOffset.UTC, "2026-04-13T00:00:00Z", 3)) // a Monday
                .containsExactly("2026-04-13T03:00:00Z", "2026-04-17T03:00:00Z", "2026-04-20T03:00:00Z");
        assertThat(schedule.days()).containsExactly(MONDAY, FRIDAY);
    }

    @Test
    void a_month_too_short_runs_on_its_last_day() {
        assertThat(runs(new Schedule.Monthly(31, LocalTime.MIDNIGHT), ZoneOffset.UTC, "2028-01-31T00:00:00Z", 3))
                .containsExactly("2028-02-29T00:00:00Z", "2028-03-31T00:00:00Z", "2028-04-30T00:00:00Z");
    }

    @Test
    void a_29th_of_february_on_a_saturday_is_waited_for_across_a_century_without_one() {
        var line = Lines.of("0", "0", "29", "2", "6", DayRule.BOTH);

        assertThat(runs(new Schedule.Cron(line), ZoneOffset.UTC, "2026-01-01T00:00:00Z", 4))
                .containsExactly(
                        "2048-02-29T00:00:00Z", "2076-02-29T00:00:00Z", "2116-02-29T00:00:00Z", "2144-02-29T00:00:00Z");
    }

    @Test
    void a_day_that_never_comes_is_not_looked_for_for_ever() {
        var line = Lines.of("0-59", "0-23", "30", "2", "1-7", DayRule.BOTH);

        assertThat(new Timetable(new Schedule.Cron(line), BERLIN).next(Instant.parse("2026-01-01T00:00:00Z")))
                .isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"UTC", "Europe/Berlin", "+05:30", "Z", "America/Argentina/Buenos_Aires"})
    void a_zone_is_named_as_the_jdk_names_it(String text) {
        assertThat(Timetable.zone(text)).contains(ZoneId.of(text));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", " ", "Berlin", "Europe/Berlin ", "europe/berlin", "+99:00", "../../etc/passwd", "UTC\0"})
    void what_is_no_zone_is_none(String text) {
        assertThat(Timetable.zone(text)).isEqualTo(Optional.empty());
        assertThat(Timetable.zone(text + "x".repeat(10_000))).isEmpty();
    }

    private static Schedule daily(String at) {
        return new Schedule.Daily(LocalTime.parse(at));
    }

    private static List<String> runs(Schedule schedule, ZoneId zone, String after, int count) {
        var timetable = new Timetable(schedule, zone);
        Instant start = Instant.parse(after);
        return Stream.iterate(timetable.next(start), it -> it.flatMap(timetable::next))
                .limit(count)
                .map(it -> it.map(Instant::toString).orElse("none"))
                .toList();
    }
}
