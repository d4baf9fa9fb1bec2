package dev.holdfast.domain.operation;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * How fast an operation goes.
 *
 * @param bytesPerSecond of the present phase, on the average since it began; of an ended operation, its bytes over all
 *     the time that it took
 * @param secondsLeft in the present phase, rounded up; empty if the total is not known and once the operation has ended
 */
public record Pace(long bytesPerSecond, OptionalLong secondsLeft) {
    private static final double NANOS = 1e9;

    /**
     * Empty while nothing has been counted, and while the clock shows a time before the count began because somebody
     * has set it back.
     */
    public static Optional<Pace> of(Operation operation, Instant now) {
        Progress progress = operation.progress();
        return operation
                .finishedAt()
                .map(end -> rate(progress, operation.startedAt(), end).map(it -> new Pace(it, OptionalLong.empty())))
                .orElseGet(() -> progress.countedSince()
                        .flatMap(since -> rate(progress, since, now))
                        .map(it -> new Pace(it, secondsLeft(progress, it))));
    }

    private static Optional<Long> rate(Progress progress, Instant from, Instant to) {
        if (progress.done() <= 0 || !from.isBefore(to)) {
            return Optional.empty();
        }
        Duration taken = Duration.between(from, to);
        double seconds = taken.toSeconds() + taken.toNanosPart() / NANOS;
        // Less than a byte in a second is told as one, so that there is a time left to tell.
        return Optional.of(Math.max(1, Math.round(progress.done() / seconds)));
    }

    private static OptionalLong secondsLeft(Progress progress, long bytesPerSecond) {
        return progress.total() == 0
                ? OptionalLong.empty()
                : OptionalLong.of(Math.ceilDiv(Math.max(0, progress.total() - progress.done()), bytesPerSecond));
    }
}
