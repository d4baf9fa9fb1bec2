package dev.holdfast.dialects.pocketbase;

import dev.holdfast.application.Outcome;
import dev.holdfast.application.operation.OperationLog;
import dev.holdfast.application.operation.Operations;
import dev.holdfast.application.operation.Requester;
import dev.holdfast.domain.identity.DatabaseName;
import dev.holdfast.domain.operation.Operation;
import dev.holdfast.domain.operation.OperationKind;
import dev.holdfast.domain.operation.OperationKind.Track;
import dev.holdfast.domain.operation.OperationState;
import dev.holdfast.domain.problem.ProblemException;
import dev.holdfast.http.dialect.Dialect;
import dev.holdfast.http.dialect.Dialects;
import io.micronaut.http.HttpRequest;
import jakarta.inject.Singleton;
import java.security.Principal;
import java.util.List;
import java.util.Optional;

/** The database that this dialect is about, and what is being done with it. */
@Singleton
public final class PocketBaseDatabase {
    private final Dialects dialects;
    private final Operations operations;

    PocketBaseDatabase(Dialects dialects, Operations operations) {
        this.dialects = dialects;
        this.operations = operations;
    }

    public String name() {
        return dialects.database(Dialect.POCKETBASE);
    }

    public static Requester requester(HttpRequest<?> request) {
        return new Requester(
                request.getUserPrincipal().map(Principal::getName).orElse(Requester.ANONYMOUS), Optional.empty());
    }

    /** What runs and keeps another backup or restore from beginning: the one operation at a time. */
    Optional<Operation> running() {
        var filter =
                new OperationLog.Filter(Optional.of(new DatabaseName(name())), Optional.of(OperationState.RUNNING));
        return list(filter).stream()
                .filter(it -> it.kind().track() == Track.CHANGING && !it.state().isFinal())
                .findAny();
    }

    Optional<Operation> lastRestore() {
        return list(new OperationLog.Filter(
                        Optional.of(new DatabaseName(name())),
                        Optional.empty(),
                        Optional.of(OperationKind.RESTORE),
                        Optional.empty()))
                .stream()
                .findFirst();
    }

    private List<Operation> list(OperationLog.Filter filter) {
        return switch (operations.list(filter, 0, "")) {
            case Outcome.Done<Operations.Page>(var page) -> page.operations();
            case Outcome.Refused<Operations.Page>(var problem) -> throw new ProblemException(problem);
        };
    }
}
