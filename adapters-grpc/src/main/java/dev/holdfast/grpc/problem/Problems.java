package dev.holdfast.grpc.problem;

import com.google.protobuf.Any;
import com.google.protobuf.Message;
import com.google.rpc.BadRequest;
import com.google.rpc.ErrorInfo;
import com.google.rpc.RetryInfo;
import dev.holdfast.domain.identity.OperationId;
import dev.holdfast.domain.operation.Failure;
import dev.holdfast.domain.operation.Operation;
import dev.holdfast.domain.problem.Problem;
import dev.holdfast.domain.problem.ProblemCode;
import dev.holdfast.grpc.message.ProtoTimestamps;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Makes the errors that tell of a problem: {@code google.rpc.Status} with an {@code ErrorInfo}, whose reason is the
 * code in upper case and whose metadata hold it as the other APIs write it. All errors of this server leave through here.
 */
public final class Problems {
    static final String DOMAIN = "holdfast.dev";
    /** The metadata's names. */
    static final String CODE = "code";

    static final String OPERATION = "operation";

    private static final Logger LOG = System.getLogger(Problems.class.getName());
    /** After which the same request may fare better, for what passes by itself. */
    private static final Duration SOON = Duration.ofSeconds(5);

    private Problems() {}

    /** An {@code Internal} problem's cause goes to the log, never to the client. */
    public static StatusRuntimeException of(Problem problem) {
        return error(problem).exception();
    }

    private static Answer error(Problem problem) {
        var error = new Answer(problem.code(), problem.detail());
        return switch (problem) {
            case Problem.InvalidArgument(String field, String detail) -> error.with(violation(field, detail));
            case Problem.InvalidFilename(String detail) -> error.with(violation("filename", detail));
            case Problem.OperationInProgress(var _, OperationId running) ->
                error.about(running).with(retry(SOON));
            case Problem.TooManyAttempts(Duration after) -> error.with(retry(after));
            case Problem.StoreUnavailable _, Problem.SourceBusy _, Problem.BackupInUse _ -> error.with(retry(SOON));
            case Problem.IdempotencyConflict conflict ->
                new Answer(conflict.code(), "This request_id came with another request before; use a new one.");
            case Problem.Internal(Throwable cause) -> {
                LOG.log(Level.ERROR, "a gRPC call failed", cause);
                yield error;
            }
            case Problem.DatabaseNotFound _,
                    Problem.BackupNotFound _,
                    Problem.OperationNotFound _,
                    Problem.StoreNotFound _,
                    Problem.FilenameTaken _,
                    Problem.BackupPinned _,
                    Problem.LocationChanged _,
                    Problem.PreconditionFailed _,
                    Problem.UploadTooLarge _,
                    Problem.UnsupportedMediaType _,
                    Problem.NotADatabase _,
                    Problem.SourceNotFound _,
                    Problem.SourceNotAccessible _,
                    Problem.UncertainRestore _,
                    Problem.SourceCorrupt _,
                    Problem.BackupCorrupt _,
                    Problem.UploadCorrupt _,
                    Problem.BackupIncompatible _,
                    Problem.Unauthenticated _,
                    Problem.PermissionDenied _,
                    Problem.InsufficientStorage _ -> error;
        };
    }

    public static StatusRuntimeException of(GrpcCode code, String detail) {
        return new Answer(code, detail).exception();
    }

    /**
     * What an operation that did not succeed ended with.
     *
     * @param anew whether the same request would begin another operation; else it would be told of this end again
     */
    public static StatusRuntimeException ended(Operation operation, boolean anew) {
        return operation
                .failure()
                .map(failure -> failed(failure, anew))
                .orElseGet(() -> new Answer(
                        GrpcCode.OPERATION_CANCELLED,
                        "Operation " + operation.id() + " was cancelled before it was done."))
                .about(operation.id())
                .exception();
    }

    private static Answer failed(Failure failure, boolean anew) {
        Answer error = failure.code().equals(Failure.INTERRUPTED)
                ? new Answer(GrpcCode.INTERRUPTED, failure.detail())
                : new Answer(codeOf(failure), failure.detail());
        return anew && error.status == Status.Code.UNAVAILABLE ? error.with(retry(SOON)) : error;
    }

    /** A code that this version does not know (a newer one wrote it down) is nothing the client can act on. */
    private static ProblemCode codeOf(Failure failure) {
        return Stream.of(ProblemCode.values())
                .filter(it -> it.id().equals(failure.code()))
                .findAny()
                .orElse(ProblemCode.INTERNAL);
    }

    private static BadRequest violation(String field, String detail) {
        return BadRequest.newBuilder()
                .addFieldViolations(
                        BadRequest.FieldViolation.newBuilder().setField(field).setDescription(detail))
                .build();
    }

    private static RetryInfo retry(Duration after) {
        return RetryInfo.newBuilder().setRetryDelay(ProtoTimestamps.of(after)).build();
    }

    /** What goes into a status. */
    private record Answer(
            Status.Code status,
            String reason,
            String id,
            String detail,
            Optional<OperationId> operation,
            List<Message> more) {
        Answer(ProblemCode code, String detail) {
            this(GrpcStatuses.of(code), code.name(), code.id(), detail, Optional.empty(), List.of());
        }

        Answer(GrpcCode code, String detail) {
            this(code.status(), code.name(), code.id(), detail, Optional.empty(), List.of());
        }

        Answer about(OperationId id) {
            return new Answer(status, reason, this.id, detail, Optional.of(id), more);
        }

        Answer with(Message another) {
            var all = new ArrayList<>(more);
            all.add(another);
            return new Answer(status, reason, id, detail, operation, List.copyOf(all));
        }

        StatusRuntimeException exception() {
            ErrorInfo.Builder info =
                    ErrorInfo.newBuilder().setReason(reason).setDomain(DOMAIN).putAllMetadata(Map.of(CODE, id));
            operation.ifPresent(it -> info.putMetadata(OPERATION, it.value()));
            var proto = com.google.rpc.Status.newBuilder()
                    .setCode(status.value())
                    .setMessage(detail)
                    .addDetails(Any.pack(info.build()));
            more.forEach(it -> proto.addDetails(Any.pack(it)));
            return StatusProto.toStatusRuntimeException(proto.build());
        }
    }
}
