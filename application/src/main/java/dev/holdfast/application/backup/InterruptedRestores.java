package dev.holdfast.application.backup;

import dev.holdfast.application.Outcome;
import dev.holdfast.application.database.RegisteredDatabase;
import dev.holdfast.application.operation.OperationRunner;
import dev.holdfast.application.restore.InterruptedRestore;
import dev.holdfast.application.restore.LiveDatabases;
import dev.holdfast.application.restore.LiveDatabases.Settlement;
import dev.holdfast.application.restore.SafetyBackups;
import dev.holdfast.domain.database.Source;
import dev.holdfast.domain.operation.Operation;
import java.lang.System.Logger.Level;
import java.time.InstantSource;

/** Restores that were cut off and that the start could not complete, for example because the database was busy. */
record InterruptedRestores(LiveDatabases live, SafetyBackups safety, OperationRunner runner, InstantSource clock) {
    private static final System.Logger LOG = System.getLogger(InterruptedRestores.class.getName());

    /**
     * To be called before the source is read or changed: half of it is old and half of it is new. The restore that was cut
     * off ends anew with what it has come to, so that the application is told that its files were replaced.
     *
     * @throws dev.holdfast.domain.problem.ProblemException if it still cannot be completed
     */
    void complete(RegisteredDatabase registered) {
        Source source = registered.database().source();
        if (live.isUnfinished(source)) {
            live.settle(source, (current, inconsistency) -> safety.make(registered, current, inconsistency))
                    .forEach(it -> endAnew(it, registered));
        } else {
            live.closeEnded(source);
        }
    }

    private void endAnew(Settlement settlement, RegisteredDatabase registered) {
        settlement.operation().ifPresent(id -> {
            switch (runner.find(id.value())) {
                case Outcome.Done<Operation>(var restore) ->
                    runner.endAnew(new InterruptedRestore(restore, registered.store())
                            .ended(settlement.what(), clock.instant()));
                case Outcome.Refused<Operation>(var problem) ->
                    LOG.log(Level.WARNING, "Nobody is told what became of operation " + id + ": " + problem.detail());
            }
        });
    }
}
