package dev.holdfast.application.restore;

import dev.holdfast.application.restore.LiveDatabases.Settled;
import dev.holdfast.application.store.BackupStore;
import dev.holdfast.domain.backup.Backup;
import dev.holdfast.domain.backup.BackupKey;
import dev.holdfast.domain.backup.Origin;
import dev.holdfast.domain.operation.Failure;
import dev.holdfast.domain.operation.Operation;
import dev.holdfast.domain.operation.Result;
import java.time.Instant;
import java.util.Comparator;
import java.util.Optional;

/**
 * What a restore that the server did not live to end has come to.
 *
 * @param operation that had begun to replace: what was settled is its doing, as one before it was settled first
 * @param store where its safety backup is
 */
public record CutOffRestore(Operation operation, BackupStore store) {
    public Operation ended(Settled what, Instant now) {
        return switch (what) {
            case NOTHING_TO_DO -> operation.failed(Failure.interrupted(operation.kind()), now);
            case UNDONE -> operation.failed(Failure.undone(), now);
            case COMPLETED ->
                operation.succeeded(new Result.Restored(operation.subject().orElseThrow(), safetyBackup()), now);
        };
    }

    /** The first one since: what was found half restored was kept after it. */
    private Optional<BackupKey> safetyBackup() {
        return store.list().stream()
                .filter(it -> it.origin() == Origin.SAFETY && !it.createdAt().isBefore(operation.startedAt()))
                .min(Comparator.comparing(Backup::createdAt))
                .map(Backup::key);
    }
}
