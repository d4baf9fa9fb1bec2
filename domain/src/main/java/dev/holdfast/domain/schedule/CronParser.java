package dev.holdfast.domain.schedule;

import java.util.EnumMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.NavigableSet;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Reads cron lines. A line has five fields, separated by blanks: minute, hour, day of month, month, day of week. A field
 * is a list, separated by {@code ,}, of values, ranges {@code a-b}, and {@code *}; the latter two may have a step
 * {@code /n}, at most as large as the field has values. Months and weekdays may be written as {@code JAN} or
 * {@code mon}; the week's days are 0 to 7, both of which are Sunday. Or the line is one of {@code @hourly},
 * {@code @daily}, {@code @midnight}, {@code @weekly}, {@code @monthly}, {@code @yearly}, {@code @annually}.
 */
public final class CronParser {
    private static final Pattern BLANKS = Pattern.compile("[ \\t]+");
    private static final Pattern PRINTABLE = Pattern.compile("[\\x20-\\x7e\\t]*");
    private static final Map<String, String> WORDS = words();

    private CronParser() {}

    /** What a text is as a cron line. */
    public sealed interface Reading {
        record Parsed(CronExpression line) implements Reading {}

        /** @param what names the field, what stands there and what would be right, for a person and on one line */
        record Wrong(String what) implements Reading {}
    }

    private static Map<String, String> words() {
        Map<String, String> words = new LinkedHashMap<>();
        words.put("@hourly", "0 * * * *");
        words.put("@daily", "0 0 * * *");
        words.put("@midnight", "0 0 * * *");
        words.put("@weekly", "0 0 * * 0");
        words.put("@monthly", "0 0 1 * *");
        words.put("@yearly", "0 0 1 1 *");
        words.put("@annually", "0 0 1 1 *");
        return words;
    }

    /**
     * Never throws for any {@code line}.
     *
     * @param dayRule what the line's writer expects of two restricted day fields
     */
    public static Reading parse(String line, DayRule dayRule) {
        if (line.length() > CronExpression.LONGEST) {
            return new Reading.Wrong(
                    "cron line: " + line.length() + " characters (expected: at most " + CronExpression.LONGEST + ")");
        }
        if (!PRINTABLE.matcher(line).matches()) {
            return new Reading.Wrong("cron line: an unprintable character (expected: plain ASCII)");
        }
        String text = line.strip();
        if (!text.startsWith("@")) {
            return fields(line, List.of(BLANKS.split(text, -1)), dayRule);
        }
        String fields = WORDS.get(text.toLowerCase(Locale.ROOT));
        return fields == null
                ? new Reading.Wrong("cron line: \"" + text + "\" (expected: " + String.join(", ", WORDS.keySet()) + ")")
                : fields(line, List.of(fields.split(" ", -1)), DayRule.BOTH);
    }

    private static Reading fields(String line, List<String> texts, DayRule dayRule) {
        if (texts.size() != CronField.values().length) {
            return new Reading.Wrong("cron line: " + (line.isBlank() ? 0 : texts.size())
                    + " fields (expected: 5, minute hour day-of-month month day-of-week)");
        }
        Map<CronField, NavigableSet<Integer>> values = new EnumMap<>(CronField.class);
        boolean bothDaysRestricted = true;
        Iterator<String> inOrder = texts.iterator();
        for (CronField field : CronField.values()) {
            String text = inOrder.next();
            Optional<NavigableSet<Integer>> found = field.values(text.toUpperCase(Locale.ROOT));
            if (found.isEmpty()) {
                return new Reading.Wrong(field.wrong(text));
            }
            values.put(field, found.get());
            bothDaysRestricted &= !field.isDay() || CronField.isRestricted(text);
        }
        return new Reading.Parsed(new CronExpression(
                line,
                of(CronField.MINUTE, values),
                of(CronField.HOUR, values),
                of(CronField.DAY_OF_MONTH, values),
                of(CronField.MONTH, values),
                of(CronField.DAY_OF_WEEK, values).stream()
                        .map(CronField::weekday)
                        .collect(Collectors.toSet()),
                bothDaysRestricted ? dayRule : DayRule.BOTH));
    }

    private static NavigableSet<Integer> of(CronField field, Map<CronField, NavigableSet<Integer>> values) {
        return Objects.requireNonNull(values.get(field));
    }
}
