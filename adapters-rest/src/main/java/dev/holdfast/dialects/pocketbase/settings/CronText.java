package dev.holdfast.dialects.pocketbase.settings;

import dev.holdfast.domain.schedule.Schedule;
import java.time.DayOfWeek;
import java.time.LocalTime;
import java.util.stream.Collectors;

/** Schedules as cron expressions, for whoever knows nothing else. */
final class CronText {
    private static final int DAYS = 7;

    private CronText() {}

    /** Empty for none. A day that some months lack stands there as it is, though the plan takes their last day. */
    static String of(Schedule schedule) {
        return switch (schedule) {
            case Schedule.Off() -> "";
            case Schedule.Hourly(int every, int minute) -> minute + (every == 1 ? " *" : " */" + every) + " * * *";
            case Schedule.Daily(LocalTime at) -> at(at) + " * * *";
            case Schedule.Weekly(var days, LocalTime at) ->
                at(at) + " * * "
                        + days.stream()
                                .map(DayOfWeek::getValue)
                                .map(it -> Integer.toString(it % DAYS))
                                .sorted()
                                .collect(Collectors.joining(","));
            case Schedule.Monthly(int day, LocalTime at) -> at(at) + " " + day + " * *";
            case Schedule.Cron(var line) -> line.text();
        };
    }

    private static String at(LocalTime at) {
        return at.getMinute() + " " + at.getHour();
    }
}
