package dev.holdfast.application.plan;

import dev.holdfast.domain.schedule.CronLine;
import dev.holdfast.domain.schedule.DayRule;

/**
 * Reads cron lines. A line has five fields, separated by blanks: minute, hour, day of month, month, day of week. A field
 * is a list, separated by {@code ,}, of values, ranges {@code a-b}, and {@code *}; the latter two may have a step
 * {@code /n}, at most as large as the field has values. Months and weekdays may be written as {@code JAN} or
 * {@code mon}; the week's days are 0 to 7, both of which are Sunday. Or the line is one of {@code @hourly},
 * {@code @daily}, {@code @midnight}, {@code @weekly}, {@code @monthly}, {@code @yearly}, {@code @annually}.
 */
public interface CronLines {

    /**
     * Never throws for any {@code line}.
     *
     * @param dayRule what the line's writer expects of two restricted day fields
     */
    Reading parse(String line, DayRule dayRule);

    /** What a text is as a cron line. */
    sealed interface Reading {
        record Parsed(CronLine line) implements Reading {}

        /** @param what names the field, what stands there and what would be right, for a person and on one line */
        record Wrong(String what) implements Reading {}
    }
}
