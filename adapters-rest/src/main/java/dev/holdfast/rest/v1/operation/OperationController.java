package dev.holdfast.rest.v1.operation;

import dev.holdfast.application.Outcome;
import dev.holdfast.application.operation.OperationLog;
import dev.holdfast.application.operation.Operations;
import dev.holdfast.domain.operation.OperationKind;
import dev.holdfast.domain.operation.OperationState;
import dev.holdfast.http.problem.ProblemApiResponses;
import dev.holdfast.rest.v1.OperationReplies;
import dev.holdfast.rest.v1.Replies;
import dev.holdfast.rest.v1.RequestOptions;
import dev.holdfast.rest.v1.json.OperationJson;
import dev.holdfast.rest.v1.json.OperationListJson;
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
import io.micronaut.http.annotation.QueryValue;
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
import org.jspecify.annotations.Nullable;

@Controller("/api/v1/operations")
@ExecuteOn(TaskExecutors.BLOCKING)
@ProblemApiResponses
@Tag(name = "Operations")
final class OperationController {
    private final Operations operations;
    private final InstantSource clock;

    OperationController(Operations operations, InstantSource clock) {
        this.operations = operations;
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
                            schema = @Schema(pattern = "backup|restore|verify|expire|drill|upload"))
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
        Outcome<OperationLog.Filter> filter = RequestOptions.database(database)
                .then(name -> RequestOptions.oneOf("state", OperationState.values(), state)
                        .then(inState -> RequestOptions.oneOf("kind", OperationKind.values(), kind)
                                .then(ofKind -> Outcome.done(new OperationLog.Filter(
                                        name, inState, ofKind, Optional.ofNullable(requestedBy))))));
        Outcome<Operations.Page> page = filter.then(it -> RequestOptions.pageSize(pageSize)
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

    private MutableHttpResponse<?> reply(
            HttpRequest<?> request, Outcome<dev.holdfast.domain.operation.Operation> outcome) {
        MutableHttpResponse<?> response = Replies.reply(request, outcome, it -> OperationJson.of(it, clock.instant()));
        return outcome instanceof Outcome.Done<dev.holdfast.domain.operation.Operation>(var operation)
                        && !operation.state().isFinal()
                ? response.header(HttpHeaders.RETRY_AFTER, OperationReplies.POLL_SECONDS)
                : response;
    }
}
