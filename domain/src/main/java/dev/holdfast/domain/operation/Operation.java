package dev.holdfast.domain.operation;

import dev.holdfast.domain.backup.BackupKey;
import dev.holdfast.domain.database.DatabaseName;
import java.time.Instant;
import java.util.Optional;

/**
 * One piece of work as it stood at one moment.
 *
 * @param subject the backup it is about, once there is one
 * @param requestedBy a user's or token's name, or {@code anonymous} while access control is off
 * @param revision grows by at least one with every change of this operation, beginning with 1
 * @param result present exactly when it succeeded
 * @param failure present exactly when it failed
 * @param finishedAt present exactly when its state is final
 */
public record Operation(
        OperationId id,
        OperationKind kind,
        DatabaseName database,
        Optional<BackupKey> subject,
        String requestedBy,
        OperationState state,
        Phase phase,
        Progress progress,
        boolean cancelRequested,
        Instant startedAt,
        Optional<Instant> finishedAt,
        Optional<Result> result,
        Optional<Failure> failure,
        long revision) {}
