package dev.holdfast.application.backup;

import dev.holdfast.application.Outcome;
import dev.holdfast.application.backup.BackupCheck.Checked;
import dev.holdfast.application.database.Databases;
import dev.holdfast.application.database.Databases.LocatedBackup;
import dev.holdfast.application.database.RegisteredDatabase;
import dev.holdfast.application.operation.FailPoints;
import dev.holdfast.application.operation.OperationRunner;
import dev.holdfast.application.operation.Order;
import dev.holdfast.application.operation.Requester;
import dev.holdfast.application.operation.Work;
import dev.holdfast.application.restore.LiveDatabases;
import dev.holdfast.application.restore.LiveDatabases.Replaced;
import dev.holdfast.application.store.Artifact;
import dev.holdfast.domain.backup.Backup;
import dev.holdfast.domain.backup.BackupKey;
import dev.holdfast.domain.backup.Depth;
import dev.holdfast.domain.backup.Origin;
import dev.holdfast.domain.backup.Verification;
import dev.holdfast.domain.operation.Operation;
import dev.holdfast.domain.operation.OperationKind;
import dev.holdfast.domain.operation.Result;
import dev.holdfast.domain.problem.Problem;
import java.nio.file.Path;
import java.util.Optional;

/** Checks the backup, backs up what is there, replaces it. Nothing is touched before both are done. */
record RestoringBackup(
        Databases databases,
        OperationRunner runner,
        BackupCheck check,
        BackupMaker maker,
        LiveDatabases live,
        FailPoints failPoints)
        implements RestoreBackup {
    @Override
    public Outcome<Operation> start(String database, String filename, Requester requester) {
        return Outcome.attempt(
                () -> databases.findBackup(database, filename).then(located -> start(located, requester)));
    }

    private Outcome<Operation> start(LocatedBackup located, Requester requester) {
        Backup backup = located.backup();
        var order = new Order(OperationKind.RESTORE, backup.database(), Optional.of(backup.key()), "", requester);
        return runner.start(order, work -> check.reading(located, artifact -> restore(located, artifact, work)));
    }

    private Outcome<Result> restore(LocatedBackup located, Artifact artifact, Work work) {
        Checked checked = check.check(located, artifact, Depth.QUICK, work);
        return switch (checked.verification()) {
            // Not noted: a store that cannot be written any more has to be good for a restore.
            case Verification.Passed _ -> replace(located, artifact, work);
            case Verification.Corrupt corrupt -> {
                check.note(located, checked);
                yield Outcome.refused(new Problem.BackupCorrupt(located.backup().key(), corrupt.finding()));
            }
            case Verification.Unchecked() -> throw new IllegalStateException("a check has an outcome");
        };
    }

    private Outcome<Result> replace(LocatedBackup located, Artifact artifact, Work work) {
        return secure(located.registered(), work).then(safety -> {
            failPoints.reached("restore.secured");
            work.checkCancelled();
            Path target = located.registered().database().source().main();
            return switch (live.replace(target, artifact, work)) {
                case Replaced.Done() ->
                    Outcome.done(new Result.Restored(located.backup().key(), safety));
                case Replaced.Refused(Problem problem) -> Outcome.refused(problem);
            };
        });
    }

    /** Backs up what the restore is about to replace; empty if there is nothing. */
    private Outcome<Optional<BackupKey>> secure(RegisteredDatabase registered, Work work) {
        if (!live.exists(registered.database().source().main())) {
            return Outcome.done(Optional.empty());
        }
        return switch (maker.make(registered, Origin.SAFETY, work)) {
            case Outcome.Done<Backup>(Backup backup) -> Outcome.done(Optional.of(backup.key()));
            case Outcome.Refused<Backup>(Problem.SourceCorrupt(String finding)) ->
                Outcome.refused(new Problem.SourceCorrupt(finding
                        + " Not even a damaged safety copy can be made of it: move the file away, with its -wal, -shm and"
                        + " -journal, and restore again."));
            case Outcome.Refused<Backup>(Problem problem) -> Outcome.refused(problem);
        };
    }
}
