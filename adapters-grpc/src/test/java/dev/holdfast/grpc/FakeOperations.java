package dev.holdfast.grpc;

import dev.holdfast.application.Outcome;
import dev.holdfast.application.operation.OperationLog;
import dev.holdfast.application.operation.Operations;
import dev.holdfast.domain.identity.DatabaseName;
import dev.holdfast.domain.identity.OperationId;
import dev.holdfast.domain.operation.Operation;
import dev.holdfast.domain.operation.OperationKind;
import dev.holdfast.domain.problem.Problem;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.UnaryOperator;

/** Operations that go on when the test says so. */
final class FakeOperations implements Operations {
    static final Instant NOON = Instant.parse("2026-04-13T12:00:00Z");

    private final Map<OperationId, Operation> all = new LinkedHashMap<>();
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    final List<String> asked = new ArrayList<>();

    Operation begin(OperationKind kind) {
        return begin(kind, "anonymous");
    }

    Operation begin(OperationKind kind, String who) {
        lock.lock();
        try {
            var id = new OperationId("op-" + (all.size() + 1));
            Operation operation = Operation.started(id, kind, DatabaseName.DEFAULT, Optional.empty(), who, NOON);
            all.put(id, operation);
            return operation;
        } finally {
            lock.unlock();
        }
    }

    /** As {@link #begin}, and ended at once. */
    Operation ended(OperationKind kind, UnaryOperator<Operation> ending) {
        Operation operation = begin(kind);
        change(operation, ending);
        return operation;
    }

    void change(Operation operation, UnaryOperator<Operation> step) {
        lock.lock();
        try {
            Operation now = known(operation.id());
            all.put(operation.id(), step.apply(now).withRevision(now.revision() + 1));
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    Operation current(Operation operation) {
        lock.lock();
        try {
            return known(operation.id());
        } finally {
            lock.unlock();
        }
    }

    private Operation known(OperationId id) {
        return Objects.requireNonNull(all.get(id));
    }

    @Override
    public Outcome<Operation> find(String id) {
        lock.lock();
        try {
            return all.values().stream()
                    .filter(it -> it.id().value().equals(id))
                    .findAny()
                    .map(Outcome::done)
                    .orElseGet(() -> Outcome.refused(new Problem.OperationNotFound(id)));
        } finally {
            lock.unlock();
        }
    }

    @Override
    public Outcome<Page> list(OperationLog.Filter filter, int pageSize, String pageToken) {
        asked.add(filter + " " + pageSize + " " + pageToken);
        return Outcome.done(new Page(List.copyOf(all.values()), "more"));
    }

    @Override
    public Outcome<Operation> cancel(String id) {
        return find(id).then(it -> {
            change(it, Operation::withCancelRequested);
            return find(id);
        });
    }

    @Override
    public Optional<Operation> awaitChange(OperationId id, long revision, Duration atMost) throws InterruptedException {
        lock.lock();
        try {
            long left = atMost.toNanos();
            while (known(id).revision() <= revision && left > 0) {
                left = changed.awaitNanos(left);
            }
            return Optional.of(known(id)).filter(it -> it.revision() > revision);
        } finally {
            lock.unlock();
        }
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
