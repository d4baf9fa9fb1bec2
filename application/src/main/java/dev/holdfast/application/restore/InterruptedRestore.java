package dev.holdfast.application.restore;

import dev.holdfast.application.restore.LiveDatabases.Settled;
import dev.holdfast.application.store.BackupStore;
import dev.holdfast.domain.backup.Backup;
import dev.holdfast.domain.backup.Origin;
import dev.holdfast.domain.identity.BackupKey;
import dev.holdfast.domain.identity.DatabaseName;
import dev.holdfast.domain.operation.Failure;
import dev.holdfast.domain.operation.Operation;
import dev.holdfast.domain.operation.Result;
import dev.holdfast.domain.problem.ProblemException;
import java.lang.System.Logger.Level;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * What a restore has come to that was cut off in the middle, or failed there and could not be undone.
 *
 * @param operation that had begun to replace
 * @param store where its safety backup is
 */
public record InterruptedRestore(Operation operation, BackupStore store) {
    private static final System.Logger LOG = System.getLogger(InterruptedRestore.class.getName());

    public Operation ended(Settled what, Instant now) {
        return switch (what) {
            case UNDONE -> operation.failed(Failure.undone(), now);
            case COMPLETED -> operation.succeeded(restored(operation.subject().orElseThrow()), now);
        };
    }

    private Result restored(BackupKey from) {
        return new Result.Restored(from, safetyBackup(), List.of(), foreign(from));
    }

    /** Empty also if the store does not answer; the audit has the name in any case. */
    private Optional<DatabaseName> foreign(BackupKey from) {
        try {
            return store.find(from).flatMap(Backup::foreign);
        } catch (ProblemException e) {
            LOG.log(Level.WARNING, "The backup of operation " + operation.id() + " cannot be looked at", e);
            return Optional.empty();
        }
    }

    /**
     * The first one since: what was found half restored was kept after it. That it cannot be found out keeps nobody from
     * being told of the restore.
     */
    Optional<BackupKey> safetyBackup() {
        try {
            return store.list().stream()
                    .filter(it -> it.origin() == Origin.SAFETY
                            && !it.isForeign()
                            && it.isConsistent()
                            && !it.createdAt().isBefore(operation.startedAt()))
                    .min(Comparator.comparing(Backup::createdAt))
                    .map(Backup::key);
        } catch (ProblemException e) {
            LOG.log(Level.WARNING, "The safety backup of operation " + operation.id() + " cannot be named", e);
            return Optional.empty();
        }
    }
}
