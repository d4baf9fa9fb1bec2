package dev.holdfast.store.metadata;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/**
 * The starts at which an artifact was missing, since it was last there. The times are those of the server's clock, which
 * may jump: metadata that is removed too late does no harm.
 */
public record Sightings(List<Instant> times) {
    static final Sightings NONE = new Sightings(List.of());

    /** Of several within this time, one counts. */
    private static final Duration APART = Duration.ofDays(1);

    /** The most that the time between two counts. So no single jump of the clock is enough, nor any two. */
    private static final Duration MOST = Duration.ofDays(3);

    private static final Duration ENOUGH = Duration.ofDays(7);

    public Sightings {
        times = List.copyOf(times);
    }

    /**
     * @param made when the backup was made
     * @return this, if it does not count; the new one alone, if the clock was wrong at another
     */
    Sightings and(Instant now, Instant made) {
        if (times.isEmpty() || !arePlausible(now, made)) {
            return new Sightings(List.of(now));
        }
        if (areEnough() || now.isBefore(times.getLast().plus(APART))) {
            return this;
        }
        List<Instant> more = new ArrayList<>(times);
        more.add(now);
        return new Sightings(more);
    }

    private boolean arePlausible(Instant now, Instant made) {
        Instant before = made;
        for (Instant time : times) {
            if (time.isBefore(before)) {
                return false;
            }
            before = time;
        }
        return !before.isAfter(now);
    }

    public boolean areEnough() {
        Duration counted = Duration.ZERO;
        for (int i = 1; i < times.size(); i++) {
            Duration between = Duration.between(times.get(i - 1), times.get(i));
            counted = counted.plus(between.compareTo(MOST) < 0 ? between : MOST);
        }
        return counted.compareTo(ENOUGH) > 0;
    }
}
