package dev.holdfast.domain.operation;

/** The step that an operation is in. Not every operation goes through every phase; the order here is the order of work. */
public enum Phase {
    /** Accepted; no work yet. */
    STARTING,
    /** A client's bytes come in. */
    RECEIVING,
    /** The chosen backup's bytes are compared with the recorded SHA-256 and checked. */
    CHECKING_BACKUP,
    /** A read lock on the source is waited for. */
    LOCKING_SOURCE,
    /** The source's bytes are copied into the store. */
    COPYING,
    /** The copy is checked before it is listed. */
    CHECKING_COPY,
    /** The copy is given its name. */
    PUBLISHING,
    /** Backups that are not to be kept are removed. */
    REMOVING,
    /** The backup's content goes into the live database. From here on a cancellation comes too late. */
    REPLACING,
    /** What is in the live database is compared with the backup. */
    COMPARING;

    /** Whether an operation in this phase still stops when it is asked to. */
    public boolean isCancellable() {
        return compareTo(REPLACING) < 0;
    }
}
