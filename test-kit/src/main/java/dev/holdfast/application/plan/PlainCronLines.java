package dev.holdfast.application.plan;

import dev.holdfast.domain.schedule.CronLine;
import dev.holdfast.domain.schedule.DayRule;
import java.time.DayOfWeek;
import java.util.EnumSet;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Cron lines of five fields that are each {@code *} or one number: as much as tests of plans need. */
public final class PlainCronLines implements CronLines {
    @Override
    public Reading parse(String line, DayRule dayRule) {
        String[] fields = line.split(" ", -1);
        if (fields.length != 5 || !line.matches("[0-9* ]+")) {
            return new Reading.Wrong("five fields, not \"" + line.length() + "\" characters of something else");
        }
        boolean both = fields[2].equals("*") || fields[4].equals("*");
        return new Reading.Parsed(new CronLine(
                line,
                values(fields[0], 0, 59),
                values(fields[1], 0, 23),
                values(fields[2], 1, 31),
                values(fields[3], 1, 12),
                values(fields[4], 1, 7).stream()
                        .map(DayOfWeek::of)
                        .collect(Collectors.toCollection(() -> EnumSet.noneOf(DayOfWeek.class))),
                both ? DayRule.BOTH : dayRule));
    }

    private static SortedSet<Integer> values(String field, int least, int most) {
        return field.equals("*")
                ? IntStream.rangeClosed(least, most).boxed().collect(Collectors.toCollection(TreeSet::new))
                : new TreeSet<>(Set.of(Integer.parseInt(field)));
    }
}
