package dev.holdfast.application.planned;

import dev.holdfast.application.Outcome;
import dev.holdfast.application.backup.VerifyBackup;
import dev.holdfast.application.database.RegisteredDatabase;
import dev.holdfast.application.operation.Operations;
import dev.holdfast.domain.backup.Backup;
import dev.holdfast.domain.backup.Verification;
import dev.holdfast.domain.database.DatabaseName;
import dev.holdfast.domain.operation.Operation;
import dev.holdfast.domain.operation.OperationId;
import dev.holdfast.domain.plan.Plan;
import dev.holdfast.domain.problem.Problem;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** Checks stored backups again, the one whose last check is the oldest first, for a bounded share of the time. */
final class Rechecks {
    /** After a check that took a minute, nine minutes without one: a tenth of the time at most. */
    private static final int REST_FACTOR = 9;

    /** Between two looks through a store's list. */
    private static final Duration PAUSE = Duration.ofMinutes(1);

    /** A file that somebody drops in may still be growing. */
    private static final Duration SETTLED = Duration.ofHours(1);

    private final Operations operations;
    private final VerifyBackup verify;
    private final Map<DatabaseName, OperationId> running = new HashMap<>();
    private final Map<DatabaseName, Instant> restingUntil = new HashMap<>();

    Rechecks(Operations operations, VerifyBackup verify) {
        this.operations = operations;
        this.verify = verify;
    }

    void look(RegisteredDatabase registered, Plan plan, Instant now) {
        DatabaseName name = registered.database().name();
        if (plan.recheckEvery().isEmpty() || isBusy(name, now)) {
            return;
        }
        restingUntil.put(name, now.plus(PAUSE));
        stalest(registered, plan.recheckEvery().get(), now).ifPresent(backup -> {
            // Refused while another check runs, which a later look finds ended.
            if (verify.start(name.value(), backup.key().value(), plan.verifyDepth(), PlannedWork.PLAN)
                    instanceof Outcome.Done<Operation>(Operation operation)) {
                running.put(name, operation.id());
            }
        });
    }

    private boolean isBusy(DatabaseName name, Instant now) {
        OperationId operation = running.get(name);
        if (operation != null) {
            Optional<Duration> took = took(operation);
            if (took.isEmpty()) {
                return true;
            }
            running.remove(name);
            restingUntil.put(name, now.plus(took.get().multipliedBy(REST_FACTOR)));
        }
        return restingUntil.getOrDefault(name, Instant.MIN).isAfter(now);
    }

    /** Empty while it runs. */
    private Optional<Duration> took(OperationId id) {
        return switch (operations.find(id.value())) {
            case Outcome.Done<Operation>(Operation operation) ->
                operation
                        .finishedAt()
                        .map(end -> Duration.between(operation.startedAt(), end))
                        .map(it -> it.isNegative() ? Duration.ZERO : it);
            case Outcome.Refused<Operation>(Problem _) -> Optional.of(Duration.ZERO);
        };
    }

    private static Optional<Backup> stalest(RegisteredDatabase registered, Duration every, Instant now) {
        return registered.store().list().stream()
                .filter(it -> checkedAt(it, now)
                        .filter(at -> !at.plus(every).isAfter(now))
                        .isPresent())
                .min(Comparator.comparing(it -> checkedAt(it, now).orElseThrow()));
    }

    /** When it was last checked, as it were; empty for one that is not to be checked. */
    private static Optional<Instant> checkedAt(Backup backup, Instant now) {
        return switch (backup.verification()) {
            case Verification.Unchecked() ->
                backup.createdAt().plus(SETTLED).isBefore(now) ? Optional.of(Instant.EPOCH) : Optional.empty();
            case Verification.Passed passed -> Optional.of(passed.at());
            // Known already; whoever has mended it asks for a check.
            case Verification.Corrupt _ -> Optional.empty();
        };
    }
}
