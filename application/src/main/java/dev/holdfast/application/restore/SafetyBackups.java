package dev.holdfast.application.restore;

import dev.holdfast.application.Outcome;
import dev.holdfast.application.database.RegisteredDatabase;
import dev.holdfast.application.restore.LiveDatabases.Kept;
import dev.holdfast.application.snapshot.DatabaseImage;
import dev.holdfast.domain.backup.BackupKey;
import java.util.List;

/** Keeps what is about to be replaced. */
@FunctionalInterface
public interface SafetyBackups {
    /** @param current images under a lock, in the source's order */
    Outcome<Kept<BackupKey>> make(RegisteredDatabase registered, List<DatabaseImage> current);
}
