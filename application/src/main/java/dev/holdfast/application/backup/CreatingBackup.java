package dev.holdfast.application.backup;

import dev.holdfast.application.Outcome;
import dev.holdfast.application.database.Databases;
import dev.holdfast.application.database.RegisteredDatabase;
import dev.holdfast.application.operation.OperationRunner;
import dev.holdfast.application.operation.Order;
import dev.holdfast.application.operation.Requester;
import dev.holdfast.domain.backup.Origin;
import dev.holdfast.domain.operation.Operation;
import dev.holdfast.domain.operation.OperationKind;
import dev.holdfast.domain.operation.Result;
import java.util.Optional;

record CreatingBackup(Databases databases, OperationRunner runner, BackupMaker maker) implements CreateBackup {
    @Override
    public Outcome<Operation> start(String database, Origin origin, Requester requester) {
        return databases.find(database).then(registered -> start(registered, origin, requester));
    }

    private Outcome<Operation> start(RegisteredDatabase registered, Origin origin, Requester requester) {
        var order = new Order(OperationKind.BACKUP, registered.database().name(), Optional.empty(), "", requester);
        return runner.start(
                order,
                work -> maker.make(registered, origin, work)
                        .then(backup -> Outcome.done(new Result.BackupMade(backup))));
    }
}
