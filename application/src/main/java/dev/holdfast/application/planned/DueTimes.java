package dev.holdfast.application.planned;

import dev.holdfast.domain.schedule.Timetable;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** Which of a timetable's times have come. */
final class DueTimes {
    /** Nearest first, so that a server that was down for a year does not go through all of its minutes. */
    private static final List<Duration> WINDOWS = List.of(
            Duration.ofHours(1), Duration.ofDays(1), Duration.ofDays(8), Duration.ofDays(32), Duration.ofDays(367));

    private DueTimes() {}

    /** The last time after {@code handled} and not after {@code now}; those before it are one with it. */
    static Optional<Instant> latest(Timetable timetable, Instant handled, Instant now) {
        for (Duration window : WINDOWS) {
            Instant start = now.minus(window);
            if (!start.isAfter(handled)) {
                break;
            }
            Optional<Instant> found = latestBehind(timetable, start, now);
            if (found.isPresent()) {
                return found;
            }
        }
        return latestBehind(timetable, handled, now);
    }

    private static Optional<Instant> latestBehind(Timetable timetable, Instant start, Instant now) {
        Optional<Instant> latest = Optional.empty();
        Optional<Instant> next = timetable.next(start);
        while (next.isPresent() && !next.get().isAfter(now)) {
            latest = next;
            next = timetable.next(next.get());
        }
        return latest;
    }
}
