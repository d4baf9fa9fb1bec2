package dev.holdfast.bootstrap.cron;

import com.cronutils.model.Cron;
import com.cronutils.model.definition.CronDefinition;
import com.cronutils.model.definition.CronDefinitionBuilder;
import com.cronutils.parser.CronParser;
import dev.holdfast.application.plan.CronLines;
import dev.holdfast.domain.schedule.CronLine;
import dev.holdfast.domain.schedule.DayRule;
import java.util.EnumMap;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.SortedSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Cron lines through cron-utils, which knows the names, the ranges and the {@code @} words. Of what it finds only the
 * sets are taken: when a line runs next is the domain's. Its messages are not shown, for they name no field.
 */
public final class FiveFieldLines implements CronLines {
    private static final Pattern BLANKS = Pattern.compile("[ \\t]+");
    private static final Pattern PRINTABLE = Pattern.compile("[\\x20-\\x7e\\t]*");
    private static final String WORDS = "@hourly, @daily, @midnight, @weekly, @monthly, @yearly, @annually";

    private final CronParser parser = new CronParser(definition());

    private FiveFieldLines() {}

    public static CronLines parser() {
        return new FiveFieldLines();
    }

    private static CronDefinition definition() {
        return CronDefinitionBuilder.defineCron()
                .withMinutes()
                .withStrictRange()
                .and()
                .withHours()
                .withStrictRange()
                .and()
                .withDayOfMonth()
                .withStrictRange()
                .and()
                .withMonth()
                .withStrictRange()
                .and()
                .withDayOfWeek()
                .withValidRange(0, 7)
                .withMondayDoWValue(1)
                .withIntMapping(7, 0)
                .and()
                .withSupportedNicknameHourly()
                .withSupportedNicknameDaily()
                .withSupportedNicknameMidnight()
                .withSupportedNicknameWeekly()
                .withSupportedNicknameMonthly()
                .withSupportedNicknameYearly()
                .withSupportedNicknameAnnually()
                .instance();
    }

    @Override
    public Reading parse(String line, DayRule dayRule) {
        if (line.length() > CronLine.LONGEST) {
            return new Reading.Wrong(
                    "cron line: " + line.length() + " characters (expected: at most " + CronLine.LONGEST + ")");
        }
        if (!PRINTABLE.matcher(line).matches()) {
            return new Reading.Wrong("cron line: an unprintable character (expected: plain ASCII)");
        }
        String text = line.strip();
        return text.startsWith("@") ? word(line, text) : fields(line, BLANKS.split(text, -1), dayRule);
    }

    private Reading word(String line, String word) {
        Optional<Cron> cron = read(word.toLowerCase(Locale.ROOT));
        if (cron.isEmpty()) {
            return new Reading.Wrong("cron line: \"" + word + "\" (expected: " + WORDS + ")");
        }
        Map<Field, SortedSet<Integer>> values = new EnumMap<>(Field.class);
        for (Field field : Field.values()) {
            values.put(field, Expansion.of(field, cron.get()).orElseThrow());
        }
        return parsed(line, values, DayRule.BOTH); // no such word restricts both day fields
    }

    private Reading fields(String line, String[] texts, DayRule dayRule) {
        if (texts.length != Field.values().length) {
            return new Reading.Wrong("cron line: " + (line.isBlank() ? 0 : texts.length)
                    + " fields (expected: 5, minute hour day-of-month month day-of-week)");
        }
        Iterator<String> inOrder = List.of(texts).iterator();
        Map<Field, SortedSet<Integer>> values = new EnumMap<>(Field.class);
        boolean bothDaysRestricted = true;
        for (Field field : Field.values()) {
            String text = inOrder.next();
            Optional<SortedSet<Integer>> found = values(field, text.toUpperCase(Locale.ROOT));
            if (found.isEmpty()) {
                return new Reading.Wrong(field.wrong(text));
            }
            values.put(field, found.get());
            bothDaysRestricted &= !field.isDay() || Field.isRestricted(text);
        }
        return parsed(line, values, bothDaysRestricted ? dayRule : DayRule.BOTH);
    }

    /** Each field by itself, so that it is known which one is wrong. */
    private Optional<SortedSet<Integer>> values(Field field, String text) {
        return Field.hasShape(text)
                ? read(field.alone(field.withoutFullStep(text))).flatMap(it -> Expansion.of(field, it))
                : Optional.empty();
    }

    private Optional<Cron> read(String text) {
        try {
            return Optional.of(parser.parse(text));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    private static Reading parsed(String line, Map<Field, SortedSet<Integer>> values, DayRule dayRule) {
        return new Reading.Parsed(new CronLine(
                line,
                of(Field.MINUTE, values),
                of(Field.HOUR, values),
                of(Field.DAY_OF_MONTH, values),
                of(Field.MONTH, values),
                of(Field.DAY_OF_WEEK, values).stream().map(Field::weekday).collect(Collectors.toSet()),
                dayRule));
    }

    private static SortedSet<Integer> of(Field field, Map<Field, SortedSet<Integer>> values) {
        return Objects.requireNonNull(values.get(field));
    }
}
