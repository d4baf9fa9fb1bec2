package dev.holdfast.application.planned;

import dev.holdfast.application.Outcome;
import dev.holdfast.application.backup.VerifyBackup;
import dev.holdfast.application.database.RegisteredDatabase;
import dev.holdfast.application.operation.Operations;
import dev.holdfast.domain.backup.Backup;
import dev.holdfast.domain.backup.Verification;
import dev.holdfast.domain.identity.BackupKey;
import dev.holdfast.domain.identity.DatabaseName;
import dev.holdfast.domain.identity.OperationId;
import dev.holdfast.domain.operation.Operation;
import dev.holdfast.domain.operation.OperationState;
import dev.holdfast.domain.plan.Plan;
import dev.holdfast.domain.problem.Problem;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Checks stored backups again, the one whose last check is the oldest first, for a bounded share of the time. For one
 * thread at a time for each database.
 */
final class PeriodicVerification {
    /** After a check that took a minute, nine minutes without one: a tenth of the time at most. */
    private static final int REST_FACTOR = 9;

    /** Between two looks through a store's list. */
    private static final Duration PAUSE = Duration.ofMinutes(1);

    /** A file that somebody drops in may still be growing. */
    private static final Duration SETTLED = Duration.ofHours(1);

    /** However long a check seems to have taken: a clock may have been set meanwhile. */
    private static final Duration LONGEST_REST = Duration.ofDays(7);

    /** How long one that could not be checked keeps no other one waiting. */
    private static final Duration AFTER_FAILURE = Duration.ofDays(1);

    private final Operations operations;
    private final VerifyBackup verify;
    private final Map<DatabaseName, Running> running = new ConcurrentHashMap<>();
    private final Map<DatabaseName, Rest> resting = new ConcurrentHashMap<>();

    /** Those whose check came to no end. */
    private final Map<DatabaseName, Map<BackupKey, Rest>> unchecked = new ConcurrentHashMap<>();

    private record Running(OperationId operation, BackupKey key) {}

    /** @param since a clock that is before this was set back, and nobody knows how long the rest would be */
    private record Rest(Instant since, Duration length) {
        boolean isOver(Instant now) {
            return now.isBefore(since) || !now.isBefore(since.plus(length));
        }
    }

    PeriodicVerification(Operations operations, VerifyBackup verify) {
        this.operations = operations;
        this.verify = verify;
    }

    void look(RegisteredDatabase registered, Plan plan, Instant now) {
        DatabaseName name = registered.database().name();
        if (plan.recheckEvery().isEmpty() || isBusy(name, now)) {
            return;
        }
        resting.put(name, new Rest(now, PAUSE));
        stalest(registered, plan.recheckEvery().get(), now).ifPresent(backup -> {
            // Refused while another check runs, which a later look finds ended.
            if (verify.start(name.value(), backup.key().value(), plan.verifyDepth(), PlanScheduler.PLAN)
                    instanceof Outcome.Done<Operation>(Operation operation)) {
                running.put(name, new Running(operation.id(), backup.key()));
            }
        });
    }

    private boolean isBusy(DatabaseName name, Instant now) {
        Running check = running.get(name);
        if (check != null) {
            Optional<Operation> found = find(check.operation());
            if (found.filter(it -> !it.state().isFinal()).isPresent()) {
                return true;
            }
            running.remove(name);
            resting.put(name, new Rest(now, rest(found)));
            if (found.filter(it -> it.state() == OperationState.SUCCEEDED).isEmpty()) {
                unchecked.computeIfAbsent(name, _ -> new HashMap<>()).put(check.key(), new Rest(now, AFTER_FAILURE));
            }
        }
        Rest rest = resting.get(name);
        return rest != null && !rest.isOver(now);
    }

    private Optional<Operation> find(OperationId id) {
        return switch (operations.find(id.value())) {
            case Outcome.Done<Operation>(Operation operation) -> Optional.of(operation);
            case Outcome.Refused<Operation>(Problem _) -> Optional.empty();
        };
    }

    private static Duration rest(Optional<Operation> ended) {
        Duration rest = ended.flatMap(it -> it.finishedAt().map(end -> Duration.between(it.startedAt(), end)))
                .map(it -> it.multipliedBy(REST_FACTOR))
                .filter(it -> it.compareTo(PAUSE) > 0)
                .orElse(PAUSE);
        return rest.compareTo(LONGEST_REST) < 0 ? rest : LONGEST_REST;
    }

    private Optional<Backup> stalest(RegisteredDatabase registered, Duration every, Instant now) {
        Map<BackupKey, Rest> left = unchecked.getOrDefault(registered.database().name(), new HashMap<>());
        left.values().removeIf(it -> it.isOver(now));
        return registered.store().list().stream()
                .filter(it -> !left.containsKey(it.key()) && !it.isForeign())
                .filter(it -> checkedAt(it, now)
                        .filter(at -> !at.isAfter(now.minus(every)))
                        .isPresent())
                .min(Comparator.comparing(it -> checkedAt(it, now).orElseThrow()));
    }

    /** When it was last checked, as it were; empty for one that is not to be checked. */
    private static Optional<Instant> checkedAt(Backup backup, Instant now) {
        return switch (backup.verification()) {
            case Verification.Unchecked() ->
                backup.createdAt().isBefore(now.minus(SETTLED)) ? Optional.of(Instant.MIN) : Optional.empty();
            case Verification.Passed passed -> Optional.of(passed.at().isAfter(now) ? Instant.EPOCH : passed.at());
            // Known already; whoever has mended it asks for a check.
            case Verification.Corrupt _ -> Optional.empty();
        };
    }
}
