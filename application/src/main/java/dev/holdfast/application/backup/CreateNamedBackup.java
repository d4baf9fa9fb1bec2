package dev.holdfast.application.backup;

import dev.holdfast.application.Outcome;
import dev.holdfast.application.operation.Requester;
import dev.holdfast.domain.identity.BackupKey;
import dev.holdfast.domain.operation.Operation;

/** Begins to back up a database under a name that somebody has chosen, for a profile that lets them. */
@FunctionalInterface
public interface CreateNamedBackup {
    /**
     * @param name a key that the caller has checked: whatever the profile's own rule says, the backup is called so
     * @return the running operation, whose subject is the name and whose result is {@code BackupMade}; refused with
     *     {@code FilenameTaken} if there is a backup of that name
     */
    Outcome<Operation> start(String database, BackupKey name, Requester requester);
}
