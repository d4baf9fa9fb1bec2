package dev.holdfast.application.backup;

import dev.holdfast.application.Outcome;
import dev.holdfast.domain.identity.BackupKey;

/** Deletes a backup that is neither pinned nor being read. */
public interface DeleteBackup {
    Outcome<BackupKey> delete(String database, String filename);
}
