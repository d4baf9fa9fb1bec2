package dev.holdfast.application.planned;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.domain.schedule.CronExpression;
import dev.holdfast.domain.schedule.DayRule;
import dev.holdfast.domain.schedule.Schedule;
import dev.holdfast.domain.schedule.Timetable;
import java.time.DayOfWeek;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalTime;
import java.time.ZoneId;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Tag("unit")
@DisplayNameGeneration(ReplaceUnderscores.class)
class DueTimesTest {
    private static final ZoneId BERLIN = ZoneId.of("Europe/Berlin");
    private static final Instant NOON = Instant.parse("2026-04-13T12:00:30Z");
    private static final Timetable EVERY_MINUTE = new Timetable(cron(numbers(0, 59), numbers(0, 23)), BERLIN);

    private static Schedule cron(SortedSet<Integer> minutes, SortedSet<Integer> hours) {
        return new Schedule.Cron(new CronExpression(
                "a line",
                minutes,
                hours,
                numbers(1, 31),
                numbers(1, 12),
                EnumSet.allOf(DayOfWeek.class),
                DayRule.BOTH));
    }

    private static SortedSet<Integer> numbers(int least, int most) {
        return IntStream.rangeClosed(least, most).boxed().collect(Collectors.toCollection(TreeSet::new));
    }

    /** The plain way, through every single one. */
    private static Optional<Instant> walk(Timetable timetable, Instant handled, Instant now) {
        Optional<Instant> latest = Optional.empty();
        Optional<Instant> next = timetable.next(handled);
        while (next.isPresent() && !next.get().isAfter(now)) {
            latest = next;
            next = timetable.next(next.get());
        }
        return latest;
    }

    /** The bound tells a walk through half a million minutes, each of which costs a millisecond, from a short one. */
    @Test
    @Timeout(20)
    void the_last_minute_is_found_after_a_year_and_after_twenty() {
        Instant last = Instant.parse("2026-04-13T12:00:00Z");
        assertThat(DueTimes.latest(EVERY_MINUTE, NOON.minus(Duration.ofDays(365)), NOON))
                .contains(last);
        assertThat(DueTimes.latest(EVERY_MINUTE, NOON.minus(Duration.ofDays(7300)), NOON))
                .contains(last);
    }

    @Test
    void a_time_is_due_when_it_comes_and_not_once_it_is_handled() {
        var daily = new Timetable(new Schedule.Daily(LocalTime.of(3, 0)), ZoneId.of("UTC"));
        Instant three = Instant.parse("2026-04-13T03:00:00Z");

        assertThat(DueTimes.latest(daily, three.minusNanos(1), three)).contains(three);
        assertThat(DueTimes.latest(daily, three.minusSeconds(1), three.minusNanos(1)))
                .isEmpty();
        assertThat(DueTimes.latest(daily, three, three)).isEmpty();
        assertThat(DueTimes.latest(daily, three, three.plus(Duration.ofHours(23))))
                .isEmpty();
        assertThat(DueTimes.latest(daily, three, three.plus(Duration.ofHours(25))))
                .contains(three.plus(Duration.ofDays(1)));
    }

    @Test
    void whatever_the_schedule_and_however_long_nobody_looked_it_is_what_the_plain_walk_finds() {
        var random = new Random(20260413);
        List<Schedule> schedules = List.of(
                new Schedule.Off(),
                new Schedule.Hourly(1, 7),
                new Schedule.Hourly(5, 0),
                new Schedule.Daily(LocalTime.of(2, 30)),
                new Schedule.Weekly(Set.of(DayOfWeek.SUNDAY), LocalTime.of(2, 30)),
                new Schedule.Monthly(31, LocalTime.MIDNIGHT),
                cron(new TreeSet<>(Set.of(0, 30)), new TreeSet<>(Set.of(2))));
        for (int round = 0; round < 600; round++) {
            var timetable = new Timetable(schedules.get(round % schedules.size()), BERLIN);
            Instant now = NOON.plusSeconds(random.nextInt(400 * 86_400));
            // Of every length, short ones as often as long ones.
            Instant handled = now.minusSeconds((long) Math.exp(random.nextDouble() * Math.log(450.0 * 86_400)));

            assertThat(DueTimes.latest(timetable, handled, now))
                    .as("%s from %s to %s", timetable, handled, now)
                    .isEqualTo(walk(timetable, handled, now));
        }
    }

    @Test
    void of_every_minute_it_is_what_the_plain_walk_finds() {
        var random = new Random(20260414);
        for (int round = 0; round < 20; round++) {
            Instant now = Instant.parse("2026-10-25T00:30:00Z").plusSeconds(random.nextInt(7200));
            Instant handled = now.minusSeconds(random.nextInt(3 * 3600));

            assertThat(DueTimes.latest(EVERY_MINUTE, handled, now)).isEqualTo(walk(EVERY_MINUTE, handled, now));
        }
    }
}
