package dev.holdfast.application.backup;

import dev.holdfast.application.Outcome;
import dev.holdfast.application.database.Databases;
import dev.holdfast.application.database.RegisteredDatabase;
import dev.holdfast.application.operation.OperationRunner;
import dev.holdfast.application.operation.Order;
import dev.holdfast.application.operation.Requester;
import dev.holdfast.domain.backup.Layout;
import dev.holdfast.domain.backup.Origin;
import dev.holdfast.domain.database.Database;
import dev.holdfast.domain.operation.Operation;
import dev.holdfast.domain.operation.OperationKind;
import dev.holdfast.domain.operation.Result;
import dev.holdfast.domain.problem.Problem;
import java.util.Optional;
import java.util.stream.Collectors;

record CreatingBackup(Databases databases, OperationRunner runner, UnfinishedRestores unfinished, BackupMaker maker)
        implements CreateBackup {
    @Override
    public Outcome<Operation> start(String database, Origin origin, Optional<Layout> layout, Requester requester) {
        return databases
                .find(database)
                .then(registered -> layout(registered.database(), layout)
                        .then(chosen -> start(registered, origin, chosen, requester)));
    }

    private static Outcome<Layout> layout(Database database, Optional<Layout> wanted) {
        Layout layout = wanted.orElse(database.layout());
        return database.profile().layouts().contains(layout)
                ? Outcome.done(layout)
                : Outcome.refused(new Problem.InvalidArgument(
                        "layout",
                        "layout: expected "
                                + database.profile().layouts().stream()
                                        .map(Layout::id)
                                        .collect(Collectors.joining(" or "))
                                + " for this database"));
    }

    private Outcome<Operation> start(RegisteredDatabase registered, Origin origin, Layout layout, Requester requester) {
        var order = new Order(
                OperationKind.BACKUP, registered.database().name(), Optional.empty(), layout.name(), requester);
        return runner.start(order, work -> {
            unfinished.complete(registered);
            return maker.make(registered, origin, layout, work)
                    .then(backup -> Outcome.done(new Result.BackupMade(backup)));
        });
    }
}
