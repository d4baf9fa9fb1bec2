package dev.holdfast.domain.operation;

import dev.holdfast.domain.identity.BackupKey;
import dev.holdfast.domain.identity.DatabaseName;
import dev.holdfast.domain.identity.OperationId;
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
 * @param waitingFor why it does not go on at present, in a sentence for a person; empty while it works. Not recorded
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
        long revision,
        Optional<String> waitingFor) {

    /** An operation that waits for nothing. */
    public Operation(
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
            long revision) {
        this(
                id,
                kind,
                database,
                subject,
                requestedBy,
                state,
                phase,
                progress,
                cancelRequested,
                startedAt,
                finishedAt,
                result,
                failure,
                revision,
                Optional.empty());
    }

    /** A new operation, running in its first phase. */
    public static Operation started(
            OperationId id,
            OperationKind kind,
            DatabaseName database,
            Optional<BackupKey> subject,
            String requestedBy,
            Instant at) {
        return new Operation(
                id,
                kind,
                database,
                subject,
                requestedBy,
                OperationState.RUNNING,
                Phase.STARTING,
                Progress.NONE,
                false,
                at,
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                1);
    }

    public Operation in(Phase newPhase, Progress newProgress) {
        return changed(newPhase, newProgress, cancelRequested, revision, waitingFor);
    }

    public Operation withCancelRequested() {
        return changed(phase, progress, true, revision, waitingFor);
    }

    public Operation withRevision(long newRevision) {
        return changed(phase, progress, cancelRequested, newRevision, waitingFor);
    }

    public Operation withWaitingFor(Optional<String> newWaitingFor) {
        return changed(phase, progress, cancelRequested, revision, newWaitingFor);
    }

    private Operation changed(
            Phase newPhase,
            Progress newProgress,
            boolean newCancelRequested,
            long newRevision,
            Optional<String> newWaitingFor) {
        return new Operation(
                id,
                kind,
                database,
                subject,
                requestedBy,
                state,
                newPhase,
                newProgress,
                newCancelRequested,
                startedAt,
                finishedAt,
                result,
                failure,
                newRevision,
                newWaitingFor);
    }

    public Operation succeeded(Result newResult, Instant at) {
        return ended(OperationState.SUCCEEDED, Optional.of(newResult), Optional.empty(), at);
    }

    public Operation failed(Failure newFailure, Instant at) {
        return ended(OperationState.FAILED, Optional.empty(), Optional.of(newFailure), at);
    }

    public Operation cancelled(Instant at) {
        return ended(OperationState.CANCELLED, Optional.empty(), Optional.empty(), at);
    }

    private Operation ended(
            OperationState newState, Optional<Result> newResult, Optional<Failure> newFailure, Instant at) {
        Optional<BackupKey> about = newResult.flatMap(Result::about).or(() -> subject);
        return new Operation(
                id,
                kind,
                database,
                about,
                requestedBy,
                newState,
                phase,
                newState == OperationState.SUCCEEDED ? progress.complete() : progress,
                cancelRequested,
                startedAt,
                Optional.of(at),
                newResult,
                newFailure,
                revision);
    }
}
