package dev.holdfast.domain.schedule;

import static java.util.stream.Collectors.toCollection;
import static java.util.stream.Collectors.toSet;

import java.time.DayOfWeek;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** Cron lines without a parser: numbers and ranges, weekdays from 1 for Monday to 7 for Sunday. */
final class Lines {
    private Lines() {}

    static CronExpression of(
            String minutes, String hours, String daysOfMonth, String months, String daysOfWeek, DayRule dayRule) {
        return new CronExpression(
                String.join(" ", minutes, hours, daysOfMonth, months, daysOfWeek),
                numbers(minutes),
                numbers(hours),
                numbers(daysOfMonth),
                numbers(months),
                numbers(daysOfWeek).stream().map(DayOfWeek::of).collect(toSet()),
                dayRule);
    }

    private static SortedSet<Integer> numbers(String text) {
        return Stream.of(text.split(",", -1))
                .map(it -> it.split("-", -1))
                .flatMap(it -> IntStream.rangeClosed(Integer.parseInt(it[0]), Integer.parseInt(it[it.length - 1]))
                        .boxed())
                .collect(toCollection(TreeSet::new));
    }
}
