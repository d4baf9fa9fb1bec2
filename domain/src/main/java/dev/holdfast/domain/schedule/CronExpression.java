package dev.holdfast.domain.schedule;

import java.time.DayOfWeek;
import java.time.LocalDate;
import java.util.Collections;
import java.util.EnumSet;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * A cron line that a parser has read: what its five fields match. No set is empty, but together they may still match
 * no day, as a 30th of February.
 *
 * @param text as given, at most {@link #LONGEST} characters
 * @param minutes 0 to 59
 * @param hours 0 to 23
 * @param daysOfMonth 1 to 31
 * @param months 1 to 12
 * @param dayRule how this very line combines its day fields: {@link DayRule#EITHER} only if both are restricted. Read
 *     again under this rule, {@code text} gives an equal line
 */
public record CronExpression(
        String text,
        SortedSet<Integer> minutes,
        SortedSet<Integer> hours,
        SortedSet<Integer> daysOfMonth,
        SortedSet<Integer> months,
        Set<DayOfWeek> daysOfWeek,
        DayRule dayRule) {
    public static final int LONGEST = 128;

    private static final int HOURS_A_DAY = 24;

    public CronExpression {
        if (text.isBlank() || text.length() > LONGEST) {
            throw new IllegalArgumentException(
                    "cron line: " + text.length() + " characters (expected: 1 to " + LONGEST + ")");
        }
        minutes = within("minute", minutes, 0, 59);
        hours = within("hour", hours, 0, HOURS_A_DAY - 1);
        daysOfMonth = within("day of month", daysOfMonth, 1, 31);
        months = within("month", months, 1, 12);
        if (daysOfWeek.isEmpty()) {
            throw new IllegalArgumentException("day of week: none (expected: at least one)");
        }
        daysOfWeek = Collections.unmodifiableSet(EnumSet.copyOf(daysOfWeek));
    }

    private static SortedSet<Integer> within(String field, SortedSet<Integer> values, int least, int most) {
        if (values.isEmpty() || values.first() < least || values.last() > most) {
            throw new IllegalArgumentException(
                    field + ": " + values + " (expected: one or more of " + least + " to " + most + ")");
        }
        return Collections.unmodifiableSortedSet(new TreeSet<>(values));
    }

    boolean matches(LocalDate date) {
        boolean dayOfMonth = daysOfMonth.contains(date.getDayOfMonth());
        boolean dayOfWeek = daysOfWeek.contains(date.getDayOfWeek());
        return months.contains(date.getMonthValue())
                && switch (dayRule) {
                    case EITHER -> dayOfMonth || dayOfWeek;
                    case BOTH -> dayOfMonth && dayOfWeek;
                };
    }

    boolean goesThroughEveryHour() {
        return hours.size() == HOURS_A_DAY;
    }
}
