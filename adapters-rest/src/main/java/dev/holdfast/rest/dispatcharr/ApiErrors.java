package dev.holdfast.rest.dispatcharr;

import dev.holdfast.domain.operation.Failure;
import dev.holdfast.domain.problem.Code;
import dev.holdfast.domain.problem.Problem;
import dev.holdfast.rest.request.UnfinishedBody;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The problems of all use cases in Dispatcharr's words. */
final class ApiErrors {
    private static final Logger LOG = LoggerFactory.getLogger(ApiErrors.class);

    private ApiErrors() {}

    static ApiError of(Call call, Problem problem) {
        if (problem instanceof Problem.Internal(Throwable cause)) {
            UnfinishedBody.report(LOG, call.toString(), cause);
        }
        return of(call, problem.code(), problem.detail());
    }

    /** The problem that an operation ended with, whose code was kept as text; it has been logged. */
    static ApiError of(Call call, Failure failure) {
        return of(
                call,
                Stream.of(Code.values())
                        .filter(it -> it.id().equals(failure.code()))
                        .findAny()
                        .orElse(Code.INTERNAL),
                failure.detail());
    }

    private static ApiError of(Call call, Code code, String detail) {
        return switch (code) {
            case BACKUP_NOT_FOUND, INVALID_FILENAME -> ApiError.UNKNOWN_NAME;
            case OPERATION_IN_PROGRESS, BACKUP_IN_USE, BACKUP_PINNED, FILENAME_TAKEN, LOCATION_CHANGED ->
                ApiError.detail(409, call.failed(detail));
            case UPLOAD_TOO_LARGE -> ApiError.detail(413, call.failed(detail));
            case UNSUPPORTED_MEDIA_TYPE -> ApiError.detail(415, call.failed(detail));
            case INVALID_ARGUMENT, NOT_A_DATABASE -> ApiError.detail(400, call.failed(detail));
            case BACKUP_CORRUPT, BACKUP_INCOMPATIBLE ->
                ApiError.detail(call == Call.UPLOAD ? 400 : 500, call.failed(detail));
            case UNAUTHENTICATED -> ApiError.NOT_SIGNED_IN;
            case PERMISSION_DENIED -> ApiError.NOT_ALLOWED;
            case TOO_MANY_ATTEMPTS -> ApiError.detail(429, detail);
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
                    INTERNAL -> ApiError.detail(500, call.failed(detail));
        };
    }
}
