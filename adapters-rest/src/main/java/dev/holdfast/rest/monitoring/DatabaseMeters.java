package dev.holdfast.rest.monitoring;

import dev.holdfast.application.overview.ListDatabases;
import dev.holdfast.domain.backup.Verification;
import dev.holdfast.domain.identity.DatabaseName;
import dev.holdfast.domain.operation.Failure;
import dev.holdfast.domain.operation.Operation;
import dev.holdfast.domain.operation.OperationKind;
import dev.holdfast.domain.operation.OperationState;
import dev.holdfast.domain.operation.Result;
import dev.holdfast.domain.plan.DrillOutcome;
import dev.holdfast.domain.plan.Freshness;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;

/** What is measured of one database. */
final class DatabaseMeters {
    private final MeterRegistry registry;
    private final String database;
    private final AtomicReference<Instant> lastSuccess = new AtomicReference<>(Instant.EPOCH);
    private final AtomicLong size = new AtomicLong();
    private volatile double sourcePresent = Double.NaN;
    private volatile double storeAvailable = Double.NaN;
    private volatile double corrupt = Double.NaN;
    private volatile double fresh = Double.NaN;
    private volatile double retentionPaused = Double.NaN;
    private volatile double proven;

    DatabaseMeters(MeterRegistry registry, DatabaseName name) {
        this.registry = registry;
        this.database = name.value();
        // 0 and not absent while there is none: an alert on the age of a backup that was never made has to fire.
        Gauge.builder(
                        "holdfast.backup.last.success.timestamp",
                        lastSuccess,
                        it -> it.get().toEpochMilli() / 1000.0)
                .baseUnit("seconds")
                .description("When a backup was last made with success, since 1970; 0 if never")
                .tag("database", database)
                .register(registry);
        Gauge.builder("holdfast.backup.last.size", size, AtomicLong::get)
                .baseUnit("bytes")
                .description("How large the newest backup is")
                .tag("database", database)
                .register(registry);
        Gauge.builder("holdfast.source.present", this, it -> it.sourcePresent)
                .description("1 if all SQLite files to back up are there, else 0")
                .tag("database", database)
                .register(registry);
        Gauge.builder("holdfast.store.available", this, it -> it.storeAvailable)
                .description("1 if the backups can be read and the directory is the right one, else 0")
                .tag("database", database)
                .register(registry);
        Gauge.builder("holdfast.backups.corrupt", this, it -> it.corrupt)
                .description("Backups in the store that a check has found corrupt")
                .tag("database", database)
                .register(registry);
        Gauge.builder("holdfast.backup.fresh", this, it -> it.fresh)
                .description("1 if the newest good backup is as young and as large as the plan relies on, else 0")
                .tag("database", database)
                .register(registry);
        Gauge.builder("holdfast.retention.paused", this, it -> it.retentionPaused)
                .description("1 while no backup expires because one is suspicious, else 0")
                .tag("database", database)
                .register(registry);
        Gauge.builder("holdfast.last.proven.restorable.timestamp", this, it -> it.proven)
                .baseUnit("seconds")
                .description("When a drill last proved that a backup can be restored, since 1970; 0 if never")
                .tag("database", database)
                .register(registry);
        countCorrupt();
        for (DrillOutcome outcome : DrillOutcome.values()) {
            countDrill(outcome);
        }
        for (OperationKind kind : OperationKind.values()) { // at 0 from the start, so that the first one is an increase
            duration(kind);
            for (OperationState state : OperationState.values()) {
                if (state.isFinal()) {
                    count(kind, state);
                }
            }
        }
    }

    void watch(Supplier<Number> running) {
        Gauge.builder("holdfast.operations.running", running)
                .description("Operations that run now")
                .tag("database", database)
                .register(registry);
    }

    /** As it stands now. What a store that cannot be read holds stays as it was last known. */
    void stands(ListDatabases.Overview overview) {
        sourcePresent = overview.sourceSize().isPresent() ? 1 : 0;
        storeAvailable = overview.storeProblem().isEmpty() ? 1 : 0;
        overview.lastSuccess().ifPresent(this::succeededAt);
        overview.newest().ifPresent(it -> newestHas(it.size()));
        // Of a store that cannot be read nobody can say that it is fresh.
        fresh = overview.planned()
                        .freshness()
                        .filter(it -> it == Freshness.Standing.FRESH)
                        .isPresent()
                ? 1
                : 0;
        overview.planned().provenAt().ifPresent(it -> proven = it.toEpochMilli() / 1000.0);
        if (overview.storeProblem().isEmpty()) {
            corrupt = overview.corrupt();
            retentionPaused = overview.planned().retentionPaused().isPresent() ? 1 : 0;
        }
    }

    private void succeededAt(Instant at) {
        lastSuccess.accumulateAndGet(at, (a, b) -> a.isAfter(b) ? a : b);
    }

    private void newestHas(long bytes) {
        size.set(bytes);
    }

    void ended(Operation operation) {
        count(operation.kind(), operation.state()).increment();
        operation.failure().ifPresent(it -> countFailure(operation.kind(), it).increment());
        operation.finishedAt().ifPresent(end -> {
            duration(operation.kind()).record(nonNegative(Duration.between(operation.startedAt(), end)));
            operation.result().ifPresent(result -> {
                switch (result) {
                    case Result.BackupMade(var backup) -> {
                        succeededAt(end);
                        newestHas(backup.size());
                    }
                    case Result.Verified(var _, Verification.Corrupt _) ->
                        countCorrupt().increment();
                    case Result.Drilled drilled -> countDrill(drilled.outcome()).increment();
                    case Result.Restored _, Result.Verified _, Result.Expired _, Result.Uploaded _ -> {}
                }
            });
        });
    }

    private static Duration nonNegative(Duration duration) {
        return duration.isNegative() ? Duration.ZERO : duration; // the wall clock may have been set back
    }

    private Timer duration(OperationKind kind) {
        return Timer.builder("holdfast.operation.duration")
                .description("How long operations took that have ended")
                .tags("database", database, "kind", id(kind))
                .register(registry);
    }

    private Counter count(OperationKind kind, OperationState state) {
        return Counter.builder("holdfast.operations")
                .description("Operations that have ended")
                .tags("database", database, "kind", id(kind), "state", id(state))
                .register(registry);
    }

    private Counter countCorrupt() {
        return Counter.builder("holdfast.verification.failures")
                .description("Verifications that found a backup corrupt")
                .tag("database", database)
                .register(registry);
    }

    private Counter countDrill(DrillOutcome outcome) {
        return Counter.builder("holdfast.drills")
                .description("Restore drills, by what came of them")
                .tags("database", database, "outcome", id(outcome))
                .register(registry);
    }

    private Counter countFailure(OperationKind kind, Failure failure) {
        return Counter.builder("holdfast.operation.failures")
                .description("Operations that failed, by the code of their problem")
                .tags("database", database, "kind", id(kind), "code", failure.code())
                .register(registry);
    }

    private static String id(Enum<?> value) {
        return value.name().toLowerCase(Locale.ROOT);
    }
}
