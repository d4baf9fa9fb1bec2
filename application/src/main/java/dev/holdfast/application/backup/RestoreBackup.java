package dev.holdfast.application.backup;

import dev.holdfast.application.Outcome;
import dev.holdfast.application.operation.Requester;
import dev.holdfast.domain.operation.Operation;

/** Begins to put a backup back into the database it was made of. */
public interface RestoreBackup {
    /**
     * @param evenIfCorrupt go on with a backup that is marked corrupt or proves to be, as far as it can be read; else
     *     it is refused with {@code BackupCorrupt}
     * @return the running operation; its result is {@code Restored}
     */
    Outcome<Operation> start(String database, String filename, boolean evenIfCorrupt, Requester requester);
}
