package dev.holdfast.application.retention;

import dev.holdfast.application.operation.OperationLog;
import dev.holdfast.domain.backup.Backup;
import dev.holdfast.domain.backup.Suspicion;
import dev.holdfast.domain.identity.BackupKey;
import dev.holdfast.domain.identity.DatabaseName;
import dev.holdfast.domain.operation.Operation;
import dev.holdfast.domain.operation.OperationKind;
import dev.holdfast.domain.operation.OperationState;
import dev.holdfast.domain.operation.Result;
import dev.holdfast.domain.retention.RetentionPause;
import dev.holdfast.domain.retention.SourceHistory;
import dev.holdfast.domain.retention.SourceHistory.LastRestore;
import java.util.Collection;
import java.util.Optional;

/** The histories of the sources. The record of operations adds the restores to what the backups record. */
public record SourceHistories(OperationLog log) {
    /** @param backups all of the database */
    public SourceHistory of(DatabaseName database, Collection<Backup> backups) {
        return SourceHistory.of(backups, lastRestore(database));
    }

    /**
     * Returns the pause of retention, if it pauses.
     *
     * @param backups all of the database
     */
    public Optional<RetentionPause> pause(DatabaseName database, Collection<Backup> backups) {
        // Databases are looked at every few seconds, and hardly ever is one of their backups suspicious.
        boolean suspicious = backups.stream()
                .anyMatch(it -> it.suspicion().filter(Suspicion::open).isPresent());
        return suspicious ? of(database, backups).pause() : Optional.empty();
    }

    private Optional<LastRestore> lastRestore(DatabaseName database) {
        var restores = new OperationLog.Filter(
                Optional.of(database),
                Optional.of(OperationState.SUCCEEDED),
                Optional.of(OperationKind.RESTORE),
                Optional.empty());
        return log.list(restores, Optional.empty(), 1).stream()
                .findFirst()
                .map(it -> new LastRestore(it.id(), it.finishedAt().orElse(it.startedAt()), from(it)));
    }

    private static Optional<BackupKey> from(Operation restore) {
        return restore.result()
                .flatMap(
                        it -> it instanceof Result.Restored restored ? Optional.of(restored.from()) : Optional.empty());
    }
}
