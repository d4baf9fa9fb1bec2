package dev.holdfast.domain.schedule;

import static java.time.DayOfWeek.MONDAY;
import static java.time.DayOfWeek.SATURDAY;
import static java.time.DayOfWeek.SUNDAY;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.time.InstantSource;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.YearMonth;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** A year on a clock that the test moves, for each kind of schedule in five zones, against {@link MinuteWalk}. */
@Tag("unit")
@DisplayNameGeneration(ReplaceUnderscores.class)
class YearOfRunsTest {
    private static final List<ZoneId> ZONES = Stream.of(
                    "UTC",
                    "Europe/Berlin", // one hour, at 02:00 and 03:00 local
                    "America/New_York",
                    "Australia/Lord_Howe", // half an hour, and the other way round in the year
                    "America/Santiago") // at midnight: a day without 00:30, and one with two 23:30
            .map(ZoneId::of)
            .toList();

    private static final Instant FROM = Instant.parse("2026-01-01T00:00:00Z");
    private static final Instant TO = Instant.parse("2027-01-01T00:00:00Z");

    /** @param byTheClock whether the schedule goes through every hour of the day */
    record Kind(String name, Schedule schedule, boolean byTheClock, Predicate<LocalDateTime> runs) {
        /** The decision about changing clocks, word for word. */
        boolean runsAt(MinuteWalk minute) {
            boolean shown = runs.test(minute.shown());
            return byTheClock
                    ? shown
                    : (shown && !minute.again()) || minute.skipped().stream().anyMatch(runs);
        }

        @Override
        public String toString() {
            return name;
        }
    }

    static Stream<Kind> kinds() {
        return Stream.of(
                new Kind("off", new Schedule.Off(), false, it -> false),
                new Kind("each hour at :30", new Schedule.Hourly(1, 30), true, it -> it.getMinute() == 30),
                new Kind("each hour at :00", new Schedule.Hourly(1, 0), true, it -> it.getMinute() == 0),
                new Kind(
                        "each 2 hours at :15",
                        new Schedule.Hourly(2, 15),
                        false,
                        it -> it.getHour() % 2 == 0 && it.getMinute() == 15),
                new Kind(
                        "each 5 hours at :59",
                        new Schedule.Hourly(5, 59),
                        false,
                        it -> Set.of(0, 5, 10, 15, 20).contains(it.getHour()) && it.getMinute() == 59),
                new Kind(
                        "each 24 hours",
                        new Schedule.Hourly(24, 30),
                        false,
                        it -> it.getHour() == 0 && it.getMinute() == 30),
                new Kind("daily in the changing hour", daily("02:10"), false, it -> showing(it, "02:10")),
                new Kind("daily before Lord Howe's change", daily("01:45"), false, it -> showing(it, "01:45")),
                new Kind("daily at midnight", daily("00:00"), false, it -> showing(it, "00:00")),
                new Kind("daily before midnight", daily("23:30"), false, it -> showing(it, "23:30")),
                new Kind(
                        "weekly",
                        new Schedule.Weekly(Set.of(SUNDAY, MONDAY), LocalTime.parse("02:30")),
                        false,
                        it -> showing(it, "02:30") && (it.getDayOfWeek() == SUNDAY || it.getDayOfWeek() == MONDAY)),
                new Kind(
                        "weekly before midnight",
                        new Schedule.Weekly(Set.of(SATURDAY), LocalTime.parse("23:59")),
                        false,
                        it -> showing(it, "23:59") && it.getDayOfWeek() == SATURDAY),
                new Kind(
                        "monthly on the 31st",
                        new Schedule.Monthly(31, LocalTime.parse("04:05")),
                        false,
                        it -> showing(it, "04:05")
                                && it.toLocalDate().equals(YearMonth.from(it).atEndOfMonth())),
                new Kind(
                        "monthly on the 29th",
                        new Schedule.Monthly(29, LocalTime.parse("02:00")),
                        false,
                        it -> showing(it, "02:00")
                                && (it.getDayOfMonth() == 29 || it.toLocalDate().equals(LocalDate.of(2026, 2, 28)))),
                new Kind(
                        "cron 30 * * * *",
                        new Schedule.Cron(Lines.of("30", "0-23", "1-31", "1-12", "1-7", DayRule.BOTH)),
                        true,
                        it -> it.getMinute() == 30),
                new Kind(
                        "cron */20 * * * SUN",
                        new Schedule.Cron(Lines.of("0,20,40", "0-23", "1-31", "1-12", "7", DayRule.BOTH)),
                        true,
                        it -> it.getMinute() % 20 == 0 && it.getDayOfWeek() == SUNDAY),
                new Kind(
                        "cron */15 1-3 * * *",
                        new Schedule.Cron(Lines.of("0,15,30,45", "1-3", "1-31", "1-12", "1-7", DayRule.BOTH)),
                        false,
                        it -> it.getMinute() % 15 == 0 && it.getHour() >= 1 && it.getHour() <= 3),
                new Kind(
                        "cron 30 2 13 * MON, either",
                        new Schedule.Cron(Lines.of("30", "2", "13", "1-12", "1", DayRule.EITHER)),
                        false,
                        it -> showing(it, "02:30") && (it.getDayOfMonth() == 13 || it.getDayOfWeek() == MONDAY)),
                new Kind(
                        "cron 30 2 1-7 * MON, both",
                        new Schedule.Cron(Lines.of("30", "2", "1-7", "1-12", "1", DayRule.BOTH)),
                        false,
                        it -> showing(it, "02:30") && it.getDayOfMonth() <= 7 && it.getDayOfWeek() == MONDAY),
                new Kind(
                        "cron 5 0,23 * 3,4,9,10,11 *",
                        new Schedule.Cron(Lines.of("5", "0,23", "1-31", "3,4,9-11", "1-7", DayRule.BOTH)),
                        false,
                        it -> (showing(it, "00:05") || showing(it, "23:05"))
                                && Set.of(3, 4, 9, 10, 11).contains(it.getMonthValue())));
    }

