package dev.holdfast.domain.operation;

import dev.holdfast.domain.backup.Backup;
import dev.holdfast.domain.backup.Verification;
import dev.holdfast.domain.identity.BackupKey;
import dev.holdfast.domain.identity.DatabaseName;
import dev.holdfast.domain.plan.DrillOutcome;
import java.util.List;
import java.util.Optional;

/** What a succeeded operation has brought about. */
public sealed interface Result {
    /** The backup that the operation was about, if it was about one. */
    Optional<BackupKey> about();

    record BackupMade(Backup backup) implements Result {
        @Override
        public Optional<BackupKey> about() {
            return Optional.of(backup.key());
        }
    }

    record Uploaded(Backup backup) implements Result {
        @Override
        public Optional<BackupKey> about() {
            return Optional.of(backup.key());
        }
    }

    /**
     * @param safety holds what was there before; empty if there was nothing
     * @param remarks what a person has to know or do now, one sentence or more each; usually none
     * @param foreign the other database that the backup was made of; empty for one of the database's own
     */
    record Restored(BackupKey from, Optional<BackupKey> safety, List<String> remarks, Optional<DatabaseName> foreign)
            implements Result {
        public Restored {
            remarks = List.copyOf(remarks);
        }

        public Restored(BackupKey from, Optional<BackupKey> safety) {
            this(from, safety, List.of(), Optional.empty());
        }

        @Override
        public Optional<BackupKey> about() {
            return Optional.of(from);
        }
    }

    /** The check was made; what it found is in {@code verification}. */
    record Verified(BackupKey key, Verification verification) implements Result {
        @Override
        public Optional<BackupKey> about() {
            return Optional.of(key);
        }
    }

    /**
     * Backups that the plan does not keep are gone.
     *
     * @param removed oldest last
     * @param failed should have gone and could not be removed; the next expiry tries again
     */
    record Expired(List<BackupKey> removed, List<BackupKey> failed) implements Result {
        public Expired {
            removed = List.copyOf(removed);
            failed = List.copyOf(failed);
        }

        @Override
        public Optional<BackupKey> about() {
            return Optional.empty();
        }
    }

    /**
     * The drill was held; what came of it is in {@code outcome}.
     *
     * @param backup that was restored, if there was one
     * @param text for a person
     */
    record Drilled(Optional<BackupKey> backup, DrillOutcome outcome, String text) implements Result {
        @Override
        public Optional<BackupKey> about() {
            return backup;
        }
    }
}
