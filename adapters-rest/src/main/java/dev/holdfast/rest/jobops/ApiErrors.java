package dev.holdfast.rest.jobops;

import dev.holdfast.domain.operation.Failure;
import dev.holdfast.domain.problem.Code;
import dev.holdfast.domain.problem.Problem;
import dev.holdfast.rest.request.UnfinishedBody;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The problems of all use cases in JobOps' words. Like it, this tells what failed; but never an exception's text. */
final class ApiErrors {
    private static final Logger LOG = LoggerFactory.getLogger(ApiErrors.class);

    private ApiErrors() {}

    /** @param name of the backup that the call is about, as the client wrote it */
    static ApiError of(Problem problem, String name) {
        if (problem instanceof Problem.Internal(Throwable cause)) {
            UnfinishedBody.report(LOG, "A call of the JobOps API failed", cause);
        }
        return of(problem.code(), problem.detail(), name);
    }

    /** The problem that an operation ended with, whose code was kept as text; it has been logged. */
    static ApiError of(Failure failure, String name) {
        return Stream.of(Code.values())
                .filter(it -> it.id().equals(failure.code()))
                .findAny()
                .map(it -> of(it, failure.detail(), name))
                .orElseGet(() -> ApiError.of(500, failure.detail()));
    }

    private static ApiError of(Code code, String detail, String name) {
        return switch (code) {
            case INVALID_FILENAME -> ApiError.of(400, "Invalid backup filename");
            case BACKUP_NOT_FOUND -> ApiError.of(404, "Backup not found: " + name);
            case FILENAME_TAKEN -> ApiError.of(500, "Failed to create unique manual backup filename");
            case INVALID_ARGUMENT, UNSUPPORTED_MEDIA_TYPE -> ApiError.of(400, detail);
            case UNAUTHENTICATED -> ApiError.of(401, "Invalid credentials");
            case PERMISSION_DENIED -> ApiError.of(403, detail);
            case OPERATION_IN_PROGRESS, BACKUP_IN_USE, BACKUP_PINNED, IDEMPOTENCY_CONFLICT, LOCATION_CHANGED ->
                ApiError.of(409, detail);
            case PRECONDITION_FAILED -> ApiError.of(412, detail);
            case TOO_MANY_ATTEMPTS -> ApiError.of(503, detail);
            case NOT_A_DATABASE,
                    SOURCE_NOT_FOUND,
                    SOURCE_NOT_ACCESSIBLE,
                    SOURCE_CORRUPT,
                    SOURCE_BUSY,
                    BACKUP_CORRUPT,
                    BACKUP_INCOMPATIBLE,
                    STORE_UNAVAILABLE,
                    INSUFFICIENT_STORAGE,
                    UPLOAD_TOO_LARGE,
                    DATABASE_NOT_FOUND,
                    STORE_NOT_FOUND,
                    OPERATION_NOT_FOUND -> ApiError.of(500, detail);
            case INTERNAL -> ApiError.INTERNAL;
        };
    }
}
