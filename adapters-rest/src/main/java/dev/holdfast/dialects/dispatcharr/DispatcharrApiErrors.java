package dev.holdfast.dialects.dispatcharr;

import dev.holdfast.domain.operation.Failure;
import dev.holdfast.domain.problem.Problem;
import dev.holdfast.domain.problem.ProblemCode;
import dev.holdfast.http.request.UnfinishedBody;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The problems of all use cases in Dispatcharr's words. */
public final class DispatcharrApiErrors {
    private static final Logger LOG = LoggerFactory.getLogger(DispatcharrApiErrors.class);

    private DispatcharrApiErrors() {}

    public static DispatcharrApiError of(DispatcharrCall call, Problem problem) {
        if (problem instanceof Problem.Internal(Throwable cause)) {
            UnfinishedBody.report(LOG, call.toString(), cause);
        }
        return of(call, problem.code(), problem.detail());
    }

    /** The problem that an operation ended with, whose code was kept as text; it has been logged. */
    public static DispatcharrApiError of(DispatcharrCall call, Failure failure) {
        return of(
                call,
                Stream.of(ProblemCode.values())
                        .filter(it -> it.id().equals(failure.code()))
                        .findAny()
                        .orElse(ProblemCode.INTERNAL),
                failure.detail());
    }

    private static DispatcharrApiError of(DispatcharrCall call, ProblemCode code, String detail) {
        return switch (code) {
            case BACKUP_NOT_FOUND, INVALID_FILENAME -> DispatcharrApiError.UNKNOWN_NAME;
            case OPERATION_IN_PROGRESS, BACKUP_IN_USE, BACKUP_PINNED, FILENAME_TAKEN, LOCATION_CHANGED ->
                DispatcharrApiError.detail(409, call.failed(detail));
            case UPLOAD_TOO_LARGE -> DispatcharrApiError.detail(413, call.failed(detail));
            case UNSUPPORTED_MEDIA_TYPE -> DispatcharrApiError.detail(415, call.failed(detail));
            case INVALID_ARGUMENT, NOT_A_DATABASE -> DispatcharrApiError.detail(400, call.failed(detail));
            case BACKUP_CORRUPT, BACKUP_INCOMPATIBLE ->
                DispatcharrApiError.detail(call == DispatcharrCall.UPLOAD ? 400 : 500, call.failed(detail));
            case UNAUTHENTICATED -> DispatcharrApiError.NOT_SIGNED_IN;
            case PERMISSION_DENIED -> DispatcharrApiError.NOT_ALLOWED;
            case TOO_MANY_ATTEMPTS -> DispatcharrApiError.detail(429, detail);
            case DATABASE_NOT_FOUND,
                    STORE_NOT_FOUND,
                    OPERATION_NOT_FOUND,
                    IDEMPOTENCY_CONFLICT,
                    PRECONDITION_FAILED,
                    SOURCE_NOT_FOUND,
                    SOURCE_NOT_ACCESSIBLE,
                    SOURCE_CORRUPT,
                    SOURCE_BUSY,
                    STORE_UNAVAILABLE,
                    INSUFFICIENT_STORAGE,
                    INTERNAL -> DispatcharrApiError.detail(500, call.failed(detail));
        };
    }
}
