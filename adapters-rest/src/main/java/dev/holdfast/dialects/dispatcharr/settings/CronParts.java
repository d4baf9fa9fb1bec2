package dev.holdfast.dialects.dispatcharr.settings;

import dev.holdfast.domain.schedule.CronExpression;
import dev.holdfast.domain.schedule.Schedule;
import java.time.DayOfWeek;
import java.time.LocalTime;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** A schedule in the five parts of a cron line. */
record CronParts(String minute, String hour, String dayOfMonth, String month, String dayOfWeek) {
    private static final String EACH = "*";
    private static final int DAYS_EVERYWHERE = 28;

    /** @param schedule one that is not off */
    static CronParts of(Schedule schedule) {
        return switch (schedule) {
            case Schedule.Off() -> new CronParts("0", "3", EACH, EACH, EACH);
            case Schedule.Hourly(int every, int minute) ->
                new CronParts(Integer.toString(minute), every == 1 ? EACH : "*/" + every, EACH, EACH, EACH);
            case Schedule.Daily(LocalTime at) -> at(at, EACH, EACH);
            case Schedule.Weekly weekly ->
                at(
                        weekly.at(),
                        EACH,
                        weekly.days().stream().sorted().map(CronParts::name).collect(Collectors.joining(",")));
            case Schedule.Monthly(int day, LocalTime at) -> at(at, days(day), EACH);
            case Schedule.Cron(CronExpression line) -> of(line);
        };
    }

    private static CronParts at(LocalTime at, String dayOfMonth, String dayOfWeek) {
        return new CronParts(
                Integer.toString(at.getMinute()), Integer.toString(at.getHour()), dayOfMonth, EACH, dayOfWeek);
    }

    /** The last days of a month are not in each; a cron line leaves out those that there are not. */
    private static String days(int day) {
        return Integer.toString(Math.min(day, DAYS_EVERYWHERE));
    }

    private static String name(DayOfWeek day) {
        return day.name().substring(0, 3).toLowerCase(Locale.ROOT);
    }

    private static CronParts of(CronExpression line) {
        String[] parts = line.text().strip().split("\\s+", -1);
        return parts.length == 5
                ? new CronParts(parts[0], parts[1], parts[2], parts[3], parts[4])
                : new CronParts(
                        list(line.minutes(), 0, 59),
                        list(line.hours(), 0, 23),
                        list(line.daysOfMonth(), 1, 31),
                        list(line.months(), 1, 12),
                        line.daysOfWeek().size() == DayOfWeek.values().length
                                ? EACH
                                : line.daysOfWeek().stream()
                                        .sorted()
                                        .map(CronParts::name)
                                        .collect(Collectors.joining(",")));
    }

    private static String list(Collection<Integer> values, int first, int last) {
        List<Integer> all = IntStream.rangeClosed(first, last).boxed().toList();
        return values.containsAll(all)
                ? EACH
                : values.stream().map(String::valueOf).collect(Collectors.joining(","));
    }

    String line() {
        return String.join(" ", minute, hour, dayOfMonth, month, dayOfWeek);
    }
}