    private static Schedule daily(String at) {
        return new Schedule.Daily(LocalTime.parse(at));
    }

    private static boolean showing(LocalDateTime local, String time) {
        return local.getHour() == Integer.parseInt(time, 0, 2, 10)
                && local.getMinute() == Integer.parseInt(time, 3, 5, 10);
    }

    static Stream<Arguments> kinds_in_zones() {
        return ZONES.stream()
                .flatMap(zone ->
                        expected(zone).entrySet().stream().map(it -> Arguments.of(it.getKey(), zone, it.getValue())));
    }

    private static Map<Kind, List<Instant>> expected(ZoneId zone) {
        Map<Kind, List<Instant>> expected = new LinkedHashMap<>();
        kinds().forEach(it -> expected.put(it, new ArrayList<>()));
        MinuteWalk.walk(
                zone,
                FROM,
                TO,
                minute -> expected.forEach((kind, runs) -> {
                    if (kind.runsAt(minute)) {
                        runs.add(minute.at());
                    }
                }));
        return expected;
    }

    @ParameterizedTest(name = "{0}, {1}")
    @MethodSource("kinds_in_zones")
    void a_year_of_runs_is_what_a_look_at_the_clock_each_minute_finds(Kind kind, ZoneId zone, List<Instant> expected) {
        assertThat(simulate(new Timetable(kind.schedule(), zone))).isEqualTo(expected);
    }

    /** Sleeps until each next run, as a scheduler does. */
    private static List<Instant> simulate(Timetable timetable) {
        List<Instant> runs = new ArrayList<>();
        InstantSource clock = InstantSource.fixed(FROM.minusNanos(1));
        for (var next = timetable.next(clock.instant());
                next.filter(TO::isAfter).isPresent();
                next = timetable.next(clock.instant())) {
            clock = InstantSource.fixed(next.get());
            runs.add(clock.instant());
        }
        return runs;
    }
}
