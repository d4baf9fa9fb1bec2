package dev.holdfast.application.backup;

import dev.holdfast.application.Outcome;
import dev.holdfast.application.operation.Requester;
import dev.holdfast.domain.backup.Depth;
import dev.holdfast.domain.operation.Operation;

/** Begins to check a backup in its store, and notes what was found. */
public interface VerifyBackup {
    /** @return the running operation; its result is {@code Verified}, also where the backup proves corrupt */
    Outcome<Operation> start(String database, String filename, Depth depth, Requester requester);
}
