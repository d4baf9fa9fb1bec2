package dev.holdfast.domain.plan;

import dev.holdfast.domain.backup.Backup;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * What somebody relies on: how old and how small the newest good backup may be.
 *
 * @param minSize in bytes; 0 for any
 */
public record Freshness(Optional<Duration> maxAge, long minSize) {
    /** Nothing is relied on. */
    public static final Freshness ANY = new Freshness(Optional.empty(), 0);

    /** How the backups of a database stand. */
    public enum Standing {
        /** As relied on. */
        FRESH,
        /** There is no good backup. */
        NONE,
        /** The newest good backup is older than it may be. */
        STALE,
        /** The newest good backup is smaller than it may be. */
        TOO_SMALL
    }

    /**
     * @param newestFirst all backups in the store; those that are not good, or that are dated in the future, do not
     *     count
     */
    public Standing judge(List<Backup> newestFirst, Instant now) {
        Optional<Backup> newest = newestFirst.stream()
                .filter(it -> it.isGood() && !it.createdAt().isAfter(now))
                .findFirst();
        if (newest.isEmpty()) {
            return Standing.NONE;
        }
        Backup backup = newest.get();
        if (maxAge.filter(it -> backup.createdAt().plus(it).isBefore(now)).isPresent()) {
            return Standing.STALE;
        }
        return backup.size() < minSize ? Standing.TOO_SMALL : Standing.FRESH;
    }
}
