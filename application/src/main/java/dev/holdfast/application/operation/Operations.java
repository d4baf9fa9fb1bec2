package dev.holdfast.application.operation;

import dev.holdfast.application.Outcome;
import dev.holdfast.domain.identity.DatabaseName;
import dev.holdfast.domain.identity.OperationId;
import dev.holdfast.domain.operation.Operation;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * The operations that run and that ran. Safe for use by several threads. None of these calls stops an operation but
 * {@link #cancel}; a caller that goes away stops nothing.
 */
public interface Operations {
    int DEFAULT_PAGE = 100;
    int LARGEST_PAGE = 1000;

    /** @param id as a client sent it */
    Outcome<Operation> find(String id);

    /** Newest first. {@code pageSize} of 0 means the default, larger than {@link #LARGEST_PAGE} is lowered. */
    Outcome<Page> list(OperationLog.Filter filter, int pageSize, String pageToken);

    /**
     * Asks a running operation to stop, and answers at once. It ends as cancelled, or as succeeded if the request came
     * too late. Asking again changes nothing; a finished operation is answered as it is.
     */
    Outcome<Operation> cancel(String id);

    /**
     * Waits until the operation has a revision above {@code revision}.
     *
     * @return it, or empty if the time ran out
     */
    Optional<Operation> awaitChange(OperationId id, long revision, Duration atMost) throws InterruptedException;

    /** Waits, as long as it takes, until the operation has ended; the work itself has bounds. */
    Operation awaitEnd(OperationId id) throws InterruptedException;

    /**
     * Waits until an operation has changed behind the position; for a position that cannot be gone on from, the first
     * one for example, there is nothing to wait for. Changes that nobody has fetched are not queued: each operation is
     * told once, as it stands now.
     *
     * @param database only its operations; empty for all
     * @param position from an earlier answer of this run of the server; any other text stands for the beginning
     */
    Changes awaitChanges(Optional<DatabaseName> database, String position, Duration atMost) throws InterruptedException;

    /**
     * @param anew whether the position could not be gone on from. The changes are then all that runs now, and what has
     *     ended since the position is to be looked for in the {@link #list}
     * @param changes in their order; none if the time ran out
     * @param position behind all of them
     */
    record Changes(boolean anew, List<Change> changes, String position) {}

    /** @param position behind this one */
    record Change(String position, Operation operation) {}

    /** @param nextPageToken empty on the last page */
    record Page(List<Operation> operations, String nextPageToken) {}
}
