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
import dev.holdfast.application.snapshot.Image;
import dev.holdfast.application.store.Artifact;
import dev.holdfast.domain.backup.Backup;
import dev.holdfast.domain.backup.BackupKey;
import dev.holdfast.domain.backup.Depth;
import dev.holdfast.domain.backup.Verification;
import dev.holdfast.domain.operation.Operation;
import dev.holdfast.domain.operation.OperationKind;
import dev.holdfast.domain.operation.Result;
import dev.holdfast.domain.problem.Problem;
import java.lang.System.Logger.Level;
import java.nio.file.Path;
import java.util.Optional;

/** Checks the backup, then backs up and replaces what is there, with no commit of others in between. */
record RestoringBackup(
        Databases databases,
        OperationRunner runner,
        BackupCheck check,
        BackupMaker maker,
        LiveDatabases live,
        FailPoints failPoints)
        implements RestoreBackup {
    private static final System.Logger LOG = System.getLogger(RestoringBackup.class.getName());

    @Override
    public Outcome<Operation> start(String database, String filename, boolean evenIfCorrupt, Requester requester) {
        return Outcome.attempt(() ->
                databases.findBackup(database, filename).then(located -> start(located, evenIfCorrupt, requester)));
    }

    private Outcome<Operation> start(LocatedBackup located, boolean evenIfCorrupt, Requester requester) {
        Backup backup = located.backup();
        var order = new Order(
                OperationKind.RESTORE,
                backup.database(),
                Optional.of(backup.key()),
                evenIfCorrupt ? "even if corrupt" : "",
                requester);
        return runner.start(
                order, work -> check.reading(located, artifact -> restore(located, artifact, evenIfCorrupt, work)));
    }

    private Outcome<Result> restore(LocatedBackup located, Artifact artifact, boolean evenIfCorrupt, Work work) {
        // Whatever deeper check has marked it, a quick one that passes now does not take that back.
        if (!evenIfCorrupt && located.backup().verification() instanceof Verification.Corrupt corrupt) {
            return Outcome.refused(new Problem.BackupCorrupt(located.backup().key(), corrupt.finding()));
        }
        Checked checked = check.check(located, artifact, Depth.QUICK, work);
        return switch (checked.verification()) {
            // Not noted: a store that cannot be written any more has to be good for a restore.
            case Verification.Passed _ -> replace(located, artifact, work);
            case Verification.Corrupt corrupt -> {
                check.noteIfPossible(located, corrupt);
                if (evenIfCorrupt) {
                    LOG.log(
                            Level.WARNING,
                            "Restoring backup " + located.backup().key() + " although it is corrupt: "
                                    + corrupt.finding());
                    yield replace(located, artifact, work);
                }
                yield Outcome.refused(new Problem.BackupCorrupt(located.backup().key(), corrupt.finding()));
            }
            case Verification.Unchecked() -> throw new IllegalStateException("a check has an outcome");
        };
    }

    private Outcome<Result> replace(LocatedBackup located, Artifact artifact, Work work) {
        RegisteredDatabase registered = located.registered();
        Path target = registered.database().source().main();
        return live.replace(target, artifact, current -> secure(registered, current, work), work)
                .then(safety ->
                        Outcome.done(new Result.Restored(located.backup().key(), safety)));
    }

    /** Backs up what the restore is about to replace. */
    private Outcome<BackupKey> secure(RegisteredDatabase registered, Image current, Work work) {
        return maker.keep(registered, current, work).then(safety -> {
            failPoints.reached("restore.secured");
            return Outcome.done(safety.key());
        });
    }
}
