package dev.holdfast.application.backup;

import dev.holdfast.application.Outcome;
import dev.holdfast.application.operation.ProgressMonitor;
import dev.holdfast.application.store.Artifact;
import dev.holdfast.domain.backup.Backup;

/** Opens a backup's bytes for a download. */
public interface OpenBackup {
    /** As {@link #open(String, String, ProgressMonitor)}, for a caller who does not go away. */
    default Outcome<Opened> open(String database, String filename) {
        return open(database, filename, ProgressMonitor.UNWATCHED);
    }

    /**
     * Refuses with {@code BackupCorrupt} a backup whose bytes are not the recorded ones. To know that, all of them may
     * have to be read first.
     *
     * @param work is told how that goes on and may end it by a {@code CancelledException}; nothing is open then
     */
    Outcome<Opened> open(String database, String filename, ProgressMonitor work);

    /** As long as it is open the backup cannot be deleted. The caller closes; closing is idempotent. */
    interface Opened extends AutoCloseable {
        Backup backup();

        Artifact artifact();

        @Override
        void close();
    }
}
