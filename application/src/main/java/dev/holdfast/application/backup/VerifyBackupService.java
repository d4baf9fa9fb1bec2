package dev.holdfast.application.backup;

import dev.holdfast.application.Outcome;
import dev.holdfast.application.backup.BackupCheck.Checked;
import dev.holdfast.application.database.Databases;
import dev.holdfast.application.database.Databases.LocatedBackup;
import dev.holdfast.application.operation.OperationRequest;
import dev.holdfast.application.operation.OperationRunner;
import dev.holdfast.application.operation.Requester;
import dev.holdfast.domain.backup.Backup;
import dev.holdfast.domain.backup.Depth;
import dev.holdfast.domain.operation.Operation;
import dev.holdfast.domain.operation.OperationKind;
import dev.holdfast.domain.operation.Result;
import java.util.Optional;

record VerifyBackupService(Databases databases, OperationRunner runner, BackupCheck check) implements VerifyBackup {
    @Override
    public Outcome<Operation> start(String database, String filename, Depth depth, Requester requester) {
        return Outcome.attempt(
                () -> databases.findBackup(database, filename).then(located -> start(located, depth, requester)));
    }

    private Outcome<Operation> start(LocatedBackup located, Depth depth, Requester requester) {
        Backup backup = located.backup();
        var order = new OperationRequest(
                OperationKind.VERIFY, backup.database(), Optional.of(backup.key()), depth.name(), requester);
        return runner.start(
                order,
                work -> check.reading(located, artifact -> {
                    Checked checked = check.check(located, artifact, depth, work);
                    check.note(located, checked);
                    return Outcome.done(new Result.Verified(backup.key(), checked.verification()));
                }));
    }
}
