package dev.holdfast.http.problem;

import dev.holdfast.domain.identity.OperationId;
import dev.holdfast.domain.operation.Failure;
import dev.holdfast.domain.problem.Problem;
import dev.holdfast.domain.problem.ProblemCode;
import dev.holdfast.http.request.UnfinishedBody;
import io.micronaut.http.HttpHeaders;
import io.micronaut.http.HttpMethod;
import io.micronaut.http.HttpRequest;
import io.micronaut.http.HttpResponse;
import io.micronaut.http.HttpStatus;
import io.micronaut.http.MediaType;
import io.micronaut.http.MutableHttpResponse;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Makes the responses that tell of a problem. All problems of this server leave through here. */
public final class ProblemResponses {
    private static final Logger LOG = LoggerFactory.getLogger(ProblemResponses.class);

    private static final String TOLD = "holdfast.problem";

    private ProblemResponses() {}

    /** An {@code Internal} problem's cause goes to the log, never to the client. */
    public static MutableHttpResponse<ProblemDetails> problem(HttpRequest<?> request, Problem problem) {
        ProblemDetails details = details(request, problem.code(), problem.detail());
        return switch (problem) {
            case Problem.InvalidArgument(String field, String _) -> respond(request, details.about(null, field));
            case Problem.OperationInProgress(var _, OperationId running) ->
                respond(request, details.about(running.value(), null));
            case Problem.TooManyAttempts(var retryAfter) -> {
                long seconds = Math.max(1, retryAfter.plusNanos(999_999_999).toSeconds());
                yield respond(request, details).header(HttpHeaders.RETRY_AFTER, Long.toString(seconds));
            }
            case Problem.Internal(Throwable cause) -> {
                UnfinishedBody.report(LOG, request.getMethodName() + " " + request.getPath() + " failed", cause);
                yield respond(request, details);
            }
            case Problem.InvalidFilename _,
                    Problem.DatabaseNotFound _,
                    Problem.BackupNotFound _,
                    Problem.OperationNotFound _,
                    Problem.StoreNotFound _,
                    Problem.FilenameTaken _,
                    Problem.BackupInUse _,
                    Problem.BackupPinned _,
                    Problem.IdempotencyConflict _,
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
                    Problem.StoreUnavailable _,
                    Problem.SourceBusy _,
                    Problem.InsufficientStorage _ -> respond(request, details);
        };
    }

    /** @param detail one sentence that a person can act on; holds no secret */
    public static MutableHttpResponse<ProblemDetails> problem(HttpRequest<?> request, ProblemCode code, String detail) {
        return respond(request, details(request, code, detail));
    }

    /** @param detail one sentence that a person can act on; holds no secret */
    public static MutableHttpResponse<ProblemDetails> problem(HttpRequest<?> request, HttpCode code, String detail) {
        return respond(request, details(request, code, detail));
    }

    /** The problem that an operation ended with, whose code was kept as text. */
    public static MutableHttpResponse<ProblemDetails> failed(
            HttpRequest<?> request, OperationId operation, Failure failure) {
        ProblemDetails details = failure.code().equals(Failure.INTERRUPTED)
                ? details(request, HttpCode.INTERRUPTED, failure.detail())
                : details(request, codeOf(failure), failure.detail());
        return respond(request, details.about(operation.value(), null));
    }

    public static MutableHttpResponse<ProblemDetails> cancelled(HttpRequest<?> request, OperationId operation) {
        ProblemDetails details = details(
                request, HttpCode.OPERATION_CANCELLED, "Operation " + operation + " was cancelled before it was done.");
        return respond(request, details.about(operation.value(), null));
    }

    /** A code that this version does not know (a newer one wrote it down) is nothing the client can act on. */
    private static ProblemCode codeOf(Failure failure) {
        return Stream.of(ProblemCode.values())
                .filter(it -> it.id().equals(failure.code()))
                .findAny()
                .orElse(ProblemCode.INTERNAL);
    }

    private static ProblemDetails details(HttpRequest<?> request, ProblemCode code, String detail) {
        return ProblemDetails.of(code.id(), code.title(), Statuses.of(code).getCode(), detail, request.getPath());
    }

    private static ProblemDetails details(HttpRequest<?> request, HttpCode code, String detail) {
        return ProblemDetails.of(code.id(), code.title(), code.status().getCode(), detail, request.getPath());
    }

    private static MutableHttpResponse<ProblemDetails> respond(HttpRequest<?> request, ProblemDetails details) {
        return write(request, HttpResponse.status(HttpStatus.valueOf(details.status())), details);
    }

    /** The problem that a response tells of, if it does. */
    public static Optional<ProblemDetails> told(HttpRequest<?> request, HttpResponse<?> response) {
        return request.getAttribute(TOLD, Told.class)
                .filter(it -> it.response() == response)
                .map(Told::problem);
    }

    /** A response to {@code HEAD} has no body to find it in. */
    private record Told(HttpResponse<?> response, ProblemDetails problem) {}

    /** Puts the problem into a response that may have headers already, such as {@code Allow}. */
    static MutableHttpResponse<ProblemDetails> write(
            HttpRequest<?> request, MutableHttpResponse<?> response, ProblemDetails details) {
        HttpStatus status = HttpStatus.valueOf(details.status());
        @Nullable ProblemDetails body = request.getMethod() == HttpMethod.HEAD ? null : details;
        MutableHttpResponse<ProblemDetails> written = response.status(status)
                .contentType(MediaType.APPLICATION_JSON_PROBLEM_TYPE)
                .body(body);
        request.setAttribute(TOLD, new Told(written, details));
        Statuses.retryAfter(status)
                .ifPresent(seconds -> written.header(HttpHeaders.RETRY_AFTER, Integer.toString(seconds)));
        return written.header(HttpHeaders.CACHE_CONTROL, "no-store").header("X-Content-Type-Options", "nosniff");
    }
}
