package dev.holdfast.domain.schedule;

import java.time.DayOfWeek;
import java.util.NavigableSet;
import java.util.Optional;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** One of the five fields of a cron line, in their order. */
enum CronField {
    MINUTE("minute", 0, 59, "0 to 59", ""),
    HOUR("hour", 0, 23, "0 to 23", ""),
    DAY_OF_MONTH("day of month", 1, 31, "1 to 31", ""),
    MONTH("month", 1, 12, "1 to 12 or JAN to DEC", "JANFEBMARAPRMAYJUNJULAUGSEPOCTNOVDEC"),
    DAY_OF_WEEK("day of week", 0, 6, "0 to 7 or SUN to SAT", "MONTUEWEDTHUFRISATSUN");

    private static final int SUNDAY_TOO = 7;
    private static final int NAME_LENGTH = 3;
    private static final String VALUE = "(\\d{1,2}|[A-Z]{3})";
    private static final Pattern SINGLE = Pattern.compile(VALUE);
    private static final Pattern RANGE = Pattern.compile("(?:\\*|" + VALUE + "-" + VALUE + ")(?:/(\\d{1,2}))?");

    private final String word;
    private final int least;
    private final int most;
    private final String expected;
    private final String names;

    /** @param names of the values from 1 on, three letters each */
    CronField(String word, int least, int most, String expected, String names) {
        this.word = word;
        this.least = least;
        this.most = most;
        this.expected = expected;
        this.names = names;
    }

    static DayOfWeek weekday(int value) {
        return value == 0 ? DayOfWeek.SUNDAY : DayOfWeek.of(value);
    }

    /** As Vixie cron sees it, {@code *}{@code /2} included. */
    static boolean isRestricted(String text) {
        return !text.startsWith("*");
    }

    /** Whether it is one of the two that choose days. */
    boolean isDay() {
        return this == DAY_OF_MONTH || this == DAY_OF_WEEK;
    }

    /** Returns the values that a field matches, of weekdays 0 to 6; empty if it is wrong. */
    Optional<NavigableSet<Integer>> values(String text) {
        var values = new TreeSet<Integer>();
        for (String item : text.split(",", -1)) {
            IntStream matched = item(item);
            if (matched == null) {
                return Optional.empty();
            }
            matched.map(it -> this == DAY_OF_WEEK ? it % SUNDAY_TOO : it).forEach(values::add);
        }
        return Optional.of(values);
    }

    /** Null if it is wrong. */
    private @Nullable IntStream item(String text) {
        if (SINGLE.matcher(text).matches()) {
            Integer value = value(text);
            return value == null ? null : IntStream.of(value);
        }
        Matcher range = RANGE.matcher(text);
        if (!range.matches()) {
            return null;
        }
        Integer from = range.group(1) == null ? Integer.valueOf(least) : value(range.group(1));
        Integer to = range.group(2) == null ? Integer.valueOf(most) : value(range.group(2));
        int step = range.group(3) == null ? 1 : Integer.parseInt(range.group(3));
        if (from == null || to == null || step < 1 || step > size()) {
            return null;
        }
        // A Sunday ends a week, and also begins one.
        int first = this == DAY_OF_WEEK && from == SUNDAY_TOO && to < from ? least : from;
        int last = to;
        return first > last ? null : IntStream.iterate(first, it -> it <= last, it -> it + step);
    }

    /** Null if the field has no such value. */
    private @Nullable Integer value(String text) {
        if (Character.isDigit(text.charAt(0))) {
            int value = Integer.parseInt(text);
            return value >= least && value <= (this == DAY_OF_WEEK ? SUNDAY_TOO : most) ? value : null;
        }
        int index = names.indexOf(text);
        return index < 0 || index % NAME_LENGTH != 0 ? null : index / NAME_LENGTH + 1;
    }

    private int size() {
        return most - least + 1;
    }

    String wrong(String text) {
        return word + ": \"" + text + "\" (expected: values of " + expected
                + ", ranges that go up, *, and steps of 1 to " + size() + ")";
    }
}
