package dev.holdfast.domain.operation;

/** What an operation does. */
public enum OperationKind {
    BACKUP,
    RESTORE,
    VERIFY,
    /** Removes the backups that the plan's retention does not keep. */
    EXPIRE,
    /** Restores the newest backup into a scratch directory, to see whether it can be done. */
    DRILL,
    /** Takes in an artifact that somebody sends. */
    UPLOAD;

    /** Of the operations on one track, one at a time runs on a database. */
    public Track track() {
        return switch (this) {
            case BACKUP, RESTORE, EXPIRE -> Track.CHANGING;
            case VERIFY, DRILL -> Track.CHECKING;
            case UPLOAD -> Track.RECEIVING;
        };
    }

    /** What operations would get into each other's way with. */
    public enum Track {
        /** The database, or which backups of it there are. */
        CHANGING,
        /** Only the disk's time. */
        CHECKING,
        /** As slow as the client that sends; what it adds has a name of its own, so nothing else need wait for it. */
        RECEIVING
    }
}
