package dev.holdfast.domain.problem;

import java.util.Locale;

/**
 * The stable codes of everything a use case may refuse or fail with. One catalogue: REST, gRPC, the dialects and the
 * documentation read it.
 */
public enum ProblemCode {
    INVALID_FILENAME("The backup's name is not one that this database's backups can have"),
    INVALID_ARGUMENT("A value in the request is not allowed"),
    UNAUTHENTICATED("The request does not say who asks, or not credibly"),
    PERMISSION_DENIED("Who asks may not do this"),
    DATABASE_NOT_FOUND("No database is registered under this name"),
    BACKUP_NOT_FOUND("There is no such backup"),
    OPERATION_NOT_FOUND("There is no such operation"),
    STORE_NOT_FOUND("There is no such store"),
    SOURCE_NOT_FOUND("A file of the database does not exist"),
    OPERATION_IN_PROGRESS("Another operation is running on this database"),
    FILENAME_TAKEN("There is a backup of this name already"),
    BACKUP_IN_USE("The backup is being read"),
    BACKUP_PINNED("The backup is pinned"),
    LOCATION_CHANGED("A path of the database leads to another place than before"),
    PRECONDITION_FAILED("Something is not as the request expects"),
    IDEMPOTENCY_CONFLICT("The idempotency key was used for another request"),
    UPLOAD_TOO_LARGE("The upload is larger than allowed"),
    UNSUPPORTED_MEDIA_TYPE("The request's content type is not one that this call takes"),
    NOT_A_DATABASE("The file is not a SQLite database"),
    SOURCE_NOT_ACCESSIBLE("A file of the database cannot be read or written safely"),
    SOURCE_CORRUPT("What is to be backed up is damaged or cannot be read"),
    BACKUP_CORRUPT("The backup is not what was written"),
    BACKUP_INCOMPATIBLE("The backup cannot go into this database"),
    TOO_MANY_ATTEMPTS("Too many sign-ins have failed; wait before the next one"),
    INTERNAL("Something failed that should not; the log has the cause"),
    STORE_UNAVAILABLE("The place where the backups lie does not answer or refuses"),
    SOURCE_BUSY("The database stayed locked by another program"),
    INSUFFICIENT_STORAGE("There is not enough free space");

    private final String title;

    ProblemCode(String title) {
        this.title = title;
    }

    /** What the code means whatever the case, as one line for people. */
    public String title() {
        return title;
    }

    /** As the APIs write it: {@code backup-not-found}. */
    public String id() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
