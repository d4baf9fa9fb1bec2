package dev.holdfast.application.backup;

import dev.holdfast.application.Outcome;
import dev.holdfast.application.operation.Requester;
import dev.holdfast.domain.backup.Origin;
import dev.holdfast.domain.operation.Operation;

/** Begins to back up a database. */
public interface CreateBackup {
    /** @return the running operation; its result is {@code BackupMade} */
    default Outcome<Operation> start(String database, Requester requester) {
        return start(database, Origin.MANUAL, requester);
    }

    /** @param origin {@code MANUAL}, or {@code AUTOMATIC} if a plan asks */
    Outcome<Operation> start(String database, Origin origin, Requester requester);
}
