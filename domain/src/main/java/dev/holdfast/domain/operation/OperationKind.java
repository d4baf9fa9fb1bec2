package dev.holdfast.domain.operation;

/** What an operation does. */
public enum OperationKind {
    BACKUP,
    RESTORE,
    VERIFY;

    /** Whether it adds or replaces data; of those, one at a time runs on a database. */
    public boolean changes() {
        return this != VERIFY;
    }
}
