package dev.holdfast.bootstrap.cron;

import com.cronutils.model.field.CronFieldName;
import java.time.DayOfWeek;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** One of the five fields of a cron line, in their order. */
enum Field {
    MINUTE("minute", CronFieldName.MINUTE, 0, 59, "0 to 59"),
    HOUR("hour", CronFieldName.HOUR, 0, 23, "0 to 23"),
    DAY_OF_MONTH("day of month", CronFieldName.DAY_OF_MONTH, 1, 31, "1 to 31"),
    MONTH("month", CronFieldName.MONTH, 1, 12, "1 to 12 or JAN to DEC"),
    DAY_OF_WEEK("day of week", CronFieldName.DAY_OF_WEEK, 0, 6, "0 to 7 or SUN to SAT");

    static final String ANY = "*";

    private static final String VALUE = "(?:\\d{1,2}|[A-Z]{3})";
    private static final Pattern ITEM =
            Pattern.compile("(\\*|" + VALUE + "-" + VALUE + ")/(\\d{1,2})|\\*|" + VALUE + "(?:-" + VALUE + ")?");

    final CronFieldName name;
    final int least;
    final int most;

    private final String word;
    private final String expected;

    Field(String word, CronFieldName name, int least, int most, String expected) {
        this.word = word;
        this.name = name;
        this.least = least;
        this.most = most;
        this.expected = expected;
    }

    static DayOfWeek weekday(int value) {
        return value == 0 ? DayOfWeek.SUNDAY : DayOfWeek.of(value);
    }

    /** As Vixie cron sees it, {@code *}{@code /2} included. */
    static boolean isRestricted(String text) {
        return !text.startsWith(ANY);
    }

    /** Whether it is one of the two that choose days. */
    boolean isDay() {
        return this == DAY_OF_MONTH || this == DAY_OF_WEEK;
    }

    /** A line in which this field alone says something. */
    String alone(String text) {
        return Stream.of(values()).map(it -> it == this ? text : ANY).collect(Collectors.joining(" "));
    }

    /** The library lets through what it does not understand, such as {@code 1,2,} or {@code 1-5/2/3}. */
    static boolean hasShape(String text) {
        return List.of(text.split(",", -1)).stream()
                .allMatch(it -> ITEM.matcher(it).matches());
    }

    /**
     * A step as large as the field, as in {@code *}{@code /24} for the hour, means the first value alone. The library
     * stops one short of it.
     */
    String withoutFullStep(String text) {
        return Stream.of(text.split(",", -1)).map(this::itemWithoutFullStep).collect(Collectors.joining(","));
    }

    private String itemWithoutFullStep(String item) {
        var matcher = ITEM.matcher(item);
        int size = most - least + 1;
        if (!matcher.matches() || matcher.group(2) == null || Integer.parseInt(matcher.group(2)) != size) {
            return item;
        }
        String stepped = matcher.group(1);
        return stepped.equals(ANY) ? String.valueOf(least) : stepped.substring(0, stepped.indexOf('-'));
    }

    String wrong(String text) {
        return word + ": \"" + text + "\" (expected: values of " + expected
                + ", ranges that go up, *, and steps of 1 to " + (most - least + 1) + ")";
    }
}
