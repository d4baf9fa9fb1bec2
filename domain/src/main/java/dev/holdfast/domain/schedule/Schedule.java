package dev.holdfast.domain.schedule;

import java.time.DayOfWeek;
import java.time.LocalTime;
import java.time.temporal.ChronoUnit;
import java.util.Collections;
import java.util.EnumSet;
import java.util.Set;

/**
 * At which local times a plan runs. Every time is a whole minute. In which zone the times are meant, and what becomes
 * of them when clocks change, is {@link Timetable}'s.
 *
 * <p>Each kind says through its {@code isValid} whether a value from outside fits; its constructor throws
 * {@link IllegalArgumentException} for one that was not asked.
 */
public sealed interface Schedule {

    /** Never by itself. */
    record Off() implements Schedule {}

    /**
     * At a minute of the hours 0, {@code every}, twice {@code every} and so on of each day. Where {@code every} does
     * not divide 24 the last stretch of a day is shorter, so that the hours are the same on all days.
     *
     * @param every 1 to 24
     * @param minute 0 to 59
     */
    record Hourly(int every, int minute) implements Schedule {
        /** For messages. */
        public static final String EXPECTED = "every 1 to 24 hours at minute 0 to 59";

        public Hourly {
            if (!isValid(every, minute)) {
                throw new IllegalArgumentException(
                        "hourly: every " + every + " at minute " + minute + " (expected: " + EXPECTED + ")");
            }
        }

        public static boolean isValid(int every, int minute) {
            return every >= 1 && every <= 24 && minute >= 0 && minute <= 59;
        }
    }

    record Daily(LocalTime at) implements Schedule {
        public Daily {
            requireWholeMinute(at);
        }
    }

    /** @param days at least one */
    record Weekly(Set<DayOfWeek> days, LocalTime at) implements Schedule {
        public Weekly {
            if (days.isEmpty()) {
                throw new IllegalArgumentException("days: none (expected: at least one day of the week)");
            }
            days = Collections.unmodifiableSet(EnumSet.copyOf(days));
            requireWholeMinute(at);
        }
    }

    /**
     * Once in each month.
     *
     * @param day 1 to 31; in a shorter month its last day
     */
    record Monthly(int day, LocalTime at) implements Schedule {
        public Monthly {
            if (!isValid(day)) {
                throw new IllegalArgumentException("day: " + day + " (expected: 1 to 31)");
            }
            requireWholeMinute(at);
        }

        public static boolean isValid(int day) {
            return day >= 1 && day <= 31;
        }
    }

    record Cron(CronExpression line) implements Schedule {}

    static boolean isWholeMinute(LocalTime at) {
        return at.equals(at.truncatedTo(ChronoUnit.MINUTES));
    }

    private static void requireWholeMinute(LocalTime at) {
        if (!isWholeMinute(at)) {
            throw new IllegalArgumentException("at: " + at + " (expected: a whole minute)");
        }
    }
}
