package dev.holdfast.store.metadata;

import dev.holdfast.domain.backup.Backup;
import dev.holdfast.domain.backup.Verification;
import java.time.Instant;
import java.util.Optional;

/**
 * The content of a metadata file.
 *
 * @param awaySince when the artifact was first seen to be missing; empty unless it was since the last check
 * @param sightings none if it has been there since, or was seen to be missing only while the server ran
 */
public record Recorded(Backup backup, Optional<Instant> awaySince, Sightings sightings) {
    /** Of an artifact that is there. */
    public Recorded(Backup backup, Optional<Instant> awaySince) {
        this(backup, awaySince, Sightings.NONE);
    }

    /**
     * The backup as the store may report it. An artifact that was away may have come back with another content. Its
     * recorded check holds again once the bytes have been compared with the recorded SHA-256.
     */
    public Backup believed() {
        return awaySince.isPresent() && backup.verification() instanceof Verification.Passed
                ? backup.with(new Verification.Unchecked())
                : backup;
    }

    public Recorded awayFrom(Instant now) {
        return awaySince.isPresent() ? this : new Recorded(backup, Optional.of(now));
    }

    /** Returns whether a user has pinned or labelled the backup. */
    public boolean isMarkedByUser() {
        return backup.pinned() || !backup.labels().values().isEmpty();
    }

    /** As a start at {@code now} without the artifact finds it. */
    public Sightings sightingsWith(Instant now) {
        return sightings.and(now, backup.createdAt());
    }
}
