package dev.holdfast.application.operation;

import dev.holdfast.domain.identity.DatabaseName;
import dev.holdfast.domain.identity.OperationId;
import dev.holdfast.domain.operation.Operation;
import dev.holdfast.domain.operation.OperationKind;
import dev.holdfast.domain.operation.OperationState;
import dev.holdfast.domain.problem.Problem;
import dev.holdfast.domain.problem.ProblemException;
import java.time.Instant;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** Keeps operations as long as the test runs. */
public final class InMemoryOperationLog implements OperationLog {
    private record Key(String scope, String key) {}

    private record Tie(String fingerprint, OperationId id, Instant at) {}

    private static final Comparator<Operation> NEWEST_FIRST = Comparator.comparing(Operation::startedAt)
            .thenComparing(it -> it.id().value())
            .reversed();

    private final Map<OperationId, Operation> operations = new HashMap<>();
    private final Map<Key, Tie> ties = new HashMap<>();
    private Optional<Problem> failure = Optional.empty();

    /** Lets no operation be recorded from now on. */
    public synchronized void failWith(Problem problem) {
        failure = Optional.of(problem);
    }

    @Override
    public synchronized void save(Operation operation) {
        failure.ifPresent(it -> {
            throw new ProblemException(it);
        });
        operations.put(operation.id(), operation);
    }

    @Override
    public synchronized Optional<Operation> find(OperationId id) {
        return Optional.ofNullable(operations.get(id));
    }

    @Override
    public synchronized List<Operation> list(Filter filter, Optional<Operation> after, int limit) {
        return operations.values().stream()
                .filter(it -> filter.database().map(it.database()::equals).orElse(true))
                .filter(it -> filter.state().map(it.state()::equals).orElse(true))
                .filter(it -> filter.kind().map(it.kind()::equals).orElse(true))
                .filter(it -> filter.requestedBy().map(it.requestedBy()::equals).orElse(true))
                .sorted(NEWEST_FIRST)
                .dropWhile(it -> after.isPresent() && NEWEST_FIRST.compare(it, after.get()) <= 0)
                .limit(limit)
                .toList();
    }

    @Override
    public synchronized List<Operation> unfinished() {
        return operations.values().stream().filter(it -> !it.state().isFinal()).toList();
    }

    @Override
    public synchronized Optional<Operation> lastBackup(DatabaseName database) {
        return operations.values().stream()
                .filter(it -> it.database().equals(database)
                        && it.kind() == OperationKind.BACKUP
                        && it.state() == OperationState.SUCCEEDED)
                .min(NEWEST_FIRST);
    }

    @Override
    public synchronized int trim(Instant endedBefore, int keep) {
        Set<OperationId> newest = operations.values().stream()
                .filter(it -> it.state().isFinal())
                .sorted(NEWEST_FIRST)
                .limit(keep)
                .map(Operation::id)
                .collect(Collectors.toSet());
        List<OperationId> removed = operations.values().stream()
                .filter(it ->
                        it.finishedAt().filter(end -> end.isBefore(endedBefore)).isPresent()
                                || (it.state().isFinal() && !newest.contains(it.id())))
                .filter(it -> !staysInAnyCase(it))
                .map(Operation::id)
                .toList();
        removed.forEach(operations::remove);
        return removed.size();
    }

    private boolean staysInAnyCase(Operation operation) {
        return operations.values().stream()
                        .noneMatch(it -> it.database().equals(operation.database())
                                && it.kind() == operation.kind()
                                && NEWEST_FIRST.compare(it, operation) < 0)
                || lastBackup(operation.database()).filter(operation::equals).isPresent()
                || ties.values().stream().anyMatch(it -> it.id().equals(operation.id()));
    }

    @Override
    public synchronized Claim claim(
            String scope, String key, String fingerprint, OperationId id, Instant now, Instant keptSince) {
        ties.values().removeIf(it -> it.at().isBefore(keptSince));
        Tie tie = ties.putIfAbsent(new Key(scope, key), new Tie(fingerprint, id, now));
        if (tie == null) {
            return new Claim.New();
        }
        return tie.fingerprint().equals(fingerprint) ? new Claim.Repeated(tie.id()) : new Claim.Conflicting();
    }
}
