package dev.holdfast.application.backup;

import dev.holdfast.application.database.RegisteredDatabase;
import dev.holdfast.application.restore.LiveDatabases;
import dev.holdfast.application.restore.SafetyBackups;
import dev.holdfast.domain.database.Source;

/** Restores that were cut off and that the start could not complete, for example because the database was busy. */
record UnfinishedRestores(LiveDatabases live, SafetyBackups safety) {
    /**
     * To be called before the source is read or changed: half of it is old and half of it is new.
     *
     * @throws dev.holdfast.domain.problem.ProblemException if it still cannot be completed
     */
    void complete(RegisteredDatabase registered) {
        Source source = registered.database().source();
        if (live.isUnfinished(source)) {
            live.settle(source, current -> safety.make(registered, current));
        }
    }
}
