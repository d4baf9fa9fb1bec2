package dev.holdfast.grpc.problem;

import dev.holdfast.domain.problem.ProblemCode;
import io.grpc.Status;

/** Which gRPC status a code is answered with. The only place that knows. */
public final class GrpcStatuses {
    private GrpcStatuses() {}

    public static Status.Code of(ProblemCode code) {
        return switch (code) {
            case INVALID_FILENAME, INVALID_ARGUMENT, UNSUPPORTED_MEDIA_TYPE -> Status.Code.INVALID_ARGUMENT;
            case UNAUTHENTICATED -> Status.Code.UNAUTHENTICATED;
            case PERMISSION_DENIED -> Status.Code.PERMISSION_DENIED;
            case DATABASE_NOT_FOUND, BACKUP_NOT_FOUND, OPERATION_NOT_FOUND, STORE_NOT_FOUND, SOURCE_NOT_FOUND ->
                Status.Code.NOT_FOUND;
            case FILENAME_TAKEN -> Status.Code.ALREADY_EXISTS;
            case OPERATION_IN_PROGRESS,
                    BACKUP_IN_USE,
                    BACKUP_PINNED,
                    IDEMPOTENCY_CONFLICT,
                    LOCATION_CHANGED,
                    NOT_A_DATABASE,
                    SOURCE_NOT_ACCESSIBLE,
                    BACKUP_INCOMPATIBLE -> Status.Code.FAILED_PRECONDITION;
            case PRECONDITION_FAILED -> Status.Code.ABORTED;
            case SOURCE_CORRUPT, BACKUP_CORRUPT -> Status.Code.DATA_LOSS;
            case UPLOAD_TOO_LARGE, TOO_MANY_ATTEMPTS, INSUFFICIENT_STORAGE -> Status.Code.RESOURCE_EXHAUSTED;
            case INTERNAL -> Status.Code.INTERNAL;
            // The one status that clients repeat by themselves.
            case STORE_UNAVAILABLE, SOURCE_BUSY -> Status.Code.UNAVAILABLE;
        };
    }
}
