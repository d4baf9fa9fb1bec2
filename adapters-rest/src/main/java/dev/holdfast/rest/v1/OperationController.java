package dev.holdfast.rest.v1;

import dev.holdfast.application.Outcome;
import dev.holdfast.application.operation.OperationLog;
import dev.holdfast.application.operation.Operations;
import dev.holdfast.domain.database.DatabaseName;
import dev.holdfast.domain.operation.OperationKind;
import dev.holdfast.domain.operation.OperationState;
import dev.holdfast.domain.problem.Problem;
import dev.holdfast.rest.problem.AnswersProblems;
import dev.holdfast.rest.problem.ProblemResponses;
import io.micronaut.http.HttpHeaders;
import io.micronaut.http.HttpRequest;
import io.micronaut.http.HttpResponse;
import io.micronaut.http.MediaType;
import io.micronaut.http.MutableHttpResponse;
import io.micronaut.http.annotation.Consumes;
import io.micronaut.http.annotation.Controller;
import io.micronaut.http.annotation.Get;
import io.micronaut.http.annotation.PathVariable;
import io.micronaut.http.annotation.Post;
import io.micronaut.http.annotation.Produces;
import io.micronaut.http.annotation.QueryValue;
import io.micronaut.json.JsonMapper;
import io.micronaut.scheduling.TaskExecutors;
import io.micronaut.scheduling.annotation.ExecuteOn;
import io.micronaut.security.annotation.Secured;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.Parameter;
import io.swagger.v3.oas.annotations.media.Content;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
import io.swagger.v3.oas.annotations.tags.Tag;
import java.time.InstantSource;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

@Controller("/api/v1/operations")
@ExecuteOn(TaskExecutors.BLOCKING)
@AnswersProblems
@Tag(name = "Operations")
final class OperationController {
    private final Operations operations;
    private final JsonMapper json;
    private final StreamSettings settings;
    private final InstantSource clock;

    OperationController(Operations operations, JsonMapper json, StreamSettings settings, InstantSource clock) {
        this.operations = operations;
        this.json = json;
        this.settings = settings;
        this.clock = clock;
    }

    @Get
    @Secured("viewer")
    @Operation(operationId = "listOperations", summary = "List operations, newest first")
    @ApiResponse(
            responseCode = "200",
            description = "One page of operations.",
            content = @Content(schema = @Schema(implementation = OperationListJson.class)))
    HttpResponse<?> list(
            HttpRequest<?> request,
            @Parameter(description = "Only of this database.") @QueryValue @Nullable String database,
            @Parameter(
                            description = "Only in this state.",
                            schema = @Schema(pattern = "running|succeeded|failed|cancelled"))
                    @QueryValue
                    @Nullable
                    String state,
            @Parameter(
                            description = "Only of this kind.",
                            schema = @Schema(pattern = "backup|restore|verify|expire|drill"))
                    @QueryValue
                    @Nullable
                    String kind,
            @Parameter(description = "Only what this user or token asked for.") @QueryValue("requested_by") @Nullable
                    String requestedBy,
            @Parameter(description = "At most so many; at most 1000.", schema = @Schema(type = "integer"))
                    @QueryValue("page_size")
                    @Nullable
                    String pageSize,
            @Parameter(description = "From the page before.") @QueryValue("page_token") @Nullable String pageToken) {
        Outcome<OperationLog.Filter> filter = database(database)
                .then(name -> Asking.oneOf("state", OperationState.values(), state)
                        .then(inState -> Asking.oneOf("kind", OperationKind.values(), kind)
                                .then(ofKind -> Outcome.done(new OperationLog.Filter(
                                        name, inState, ofKind, Optional.ofNullable(requestedBy))))));
        Outcome<Operations.Page> page = filter.then(it -> Asking.pageSize(pageSize)
                .then(size -> operations.list(it, size, Objects.requireNonNullElse(pageToken, ""))));
        return Replies.reply(request, page, it -> OperationListJson.of(it, clock.instant()));
    }

    @Get("/{id}")
    @Secured("viewer")
    @Operation(operationId = "getOperation", summary = "Show one operation")
    @ApiResponse(
            responseCode = "200",
            description = "The operation; Retry-After says when to look again, while it runs.",
            content = @Content(schema = @Schema(implementation = OperationJson.class)))
    HttpResponse<?> find(HttpRequest<?> request, @PathVariable String id) {
        return reply(request, operations.find(id));
    }

    @Post("/{id}/cancel")
    @Consumes(MediaType.ALL)
    @Secured("operator")
    @Operation(
            operationId = "cancelOperation",
            summary = "Ask a running operation to stop",
            description = "Answers at once. The operation ends as cancelled, or as succeeded if this came too late.")
    @ApiResponse(
            responseCode = "200",
            description = "The operation as it stands.",
            content = @Content(schema = @Schema(implementation = OperationJson.class)))
    HttpResponse<?> cancel(HttpRequest<?> request, @PathVariable String id) {
        return reply(request, operations.cancel(id));
    }

    @Get(value = "/{id}/events", headRoute = false)
    @Produces(MediaType.TEXT_EVENT_STREAM)
    @Secured("viewer")
    @Operation(
            operationId = "watchOperation",
            summary = "Follow an operation",
            description =
                    "Server-sent events named `operation`, whose data is the operation. `Last-Event-ID` leaves out "
                            + "what the client has seen. The stream ends with the operation.")
    @ApiResponse(
            responseCode = "200",
            description = "The events.",
            content = @Content(mediaType = "text/event-stream", schema = @Schema(implementation = String.class)))
    HttpResponse<?> events(HttpRequest<?> request, @PathVariable String id) {
        return switch (operations.find(id)) {
            case Outcome.Refused<dev.holdfast.domain.operation.Operation>(var problem) ->
                ProblemResponses.problem(request, problem);
            case Outcome.Done<dev.holdfast.domain.operation.Operation>(var operation) -> {
                var events = new OperationEvents(operations, json, settings, clock, operation, lastSeen(request));
                yield HttpResponse.ok(StreamedBody.of(events, OptionalLong.empty(), settings.stall()))
                        .contentType(MediaType.TEXT_EVENT_STREAM_TYPE)
                        .header(HttpHeaders.CACHE_CONTROL, "no-store")
                        .header("X-Accel-Buffering", "no");
            }
        };
    }

    /** What is no revision counts as nothing seen. */
    private static long lastSeen(HttpRequest<?> request) {
        String text = request.getHeaders().get("Last-Event-ID");
        return text != null && text.matches("\\d{1,18}") ? Long.parseLong(text) : -1;
    }

    private static Outcome<Optional<DatabaseName>> database(@Nullable String name) {
        if (name == null) {
            return Outcome.done(Optional.empty());
        }
        return DatabaseName.isValid(name)
                ? Outcome.done(Optional.of(new DatabaseName(name)))
                : Outcome.refused(new Problem.DatabaseNotFound(name));
    }

    private MutableHttpResponse<?> reply(
            HttpRequest<?> request, Outcome<dev.holdfast.domain.operation.Operation> outcome) {
        MutableHttpResponse<?> response = Replies.reply(request, outcome, it -> OperationJson.of(it, clock.instant()));
        return outcome instanceof Outcome.Done<dev.holdfast.domain.operation.Operation>(var operation)
                        && !operation.state().isFinal()
                ? response.header(HttpHeaders.RETRY_AFTER, OperationReplies.POLL_SECONDS)
                : response;
    }
}
