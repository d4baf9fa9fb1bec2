package dev.holdfast.domain.backup;

import dev.holdfast.domain.identity.OperationId;
import java.util.Optional;

/**
 * The result of comparing a backup with the backups before it, recorded when it was made.
 *
 * @param era which backups it is compared with: those of the same era. A restore, and an admin who accepts a suspicious
 *     state, begin the next one; 0 is the first
 * @param restore the last restore of the database that had succeeded by then, if one is known
 */
public record Assessment(int era, Optional<OperationId> restore, Optional<Suspicion> suspicion) {
    /** Of a backup made before such comparisons were recorded. */
    public static final Assessment NONE = new Assessment(0, Optional.empty(), Optional.empty());

    /** The pause that the backup belongs to is over; the doubt stays. */
    public Assessment closed() {
        return new Assessment(era, restore, suspicion.map(Suspicion::closed));
    }

    /** The backup is what the database is now meant to be. */
    public Assessment accepted(int newEra) {
        return new Assessment(newEra, restore, Optional.empty());
    }
}
