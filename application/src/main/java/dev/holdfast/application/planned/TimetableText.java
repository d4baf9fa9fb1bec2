package dev.holdfast.application.planned;

import dev.holdfast.domain.schedule.CronExpression;
import dev.holdfast.domain.schedule.DayRule;
import dev.holdfast.domain.schedule.Schedule;
import dev.holdfast.domain.schedule.Timetable;
import java.util.Locale;
import java.util.stream.Collectors;

/**
 * The text by which the catalogue knows a timetable again. Another text means another timetable, whose times count from now
 * on. So it names no type of the program, and begins with the number of its form.
 */
final class TimetableText {
    private static final int FORM = 1;

    private TimetableText() {}

    static String of(Timetable timetable) {
        return FORM + " " + text(timetable.schedule()) + " zone="
                + timetable.zone().getId();
    }

    /** The line of cron is last but for the zone, which has no blank. */
    private static String text(Schedule schedule) {
        return switch (schedule) {
            case Schedule.Off() -> "off";
            case Schedule.Hourly(int every, int minute) -> "hourly every=" + every + " minute=" + minute;
            case Schedule.Daily daily -> "daily at=" + daily.at();
            case Schedule.Weekly weekly ->
                "weekly days="
                        + weekly.days().stream()
                                .map(it -> Integer.toString(it.getValue()))
                                .collect(Collectors.joining(","))
                        + " at=" + weekly.at();
            case Schedule.Monthly monthly -> "monthly day=" + monthly.day() + " at=" + monthly.at();
            case Schedule.Cron(CronExpression line) -> "cron days=" + text(line.dayRule()) + " line=" + line.text();
        };
    }

    private static String text(DayRule rule) {
        return switch (rule) {
            case EITHER -> "either";
            case BOTH -> "both";
        };
    }

    /** Whether the text is this timetable's, in the present form or the one before it. */
    static boolean isOf(String stored, Timetable timetable) {
        return stored.equals(of(timetable)) || stored.equals(earlier(timetable));
    }

    /** As it was before this form: with the names of the types of then. */
    private static String earlier(Timetable timetable) {
        return "Timetable[schedule=" + earlier(timetable.schedule()) + ", zone="
                + timetable.zone().getId() + "]";
    }

    private static String earlier(Schedule schedule) {
        return switch (schedule) {
            case Schedule.Off() -> "Off[]";
            case Schedule.Hourly(int every, int minute) -> "Hourly[every=" + every + ", minute=" + minute + "]";
            case Schedule.Daily daily -> "Daily[at=" + daily.at() + "]";
            case Schedule.Weekly weekly -> "Weekly[days=" + weekly.days() + ", at=" + weekly.at() + "]";
            case Schedule.Monthly monthly -> "Monthly[day=" + monthly.day() + ", at=" + monthly.at() + "]";
            case Schedule.Cron(CronExpression line) ->
                "Cron[line=CronLine[text=" + line.text() + ", minutes=" + line.minutes() + ", hours=" + line.hours()
                        + ", daysOfMonth=" + line.daysOfMonth() + ", months=" + line.months() + ", daysOfWeek="
                        + line.daysOfWeek() + ", dayRule="
                        + text(line.dayRule()).toUpperCase(Locale.ROOT) + "]]";
        };
    }
}
