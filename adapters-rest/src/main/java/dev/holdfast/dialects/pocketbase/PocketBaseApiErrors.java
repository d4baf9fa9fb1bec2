package dev.holdfast.dialects.pocketbase;

import dev.holdfast.domain.operation.Failure;
import dev.holdfast.domain.problem.Problem;
import dev.holdfast.domain.problem.ProblemCode;
import dev.holdfast.http.request.UnfinishedBody;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The problems of all use cases in PocketBase's words. Like it, this tells little to clients and the rest to the log. */
public final class PocketBaseApiErrors {
    private static final Logger LOG = LoggerFactory.getLogger(PocketBaseApiErrors.class);

    private PocketBaseApiErrors() {}

    /** @param name of the backup, as the client wrote it */
    public static PocketBaseApiError of(PocketBaseCall call, Problem problem, String name) {
        if (problem instanceof Problem.Internal(Throwable cause)) {
            UnfinishedBody.report(LOG, call.failed(), cause);
        } else {
            LOG.debug("{} {}: {}", call.failed(), problem.code().id(), problem.detail());
        }
        return of(call, problem.code(), name);
    }

    /** The problem that an operation ended with, whose code was kept as text; it has been logged. */
    public static PocketBaseApiError of(PocketBaseCall call, Failure failure, String name) {
        return of(
                call,
                Stream.of(ProblemCode.values())
                        .filter(it -> it.id().equals(failure.code()))
                        .findAny()
                        .orElse(ProblemCode.INTERNAL),
                name);
    }

    private static PocketBaseApiError of(PocketBaseCall call, ProblemCode code, String name) {
        return switch (code) {
            case OPERATION_IN_PROGRESS -> call == PocketBaseCall.UPLOAD ? failed(call) : PocketBaseApiError.BUSY;
            case FILENAME_TAKEN -> taken(call);
            case BACKUP_NOT_FOUND, INVALID_FILENAME -> missing(call, name);
            case BACKUP_IN_USE -> PocketBaseApiError.bad("The backup is currently being used and cannot be deleted.");
            case BACKUP_PINNED -> PocketBaseApiError.bad("The backup is pinned and cannot be deleted.");
            case UPLOAD_TOO_LARGE -> PocketBaseApiError.of(413);
            case INVALID_ARGUMENT, UNSUPPORTED_MEDIA_TYPE ->
                call == PocketBaseCall.UPLOAD ? PocketBaseApiError.invalid(FieldErrors.blank("file")) : failed(call);
            case NOT_A_DATABASE -> call == PocketBaseCall.UPLOAD ? notZip(name) : failed(call);
            case BACKUP_CORRUPT, BACKUP_INCOMPATIBLE -> call == PocketBaseCall.UPLOAD ? notBackup() : failed(call);
            case TOO_MANY_ATTEMPTS -> PocketBaseApiError.of(429);
            case UNAUTHENTICATED -> call == PocketBaseCall.SIGN_IN ? failed(call) : PocketBaseApiError.of(401);
            case PERMISSION_DENIED -> PocketBaseApiError.of(403);
            case STORE_UNAVAILABLE -> unavailable(call);
            case SOURCE_NOT_FOUND,
                    SOURCE_NOT_ACCESSIBLE,
                    SOURCE_CORRUPT,
                    SOURCE_BUSY,
                    INSUFFICIENT_STORAGE,
                    INTERNAL,
                    DATABASE_NOT_FOUND,
                    STORE_NOT_FOUND,
                    OPERATION_NOT_FOUND,
                    LOCATION_CHANGED,
                    PRECONDITION_FAILED,
                    IDEMPOTENCY_CONFLICT -> failed(call);
        };
    }

    private static PocketBaseApiError failed(PocketBaseCall call) {
        return switch (call) {
            case LIST, DELETE ->
                PocketBaseApiError.bad(call.failed() + " Raw error: \nthe server's log has the cause.");
            case DOWNLOAD -> PocketBaseApiError.of(500, call.failed());
            case CREATE, UPLOAD, RESTORE, SIGN_IN, SETTINGS -> PocketBaseApiError.bad(call.failed());
        };
    }

    private static PocketBaseApiError unavailable(PocketBaseCall call) {
        String message = "Failed to load backups filesystem.";
        return switch (call) {
            case LIST -> PocketBaseApiError.bad(message);
            case DELETE, RESTORE, DOWNLOAD -> PocketBaseApiError.of(500, message);
            case CREATE, UPLOAD, SIGN_IN, SETTINGS -> failed(call);
        };
    }

    private static PocketBaseApiError taken(PocketBaseCall call) {
        return PocketBaseApiError.invalid(
                call == PocketBaseCall.UPLOAD
                        ? FieldErrors.of(
                                "file",
                                "validation_backup_name_exists",
                                "Backup file with the specified name already exists.")
                        : FieldErrors.of(
                                "name",
                                "validation_backup_name_exists",
                                "The backup file name is invalid or already exists."));
    }

    private static PocketBaseApiError missing(PocketBaseCall call, String name) {
        return switch (call) {
            case DELETE ->
                PocketBaseApiError.bad(call.failed() + " Raw error: \n[key: " + name
                        + "] no such file or directory\nresource not found.");
            case RESTORE -> PocketBaseApiError.bad(call.failed());
            case DOWNLOAD, LIST, CREATE, UPLOAD, SIGN_IN, SETTINGS -> PocketBaseApiError.NOT_FOUND;
        };
    }

    private static PocketBaseApiError notZip(String name) {
        return PocketBaseApiError.invalid(FieldErrors.of(
                "file",
                "validation_invalid_mime_type",
                "\"" + Normalized.of(name) + "\" mime type must be one of: application/zip."));
    }

    private static PocketBaseApiError notBackup() {
        return PocketBaseApiError.invalid(FieldErrors.of(
                "file", "validation_invalid_backup", "The file is not a valid backup of this database."));
    }
}
