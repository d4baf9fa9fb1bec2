package dev.holdfast.domain.schedule;

import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.temporal.ChronoUnit;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * A look at the wall clock once a minute. Slow, and shares nothing with what it is held against.
 *
 * @param again whether the clock has shown this time before
 * @param skipped what it has left out since the minute before
 */
record MinuteWalk(Instant at, LocalDateTime shown, boolean again, List<LocalDateTime> skipped) {

    static void walk(ZoneId zone, Instant from, Instant to, Consumer<MinuteWalk> each) {
        Set<LocalDateTime> seen = new HashSet<>();
        Instant start = from.minus(1, ChronoUnit.DAYS);
        LocalDateTime before = LocalDateTime.ofInstant(start, zone).minusMinutes(1);
        for (Instant at = start; at.isBefore(to); at = at.plus(1, ChronoUnit.MINUTES)) {
            LocalDateTime shown = LocalDateTime.ofInstant(at, zone);
            var minute = new MinuteWalk(at, shown, !seen.add(shown), between(before, shown));
            if (!at.isBefore(from)) {
                each.accept(minute);
            }
            before = shown;
        }
    }

    private static List<LocalDateTime> between(LocalDateTime before, LocalDateTime after) {
        return before.plusMinutes(1).isBefore(after)
                ? Stream.iterate(before.plusMinutes(1), it -> it.isBefore(after), it -> it.plusMinutes(1))
                        .toList()
                : List.of();
    }
}
