package dev.holdfast.application.operation;

import dev.holdfast.domain.identity.DatabaseName;
import dev.holdfast.domain.identity.OperationId;
import dev.holdfast.domain.operation.Operation;
import dev.holdfast.domain.operation.OperationKind;
import dev.holdfast.domain.operation.OperationState;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * Keeps operations across restarts. Every method that writes is durable when it returns, or throws. Safe for use by
 * several threads.
 */
public interface OperationLog {
    /** Adds the operation, or replaces what is kept under its id. */
    void save(Operation operation);

    Optional<Operation> find(OperationId id);

    /**
     * Newest first by start, then id.
     *
     * @param after continues behind this operation; empty begins with the newest
     * @param limit at most so many, at least 1
     */
    List<Operation> list(Filter filter, Optional<Operation> after, int limit);

    /** Those that are not in a final state: after a start, the ones that a crash cut off. */
    List<Operation> unfinished();

    /** The last one that made a backup of the database with success. */
    Optional<Operation> lastBackup(DatabaseName database);

    /**
     * Ties an idempotency key to an operation for good, unless it is tied already.
     *
     * @param scope who uses the key; the same key of another user is another key
     * @param fingerprint what was asked for; equal for equal requests
     * @param keptSince keys claimed before this are forgotten first
     */
    Claim claim(String scope, String key, String fingerprint, OperationId id, Instant now, Instant keptSince);

    /**
     * Removes the ended operations that ended before {@code endedBefore}, and those beyond the {@code keep} newest
     * ended ones. Stays in any case: what is not in a final state, the newest of each kind for each database, the one
     * that {@link #lastBackup} answers, and what a key that is not forgotten yet is tied to, which would else be done
     * again if the request were sent again.
     *
     * @param keep at least 1
     * @return how many were removed
     */
    int trim(Instant endedBefore, int keep);

    /** All that is set has to fit. */
    record Filter(
            Optional<DatabaseName> database,
            Optional<OperationState> state,
            Optional<OperationKind> kind,
            Optional<String> requestedBy) {
        public static final Filter ALL = new Filter(Optional.empty(), Optional.empty());

        /** Of every kind, whoever asked. */
        public Filter(Optional<DatabaseName> database, Optional<OperationState> state) {
            this(database, state, Optional.empty(), Optional.empty());
        }
    }

    /** Whose the key is. */
    sealed interface Claim {
        record New() implements Claim {}

        /** The same request came before and became this operation. */
        record Repeated(OperationId id) implements Claim {}

        /** The key came with another request. */
        record Conflicting() implements Claim {}
    }
}
