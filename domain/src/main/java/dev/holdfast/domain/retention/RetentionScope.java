package dev.holdfast.domain.retention;

import dev.holdfast.domain.backup.Backup;
import dev.holdfast.domain.backup.Origin;
import dev.holdfast.domain.profile.Naming;
import dev.holdfast.domain.profile.Profile;

/** Which of a database's backups retention counts and may remove. All others are not its business. */
public enum RetentionScope {
    /** Those that a plan made here. */
    AUTOMATIC_ONLY,
    /**
     * Those whose name says that a plan made them, as PocketBase and JobOps have it, so that an uploaded one counts. Not
     * a file that somebody else put there, nor a safety backup, whatever they are called: the originals would remove
     * such a file, but what Holdfast did not write is not Holdfast's to expire.
     */
    AUTOMATIC_BY_NAME,
    /**
     * All that Holdfast has made or was sent: with Dispatcharr also what was made by hand or uploaded counts and goes. The
     * last safety backup stays all the same. A file that Holdfast did not write is left alone.
     */
    EVERYTHING;

    public static RetentionScope of(Profile profile) {
        return switch (profile) {
            case NATIVE -> AUTOMATIC_ONLY;
            case POCKETBASE, JOBOPS -> AUTOMATIC_BY_NAME;
            case DISPATCHARR -> EVERYTHING;
        };
    }

    /** @param naming of the database that the backup is of */
    boolean contains(Backup backup, Naming naming) {
        return switch (this) {
            case AUTOMATIC_ONLY -> backup.origin() == Origin.AUTOMATIC;
            case AUTOMATIC_BY_NAME -> isOurs(backup.origin()) && naming.isAutomatic(backup.key());
            case EVERYTHING -> backup.origin() != Origin.EXTERNAL;
        };
    }

    private static boolean isOurs(Origin origin) {
        return switch (origin) {
            case AUTOMATIC, MANUAL, UPLOADED -> true;
            case SAFETY, EXTERNAL -> false;
        };
    }
}
