package dev.holdfast.application.overview;

import dev.holdfast.application.database.Databases;
import dev.holdfast.application.database.RegisteredDatabase;
import dev.holdfast.application.operation.OperationLog;
import dev.holdfast.application.plan.PlanService;
import dev.holdfast.application.plan.PlanService.View;
import dev.holdfast.application.plan.PlanStore.Drill;
import dev.holdfast.domain.backup.Backup;
import dev.holdfast.domain.backup.Verification;
import dev.holdfast.domain.database.Database;
import dev.holdfast.domain.identity.DatabaseName;
import dev.holdfast.domain.operation.Operation;
import dev.holdfast.domain.plan.Freshness;
import dev.holdfast.domain.problem.Problem;
import dev.holdfast.domain.problem.ProblemException;
import java.lang.System.Logger.Level;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiFunction;

/**
 * @param sizeOf a file's size in bytes, from the file system, without opening it; empty if it cannot be told
 * @param broken whose stores failed in a way that nobody has thought of when they were last looked at
 */
record ListDatabasesService(
        Databases databases,
        OperationLog log,
        PlanService plans,
        BiFunction<Database, Path, Optional<Long>> sizeOf,
        InstantSource clock,
        Set<DatabaseName> broken)
        implements ListDatabases {
    private static final System.Logger LOG = System.getLogger(ListDatabasesService.class.getName());

    @Override
    public List<Overview> list() {
        return databases.all().stream().map(this::overview).toList();
    }

    private Overview overview(RegisteredDatabase registered) {
        Database database = registered.database();
        Optional<Instant> lastSuccess = log.lastBackup(database.name()).flatMap(Operation::finishedAt);
        try {
            List<Backup> backups = registered.store().list();
            View plan = plans.of(registered, backups);
            broken.remove(database.name());
            SourceSize source = sourceSize(database);
            return new Overview(
                    database,
                    source.bytes(),
                    backups.stream().filter(it -> !it.isForeign()).findFirst(),
                    lastSuccess,
                    backups.size(),
                    backups.stream().mapToLong(Backup::size).sum(),
                    (int) backups.stream()
                            .filter(it -> it.verification() instanceof Verification.Corrupt)
                            .count(),
                    planned(plan, Optional.of(plan.inForce().plan().freshness().judge(backups, clock.instant()))),
                    source.problem());
        } catch (ProblemException e) {
            return unreadable(registered, lastSuccess, e.problem());
        } catch (RuntimeException e) {
            // One such store must not hide the other databases. Said once, for they are looked at every few seconds.
            if (broken.add(database.name())) {
                LOG.log(Level.ERROR, "The backups of database " + database.name() + " cannot be listed", e);
            }
            return unreadable(registered, lastSuccess, new Problem.Internal(e));
        }
    }

    private Overview unreadable(RegisteredDatabase registered, Optional<Instant> lastSuccess, Problem problem) {
        Database database = registered.database();
        SourceSize source = sourceSize(database);
        return new Overview(
                database,
                source.bytes(),
                Optional.empty(),
                lastSuccess,
                0,
                0,
                0,
                planned(plans.of(registered, List.of()), Optional.empty()),
                source.problem().or(() -> Optional.of(problem)));
    }

    private static Planned planned(View plan, Optional<Freshness.Standing> freshness) {
        return new Planned(
                plan.nextRun(), freshness, plan.lastDrill().flatMap(Drill::provenAt), plan.retentionPaused());
    }

    /** @param problem why it cannot be found out now */
    private record SourceSize(Optional<Long> bytes, Optional<Problem> problem) {}

    private SourceSize sourceSize(Database database) {
        long sum = 0;
        try {
            for (Path file : database.source().databaseFiles()) {
                Optional<Long> size = sizeOf.apply(database, file);
                if (size.isEmpty()) {
                    return new SourceSize(Optional.empty(), Optional.empty());
                }
                sum += size.get();
            }
        } catch (ProblemException e) {
            return new SourceSize(Optional.empty(), Optional.of(e.problem()));
        }
        return new SourceSize(Optional.of(sum), Optional.empty());
    }
}
