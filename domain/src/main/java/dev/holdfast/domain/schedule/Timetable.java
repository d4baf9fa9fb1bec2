package dev.holdfast.domain.schedule;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.zone.ZoneRules;
import java.util.Comparator;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * A schedule read in a time zone: the instants at which it runs.
 *
 * <p>Where clocks change:
 *
 * <ul>
 *   <li>A time that the clock skips runs once, at the first instant after the gap. Several times of one gap, and a time
 *       that falls on that instant anyway, are one run.
 *   <li>A time that the clock shows twice runs once, when it is shown first.
 *   <li>A schedule that goes through every hour of the day ({@code Hourly} with {@code every} 1, a cron line whose hours
 *       are all 24) follows the clock minute by minute instead: what is shown twice runs twice, what is skipped is not
 *       made up for. So an hourly run stays an hour of real time from the next when clocks change by an hour; when they
 *       change by half an hour, one distance may be an hour and a half.
 * </ul>
 */
public record Timetable(Schedule schedule, ZoneId zone) {
    private static final int LONGEST_ZONE = 64;

    /** The longest wait there is: a 29th of February on a given day of the week, across a century without one. */
    private static final int YEARS_AHEAD = 41;

    /** A zone as a client names it: an IANA name such as {@code Europe/Berlin}, {@code UTC}, or an offset. */
    public static Optional<ZoneId> zone(String text) {
        if (text.length() > LONGEST_ZONE) {
            return Optional.empty();
        }
        try {
            return Optional.of(ZoneId.of(text));
        } catch (DateTimeException e) {
            return Optional.empty();
        }
    }

    /**
     * The first run strictly after {@code after}, on a whole minute of the local clock; empty if there is none: the
     * schedule is off, or its line matches no day that exists.
     */
    public Optional<Instant> next(Instant after) {
        if (schedule instanceof Schedule.Off) {
            return Optional.empty();
        }
        // From the day before: a clock that is put back across midnight shows its end once more.
        LocalDate first = LocalDate.ofInstant(after, zone).minusDays(1);
        LocalDate last = first.plusYears(YEARS_AHEAD);
        for (LocalDate date = first; date.isBefore(last); date = date.plusDays(1)) {
            Optional<Instant> found = firstAfter(after, date);
            if (found.isPresent()) {
                // For the same reason the date after may begin before this one has ended.
                return Stream.concat(found.stream(), firstAfter(after, date.plusDays(1)).stream())
                        .min(Comparator.naturalOrder());
            }
        }
        return Optional.empty();
    }

    private Optional<Instant> firstAfter(Instant after, LocalDate date) {
        return times(date)
                .map(date::atTime)
                .flatMap(this::instants)
                .filter(after::isBefore)
                .min(Comparator.naturalOrder());
    }

    private Stream<LocalTime> times(LocalDate date) {
        return switch (schedule) {
            case Schedule.Off() -> Stream.empty();
            case Schedule.Hourly(int every, int minute) ->
                IntStream.iterate(0, hour -> hour < 24, hour -> hour + every)
                        .mapToObj(hour -> LocalTime.of(hour, minute));
            case Schedule.Daily(LocalTime at) -> Stream.of(at);
            case Schedule.Weekly weekly ->
                weekly.days().contains(date.getDayOfWeek()) ? Stream.of(weekly.at()) : Stream.empty();
            case Schedule.Monthly(int day, LocalTime at) ->
                date.getDayOfMonth() == Math.min(day, date.lengthOfMonth()) ? Stream.of(at) : Stream.empty();
            case Schedule.Cron(CronExpression line) -> line.matches(date) ? times(line) : Stream.empty();
        };
    }

    private static Stream<LocalTime> times(CronExpression line) {
        return line.hours().stream().flatMap(hour -> line.minutes().stream().map(minute -> LocalTime.of(hour, minute)));
    }

    private Stream<Instant> instants(LocalDateTime local) {
        ZoneRules rules = zone.getRules();
        if (followsTheClock()) {
            return rules.getValidOffsets(local).stream().map(local::toInstant);
        }
        var transition = rules.getTransition(local);
        if (transition != null && transition.isGap()) {
            return Stream.of(transition.getInstant());
        }
        ZoneOffset offset = rules.getOffset(local); // in an overlap the earlier of the two
        return Stream.of(local.toInstant(offset));
    }

    private boolean followsTheClock() {
        return switch (schedule) {
            case Schedule.Hourly(int every, int _) -> every == 1;
            case Schedule.Cron(CronExpression line) -> line.goesThroughEveryHour();
            case Schedule.Off _, Schedule.Daily _, Schedule.Weekly _, Schedule.Monthly _ -> false;
        };
    }
}
