package dev.holdfast.application.backup;

import dev.holdfast.application.Outcome;
import dev.holdfast.domain.backup.Backup;

/** Looks one backup up. */
public interface FindBackup {
    Outcome<Backup> find(String database, String filename);
}
