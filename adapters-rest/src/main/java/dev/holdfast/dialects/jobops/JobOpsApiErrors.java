package dev.holdfast.dialects.jobops;

import dev.holdfast.domain.operation.Failure;
import dev.holdfast.domain.problem.Problem;
import dev.holdfast.domain.problem.ProblemCode;
import dev.holdfast.http.request.UnfinishedBody;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The problems of all use cases in JobOps' words. Like it, this tells what failed; but never an exception's text. */
public final class JobOpsApiErrors {
    private static final Logger LOG = LoggerFactory.getLogger(JobOpsApiErrors.class);

    private JobOpsApiErrors() {}

    /** @param name of the backup that the call is about, as the client wrote it */
    public static JobOpsApiError of(Problem problem, String name) {
        if (problem instanceof Problem.Internal(Throwable cause)) {
            UnfinishedBody.report(LOG, "A call of the JobOps API failed", cause);
        }
        return of(problem.code(), problem.detail(), name);
    }

    /** The problem that an operation ended with, whose code was kept as text; it has been logged. */
    public static JobOpsApiError of(Failure failure, String name) {
        return Stream.of(ProblemCode.values())
                .filter(it -> it.id().equals(failure.code()))
                .findAny()
                .map(it -> of(it, failure.detail(), name))
                .orElseGet(() -> JobOpsApiError.of(500, failure.detail()));
    }

    private static JobOpsApiError of(ProblemCode code, String detail, String name) {
        return switch (code) {
            case INVALID_FILENAME -> JobOpsApiError.of(400, "Invalid backup filename");
            case BACKUP_NOT_FOUND -> JobOpsApiError.of(404, "Backup not found: " + name);
            case FILENAME_TAKEN -> JobOpsApiError.of(500, "Failed to create unique manual backup filename");
            case INVALID_ARGUMENT, UNSUPPORTED_MEDIA_TYPE -> JobOpsApiError.of(400, detail);
            case UNAUTHENTICATED -> JobOpsApiError.of(401, "Invalid credentials");
            case PERMISSION_DENIED -> JobOpsApiError.of(403, detail);
            case OPERATION_IN_PROGRESS, BACKUP_IN_USE, BACKUP_PINNED, IDEMPOTENCY_CONFLICT, LOCATION_CHANGED ->
                JobOpsApiError.of(409, detail);
            case PRECONDITION_FAILED -> JobOpsApiError.of(412, detail);
            case TOO_MANY_ATTEMPTS -> JobOpsApiError.of(503, detail);
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
                    OPERATION_NOT_FOUND -> JobOpsApiError.of(500, detail);
            case INTERNAL -> JobOpsApiError.INTERNAL;
        };
    }
}
