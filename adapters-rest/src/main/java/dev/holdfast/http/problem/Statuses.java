package dev.holdfast.http.problem;

import dev.holdfast.domain.problem.ProblemCode;
import io.micronaut.http.HttpStatus;
import java.util.OptionalInt;

/** Which HTTP status a code is answered with. The only place that knows. */
final class Statuses {
    private static final int SOON_SECONDS = 5;

    private Statuses() {}

    public static HttpStatus of(ProblemCode code) {
        return switch (code) {
            case INVALID_FILENAME, INVALID_ARGUMENT -> HttpStatus.BAD_REQUEST;
            case UNAUTHENTICATED -> HttpStatus.UNAUTHORIZED;
            case PERMISSION_DENIED -> HttpStatus.FORBIDDEN;
            case DATABASE_NOT_FOUND, BACKUP_NOT_FOUND, OPERATION_NOT_FOUND, STORE_NOT_FOUND, SOURCE_NOT_FOUND ->
                HttpStatus.NOT_FOUND;
            case OPERATION_IN_PROGRESS,
                    FILENAME_TAKEN,
                    BACKUP_IN_USE,
                    BACKUP_PINNED,
                    IDEMPOTENCY_CONFLICT,
                    LOCATION_CHANGED -> HttpStatus.CONFLICT;
            case PRECONDITION_FAILED -> HttpStatus.PRECONDITION_FAILED;
            case UPLOAD_TOO_LARGE -> HttpStatus.REQUEST_ENTITY_TOO_LARGE;
            case UNSUPPORTED_MEDIA_TYPE -> HttpStatus.UNSUPPORTED_MEDIA_TYPE;
            case NOT_A_DATABASE, SOURCE_NOT_ACCESSIBLE, SOURCE_CORRUPT, BACKUP_CORRUPT, BACKUP_INCOMPATIBLE ->
                HttpStatus.UNPROCESSABLE_ENTITY;
            case TOO_MANY_ATTEMPTS -> HttpStatus.TOO_MANY_REQUESTS;
            case INTERNAL -> HttpStatus.INTERNAL_SERVER_ERROR;
            case STORE_UNAVAILABLE, SOURCE_BUSY -> HttpStatus.SERVICE_UNAVAILABLE;
            case INSUFFICIENT_STORAGE -> HttpStatus.INSUFFICIENT_STORAGE;
        };
    }

    /** After how many seconds the same request may fare better, for what passes by itself. */
    static OptionalInt retryAfter(HttpStatus status) {
        return status == HttpStatus.SERVICE_UNAVAILABLE ? OptionalInt.of(SOON_SECONDS) : OptionalInt.empty();
    }
}
