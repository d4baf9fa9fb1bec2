package dev.holdfast.application.backup;

import dev.holdfast.application.Outcome;
import dev.holdfast.application.database.Databases;
import dev.holdfast.application.database.RegisteredDatabase;
import dev.holdfast.application.operation.OperationRequest;
import dev.holdfast.application.operation.OperationRunner;
import dev.holdfast.application.operation.Requester;
import dev.holdfast.domain.backup.Layout;
import dev.holdfast.domain.backup.Origin;
import dev.holdfast.domain.database.Database;
import dev.holdfast.domain.identity.BackupKey;
import dev.holdfast.domain.operation.Operation;
import dev.holdfast.domain.operation.OperationKind;
import dev.holdfast.domain.operation.Result;
import dev.holdfast.domain.problem.Problem;
import java.util.Optional;
import java.util.stream.Collectors;

record CreateBackupService(
        Databases databases, OperationRunner runner, InterruptedRestores unfinished, BackupMaker maker)
        implements CreateBackup, CreateNamedBackup {
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
        var order = new OperationRequest(
                OperationKind.BACKUP, registered.database().name(), Optional.empty(), layout.name(), requester);
        return run(registered, order, origin, layout, Optional.empty());
    }

    private Outcome<Operation> run(
            RegisteredDatabase registered,
            OperationRequest order,
            Origin origin,
            Layout layout,
            Optional<BackupKey> name) {
        return runner.start(order, work -> {
            unfinished.complete(registered);
            return maker.make(registered, origin, layout, name, work)
                    .then(backup -> Outcome.done(new Result.BackupMade(backup)));
        });
    }

    @Override
    public Outcome<Operation> start(String database, BackupKey name, Requester requester) {
        return Outcome.attempt(() -> databases.find(database).then(it -> start(it, name, requester)));
    }

    private Outcome<Operation> start(RegisteredDatabase registered, BackupKey name, Requester requester) {
        if (registered.store().find(name).isPresent()) {
            return Outcome.refused(new Problem.FilenameTaken(name));
        }
        Database database = registered.database();
        var order = new OperationRequest(
                OperationKind.BACKUP,
                database.name(),
                Optional.of(name),
                database.layout().name(),
                requester);
        return run(registered, order, Origin.MANUAL, database.layout(), Optional.of(name));
    }
}
