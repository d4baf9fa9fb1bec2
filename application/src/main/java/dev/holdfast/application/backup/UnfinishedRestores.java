package dev.holdfast.application.backup;

import dev.holdfast.application.Outcome;
import dev.holdfast.application.database.RegisteredDatabase;
import dev.holdfast.application.operation.OperationLog;
import dev.holdfast.application.operation.OperationRunner;
import dev.holdfast.application.operation.Operations;
import dev.holdfast.application.restore.CutOffRestore;
import dev.holdfast.application.restore.LiveDatabases;
import dev.holdfast.application.restore.LiveDatabases.Settled;
import dev.holdfast.application.restore.SafetyBackups;
import dev.holdfast.domain.database.DatabaseName;
import dev.holdfast.domain.database.Source;
import dev.holdfast.domain.operation.Failure;
import dev.holdfast.domain.operation.Operation;
import dev.holdfast.domain.operation.OperationKind;
import dev.holdfast.domain.operation.OperationState;
import java.time.InstantSource;
import java.util.Optional;

/** Restores that were cut off and that the start could not complete, for example because the database was busy. */
record UnfinishedRestores(LiveDatabases live, SafetyBackups safety, OperationRunner runner, InstantSource clock) {
    /**
     * To be called before the source is read or changed: half of it is old and half of it is new. The restore that was cut
     * off ends anew with what it has come to, so that the application is told that its files were replaced.
     *
     * @throws dev.holdfast.domain.problem.ProblemException if it still cannot be completed
     */
    void complete(RegisteredDatabase registered) {
        Source source = registered.database().source();
        if (live.isUnfinished(source)) {
            Settled what = live.settle(source, current -> safety.make(registered, current));
            if (what != Settled.NOTHING_TO_DO) {
                cutOff(registered.database().name())
                        .map(it -> new CutOffRestore(it, registered.store()).ended(what, clock.instant()))
                        .ifPresent(runner::endAnew);
            }
        }
    }

    /** The last one: each settles what was cut off before it. */
    private Optional<Operation> cutOff(DatabaseName database) {
        var failedRestores = new OperationLog.Filter(
                Optional.of(database),
                Optional.of(OperationState.FAILED),
                Optional.of(OperationKind.RESTORE),
                Optional.empty());
        return switch (runner.list(failedRestores, Operations.LARGEST_PAGE, "")) {
            case Outcome.Refused<Operations.Page> _ -> Optional.empty(); // it is in the database's log all the same
            case Outcome.Done<Operations.Page>(var page) ->
                page.operations().stream()
                        .filter(it -> !it.phase().isCancellable())
                        .filter(it -> it.failure()
                                .filter(failure -> failure.code().equals(Failure.INTERRUPTED))
                                .isPresent())
                        .findFirst();
        };
    }
}
