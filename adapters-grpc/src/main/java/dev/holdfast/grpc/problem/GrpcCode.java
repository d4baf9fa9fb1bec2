package dev.holdfast.grpc.problem;

import io.grpc.Status;
import java.util.Locale;

/** The codes of what only a gRPC call can be refused with, in addition to {@link dev.holdfast.domain.problem.ProblemCode}. */
public enum GrpcCode {
    /** Somebody cancelled the operation that was waited for. */
    OPERATION_CANCELLED(Status.Code.ABORTED),
    /** The server ended before the work did. */
    INTERRUPTED(Status.Code.UNAVAILABLE),
    /** The offset lies behind the backup's end. */
    RANGE_NOT_SATISFIABLE(Status.Code.OUT_OF_RANGE),
    /** As many operations are watched as this server allows. */
    TOO_MANY_STREAMS(Status.Code.RESOURCE_EXHAUSTED),
    /** The client took nothing for too long. */
    STREAM_STALLED(Status.Code.DEADLINE_EXCEEDED);

    private final Status.Code status;

    GrpcCode(Status.Code status) {
        this.status = status;
    }

    public Status.Code status() {
        return status;
    }

    /** As the other APIs write it: {@code operation-cancelled}. */
    String id() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
