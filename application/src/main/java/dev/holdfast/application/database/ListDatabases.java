package dev.holdfast.application.database;

import dev.holdfast.application.operation.OperationLog;
import dev.holdfast.domain.backup.Backup;
import dev.holdfast.domain.database.Database;
import dev.holdfast.domain.problem.Problem;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/** Shows the registered databases and how their backups stand. */
public interface ListDatabases {
    List<Overview> list();

    /** @param sizeOf a file's size in bytes, from the file system, without opening it; empty if it cannot be told */
    static ListDatabases using(Databases databases, OperationLog log, Function<Path, Optional<Long>> sizeOf) {
        return new ListingDatabases(databases, log, sizeOf);
    }

    /**
     * @param sourceSize of the SQLite files in bytes, as the file system says; empty if one cannot be found
     * @param newest the newest backup in the store, whatever its origin
     * @param lastSuccess when an operation last made a backup with success
     * @param count of backups in the store
     * @param totalSize of all backups in the store, in bytes
     * @param corrupt how many of them a check has found corrupt
     * @param storeProblem why the store could not be read; then counts and size are 0
     */
    record Overview(
            Database database,
            Optional<Long> sourceSize,
            Optional<Backup> newest,
            Optional<Instant> lastSuccess,
            int count,
            long totalSize,
            int corrupt,
            Optional<Problem> storeProblem) {}
}
