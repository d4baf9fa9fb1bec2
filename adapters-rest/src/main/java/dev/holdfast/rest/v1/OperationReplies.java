package dev.holdfast.rest.v1;

import dev.holdfast.application.Outcome;
import dev.holdfast.application.operation.Operations;
import dev.holdfast.domain.operation.Operation;
import dev.holdfast.domain.operation.Result;
import dev.holdfast.http.problem.ProblemResponses;
import dev.holdfast.rest.v1.json.OperationJson;
import io.micronaut.http.HttpHeaders;
import io.micronaut.http.HttpRequest;
import io.micronaut.http.HttpResponse;
import io.micronaut.http.HttpStatus;
import io.micronaut.http.MutableHttpResponse;
import jakarta.inject.Singleton;
import java.time.InstantSource;

/** Answers a call that has started an operation: with what came of it, or, if the client prefers, at once. */
@Singleton
public final class OperationReplies {
    static final String OPERATION_ID = "Operation-Id";
    public static final String POLL_SECONDS = "1";

    private final Operations operations;
    private final InstantSource clock;

    OperationReplies(Operations operations, InstantSource clock) {
        this.operations = operations;
        this.clock = clock;
    }

    /** Waits on the caller's thread, which is a virtual one. A client that goes away meanwhile stops nothing. */
    public MutableHttpResponse<?> reply(HttpRequest<?> request, Outcome<Operation> started)
            throws InterruptedException {
        return switch (started) {
            case Outcome.Refused<Operation>(var problem) -> ProblemResponses.problem(request, problem);
            case Outcome.Done<Operation>(var operation) ->
                RequestOptions.prefersAsync(request)
                        ? accepted(operation)
                        : ended(request, operations.awaitEnd(operation.id()));
        };
    }

    /** Waits in every case, and answers 201 with where the new backup is. */
    public MutableHttpResponse<?> created(HttpRequest<?> request, Outcome<Operation> started)
            throws InterruptedException {
        return switch (started) {
            case Outcome.Refused<Operation>(var problem) -> ProblemResponses.problem(request, problem);
            case Outcome.Done<Operation>(var operation) -> {
                Operation end = operations.awaitEnd(operation.id());
                MutableHttpResponse<?> response = ended(request, end);
                end.result()
                        .filter(Result.Uploaded.class::isInstance)
                        .map(Result.Uploaded.class::cast)
                        .ifPresent(it -> response.status(HttpStatus.CREATED)
                                .header(HttpHeaders.LOCATION, Filename.address(it.backup())));
                yield response;
            }
        };
    }

    private MutableHttpResponse<?> accepted(Operation operation) {
        return HttpResponse.accepted()
                .header(HttpHeaders.LOCATION, "/api/v1/operations/" + operation.id())
                .header("Preference-Applied", "respond-async")
                .header(HttpHeaders.RETRY_AFTER, POLL_SECONDS)
                .header(OPERATION_ID, operation.id().value())
                .body(OperationJson.of(operation, clock.instant()));
    }

    private static MutableHttpResponse<?> ended(HttpRequest<?> request, Operation operation) {
        MutableHttpResponse<?> response = switch (operation.state()) {
            case SUCCEEDED ->
                HttpResponse.ok(OperationJson.result(
                                operation.database(), operation.result().orElseThrow()))
                        .header(HttpHeaders.CACHE_CONTROL, "no-store");
            case FAILED ->
                ProblemResponses.failed(
                        request, operation.id(), operation.failure().orElseThrow());
            case CANCELLED -> ProblemResponses.cancelled(request, operation.id());
            case RUNNING -> throw new IllegalStateException("operation " + operation.id() + " has not ended");
        };
        return response.header(OPERATION_ID, operation.id().value());
    }
}
