package dev.holdfast.domain.operation;

/** What an operation does. */
public enum OperationKind {
    BACKUP,
    RESTORE,
    VERIFY,
    /** Removes the backups that the plan's retention does not keep. */
    EXPIRE,
    /** Restores the newest backup into a scratch directory, to see whether it can be done. */
    DRILL;

    /** Whether it adds, replaces or removes data; of those, one at a time runs on a database. */
    public boolean changes() {
        return switch (this) {
            case BACKUP, RESTORE, EXPIRE -> true;
            case VERIFY, DRILL -> false;
        };
    }
}
