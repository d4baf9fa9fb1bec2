package dev.holdfast.application.backup;

import dev.holdfast.application.Outcome;
import dev.holdfast.application.operation.Requester;
import dev.holdfast.domain.operation.Operation;

/** Begins a backup of a database. */
public interface CreateBackup {
    /**
     * @param database as a client sent it
     * @return the running operation; its result is {@code BackupMade}
     */
    Outcome<Operation> start(String database, Requester requester);
}
