package dev.holdfast.application.backup;

import dev.holdfast.application.Outcome;
import dev.holdfast.application.operation.Requester;
import dev.holdfast.domain.operation.Operation;

/** Begins to restore a database's newest backup into a place of its own, and to check what came of it. */
@FunctionalInterface
public interface RunRestoreDrill {
    /** @return the running operation; its result is {@code Drilled}, whatever the drill's outcome */
    Outcome<Operation> start(String database, Requester requester);
}
