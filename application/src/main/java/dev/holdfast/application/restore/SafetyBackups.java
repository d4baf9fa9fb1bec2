package dev.holdfast.application.restore;

import dev.holdfast.application.Outcome;
import dev.holdfast.application.database.RegisteredDatabase;
import dev.holdfast.application.restore.LiveDatabases.Kept;
import dev.holdfast.application.snapshot.DatabaseImage;
import dev.holdfast.domain.identity.BackupKey;
import java.util.List;
import java.util.Optional;

/** Keeps what is about to be replaced. */
@FunctionalInterface
public interface SafetyBackups {
    /**
     * Makes one.
     *
     * @param current images under a lock, in the source's order
     * @param inconsistency why what is kept is not from one moment, for a person; empty if it is
     */
    Outcome<Kept<BackupKey>> make(
            RegisteredDatabase registered, List<DatabaseImage> current, Optional<String> inconsistency);
}
