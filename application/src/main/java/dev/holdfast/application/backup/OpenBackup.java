package dev.holdfast.application.backup;

import dev.holdfast.application.Outcome;
import dev.holdfast.application.store.Artifact;
import dev.holdfast.domain.backup.Backup;

/** Opens a backup's bytes for a download. */
public interface OpenBackup {
    /** Refuses with {@code BackupCorrupt} a backup whose bytes are not the recorded ones. */
    Outcome<Opened> open(String database, String filename);

    /** As long as it is open the backup cannot be deleted. The caller closes; closing is idempotent. */
    interface Opened extends AutoCloseable {
        Backup backup();

        Artifact artifact();

        @Override
        void close();
    }
}
