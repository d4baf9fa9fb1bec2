package dev.holdfast.application.overview;

import dev.holdfast.application.database.Databases;
import dev.holdfast.application.operation.OperationLog;
import dev.holdfast.application.plan.PlanService;
import dev.holdfast.domain.backup.Backup;
import dev.holdfast.domain.database.Database;
import dev.holdfast.domain.plan.Freshness;
import dev.holdfast.domain.problem.Problem;
import dev.holdfast.domain.retention.RetentionPause;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BiFunction;

/** Shows the registered databases and how their backups stand. */
public interface ListDatabases {
    List<Overview> list();

    /**
     * @param sizeOf the size in bytes of a file of a database, from the file system, without opening it; empty if it cannot
     *     be found. Throws {@code ProblemException} if the file system does not answer
     */
    static ListDatabases using(
            Databases databases,
            OperationLog log,
            PlanService plans,
            BiFunction<Database, Path, Optional<Long>> sizeOf,
            InstantSource clock) {
        return new ListDatabasesService(databases, log, plans, sizeOf, clock, ConcurrentHashMap.newKeySet());
    }

    /**
     * @param sourceSize of the SQLite files in bytes, as the file system says; empty if one cannot be found
     * @param newest the newest of the database's own backups in the store, whatever its origin
     * @param lastSuccess when an operation last made a backup with success
     * @param count of backups in the store
     * @param totalSize of all backups in the store, in bytes
     * @param corrupt how many of them a check has found corrupt
     * @param planned what its plan says and has come to
     * @param storeProblem why the store could not be read; then counts and size are 0. If the source does not answer,
     *     {@code SourceBusy}
     */
    record Overview(
            Database database,
            Optional<Long> sourceSize,
            Optional<Backup> newest,
            Optional<Instant> lastSuccess,
            int count,
            long totalSize,
            int corrupt,
            Planned planned,
            Optional<Problem> storeProblem) {
        /** Whether it is unknown if the source's files are there: their file system does not answer. */
        public boolean isSourceUnknown() {
            return storeProblem.filter(it -> it instanceof Problem.SourceBusy).isPresent();
        }
    }

    /**
     * @param nextRun when the next backup is planned
     * @param freshness how the backups stand against what the plan relies on; empty if the store cannot be read
     * @param provenAt when a drill last proved that a backup can be restored
     * @param retentionPaused since when and why no backup expires
     */
    record Planned(
            Optional<Instant> nextRun,
            Optional<Freshness.Standing> freshness,
            Optional<Instant> provenAt,
            Optional<RetentionPause> retentionPaused) {
        /** Nothing is planned, nothing is known. */
        public static final Planned NOTHING =
                new Planned(Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty());
    }
}
