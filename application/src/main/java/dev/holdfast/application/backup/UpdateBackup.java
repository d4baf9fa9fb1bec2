package dev.holdfast.application.backup;

import dev.holdfast.application.Outcome;
import dev.holdfast.domain.backup.Backup;
import java.util.Map;
import java.util.Optional;

/** Pins or unpins a backup, sets its labels. */
public interface UpdateBackup {
    /** @param change what is empty stays as it is; labels replace all former ones */
    Outcome<Backup> update(String database, String filename, Change change);

    record Change(Optional<Boolean> pinned, Optional<Map<String, String>> labels) {}
}
