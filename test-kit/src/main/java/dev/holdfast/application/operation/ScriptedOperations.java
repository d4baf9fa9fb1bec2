package dev.holdfast.application.operation;

import dev.holdfast.application.Outcome;
import dev.holdfast.domain.identity.BackupKey;
import dev.holdfast.domain.identity.DatabaseName;
import dev.holdfast.domain.identity.OperationId;
import dev.holdfast.domain.operation.Operation;
import dev.holdfast.domain.operation.OperationKind;
import dev.holdfast.domain.problem.Problem;
import java.time.Duration;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;

/** Operations that do nothing and end when the test says so; they keep out of each other's way as the real ones do. */
public final class ScriptedOperations implements Operations {
    private final Map<OperationId, Operation> all = new LinkedHashMap<>();
    private final InstantSource clock;
    private Optional<Problem> refusal = Optional.empty();

    public ScriptedOperations(InstantSource clock) {
        this.clock = clock;
    }

    public Outcome<Operation> start(
            OperationKind kind, DatabaseName database, Optional<BackupKey> subject, String who) {
        Optional<Operation> inTheWay = running().stream()
                .filter(it -> it.database().equals(database) && it.kind().track() == kind.track())
                .findFirst();
        Optional<Problem> problem =
                refusal.or(() -> inTheWay.map(it -> new Problem.OperationInProgress(database, it.id())));
        if (problem.isPresent()) {
            return Outcome.refused(problem.get());
        }
        var id = new OperationId("op-" + (all.size() + 1));
        Operation operation = Operation.started(id, kind, database, subject, who, clock.instant());
        all.put(id, operation);
        return Outcome.done(operation);
    }

    /** From now on nothing begins, or all does again. */
    public void refuse(Optional<Problem> problem) {
        refusal = problem;
    }

    public void end(Operation operation, UnaryOperator<Operation> ending) {
        all.put(operation.id(), ending.apply(operation));
    }

    public List<Operation> running() {
        return all.values().stream().filter(it -> !it.state().isFinal()).toList();
    }

    /** In the order of their starts. */
    public List<Operation> all(OperationKind kind) {
        return all.values().stream().filter(it -> it.kind() == kind).toList();
    }

    @Override
    public Outcome<Operation> find(String id) {
        return Optional.ofNullable(all.get(new OperationId(id)))
                .map(Outcome::done)
                .orElseGet(() -> Outcome.refused(new Problem.OperationNotFound(id)));
    }

    @Override
    public Outcome<Page> list(OperationLog.Filter filter, int pageSize, String pageToken) {
        throw new UnsupportedOperationException();
    }

    @Override
    public Outcome<Operation> cancel(String id) {
        throw new UnsupportedOperationException();
    }

    @Override
    public Optional<Operation> awaitChange(OperationId id, long revision, Duration atMost) {
        throw new UnsupportedOperationException();
    }

    @Override
    public Operation awaitEnd(OperationId id) {
        throw new UnsupportedOperationException();
    }

    @Override
    public Changes awaitChanges(Optional<DatabaseName> database, String position, Duration atMost) {
        throw new UnsupportedOperationException();
    }
}
