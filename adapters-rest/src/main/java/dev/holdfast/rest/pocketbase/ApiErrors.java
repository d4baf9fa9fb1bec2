package dev.holdfast.rest.pocketbase;

import dev.holdfast.domain.operation.Failure;
import dev.holdfast.domain.problem.Code;
import dev.holdfast.domain.problem.Problem;
import dev.holdfast.rest.request.UnfinishedBody;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The problems of all use cases in PocketBase's words. Like it, this tells little to clients and the rest to the log. */
final class ApiErrors {
    private static final Logger LOG = LoggerFactory.getLogger(ApiErrors.class);

    private ApiErrors() {}

    /** @param name of the backup, as the client wrote it */
    static ApiError of(Call call, Problem problem, String name) {
        if (problem instanceof Problem.Internal(Throwable cause)) {
            UnfinishedBody.report(LOG, call.failed(), cause);
        } else {
            LOG.debug("{} {}: {}", call.failed(), problem.code().id(), problem.detail());
        }
        return of(call, problem.code(), name);
    }

    /** The problem that an operation ended with, whose code was kept as text; it has been logged. */
    static ApiError of(Call call, Failure failure, String name) {
        return of(
                call,
                Stream.of(Code.values())
                        .filter(it -> it.id().equals(failure.code()))
                        .findAny()
                        .orElse(Code.INTERNAL),
                name);
    }

    private static ApiError of(Call call, Code code, String name) {
        return switch (code) {
            case OPERATION_IN_PROGRESS -> call == Call.UPLOAD ? failed(call) : ApiError.BUSY;
            case FILENAME_TAKEN -> taken(call);
            case BACKUP_NOT_FOUND, INVALID_FILENAME -> missing(call, name);
            case BACKUP_IN_USE -> ApiError.bad("The backup is currently being used and cannot be deleted.");
            case BACKUP_PINNED -> ApiError.bad("The backup is pinned and cannot be deleted.");
            case UPLOAD_TOO_LARGE -> ApiError.of(413);
            case INVALID_ARGUMENT, UNSUPPORTED_MEDIA_TYPE ->
                call == Call.UPLOAD ? ApiError.invalid(FieldErrors.blank("file")) : failed(call);
            case NOT_A_DATABASE -> call == Call.UPLOAD ? notZip(name) : failed(call);
            case BACKUP_CORRUPT, BACKUP_INCOMPATIBLE -> call == Call.UPLOAD ? notBackup() : failed(call);
            case TOO_MANY_ATTEMPTS -> ApiError.of(429);
            case UNAUTHENTICATED -> call == Call.SIGN_IN ? failed(call) : ApiError.of(401);
            case PERMISSION_DENIED -> ApiError.of(403);
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

    private static ApiError failed(Call call) {
        return switch (call) {
            case LIST, DELETE -> ApiError.bad(call.failed() + " Raw error: \nthe server's log has the cause.");
            case DOWNLOAD -> ApiError.of(500, call.failed());
            case CREATE, UPLOAD, RESTORE, SIGN_IN, SETTINGS -> ApiError.bad(call.failed());
        };
    }

    private static ApiError unavailable(Call call) {
        String message = "Failed to load backups filesystem.";
        return switch (call) {
            case LIST -> ApiError.bad(message);
            case DELETE, RESTORE, DOWNLOAD -> ApiError.of(500, message);
            case CREATE, UPLOAD, SIGN_IN, SETTINGS -> failed(call);
        };
    }

    private static ApiError taken(Call call) {
        return ApiError.invalid(
                call == Call.UPLOAD
                        ? FieldErrors.of(
                                "file",
                                "validation_backup_name_exists",
                                "Backup file with the specified name already exists.")
                        : FieldErrors.of(
                                "name",
                                "validation_backup_name_exists",
                                "The backup file name is invalid or already exists."));
    }

    private static ApiError missing(Call call, String name) {
        return switch (call) {
            case DELETE ->
                ApiError.bad(call.failed() + " Raw error: \n[key: " + name
                        + "] no such file or directory\nresource not found.");
            case RESTORE -> ApiError.bad(call.failed());
            case DOWNLOAD, LIST, CREATE, UPLOAD, SIGN_IN, SETTINGS -> ApiError.NOT_FOUND;
        };
    }

    private static ApiError notZip(String name) {
        return ApiError.invalid(FieldErrors.of(
                "file",
                "validation_invalid_mime_type",
                "\"" + Normalized.of(name) + "\" mime type must be one of: application/zip."));
    }

    private static ApiError notBackup() {
        return ApiError.invalid(FieldErrors.of(
                "file", "validation_invalid_backup", "The file is not a valid backup of this database."));
    }
}
