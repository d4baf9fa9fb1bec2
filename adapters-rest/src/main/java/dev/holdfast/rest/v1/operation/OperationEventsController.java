package dev.holdfast.rest.v1.operation;

import dev.holdfast.application.Outcome;
import dev.holdfast.application.operation.Operations;
import dev.holdfast.domain.identity.DatabaseName;
import dev.holdfast.http.problem.ProblemApiResponses;
import dev.holdfast.http.problem.ProblemResponses;
import dev.holdfast.http.stream.StreamSettings;
import dev.holdfast.rest.v1.RequestOptions;
import io.micronaut.http.HttpRequest;
import io.micronaut.http.HttpResponse;
import io.micronaut.http.MediaType;
import io.micronaut.http.annotation.Controller;
import io.micronaut.http.annotation.Get;
import io.micronaut.http.annotation.PathVariable;
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
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Operations as streams of server-sent events. */
@Controller("/api/v1/operations")
@ExecuteOn(TaskExecutors.BLOCKING)
@ProblemApiResponses
@Tag(name = "Operations")
final class OperationEventsController {
    private final Operations operations;
    private final EventStreams streams;
    private final JsonMapper json;
    private final StreamSettings settings;
    private final InstantSource clock;

    OperationEventsController(
            Operations operations,
            EventStreams streams,
            JsonMapper json,
            StreamSettings settings,
            InstantSource clock) {
        this.operations = operations;
        this.streams = streams;
        this.json = json;
        this.settings = settings;
        this.clock = clock;
    }

    @Get(value = "/events", headRoute = false)
    @Produces(MediaType.TEXT_EVENT_STREAM)
    @Secured("viewer")
    @Operation(
            operationId = "watchOperations",
            summary = "Follow all operations",
            description = "Server-sent events: `snapshot`, whose data has in `operations` all that run, then "
                    + "`operation` for every change. With the `Last-Event-ID` of an event the stream goes on behind it, "
                    + "or begins with a `snapshot` again if it cannot. The server ends the stream now and then; the "
                    + "client comes back.")
    @ApiResponse(
            responseCode = "200",
            description = "The events.",
            content = @Content(mediaType = "text/event-stream", schema = @Schema(implementation = String.class)))
    HttpResponse<?> all(
            HttpRequest<?> request,
            @Parameter(description = "Only of this database.") @QueryValue @Nullable String database) {
        return switch (RequestOptions.database(database)) {
            case Outcome.Refused<Optional<DatabaseName>>(var problem) -> ProblemResponses.problem(request, problem);
            case Outcome.Done<Optional<DatabaseName>>(var name) ->
                streams.open(
                        request, new AllOperationEvents(operations, json, settings, clock, name, lastEventId(request)));
        };
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
    @ApiResponse(responseCode = "204", description = "The client has seen the end; there is nothing to come back for.")
    HttpResponse<?> events(HttpRequest<?> request, @PathVariable String id) {
        return switch (operations.find(id)) {
            case Outcome.Refused<dev.holdfast.domain.operation.Operation>(var problem) ->
                ProblemResponses.problem(request, problem);
            case Outcome.Done<dev.holdfast.domain.operation.Operation>(var operation) ->
                operation.state().isFinal() && operation.revision() == lastSeen(request)
                        ? HttpResponse.noContent() // which keeps an EventSource from asking again
                        : streams.open(
                                request,
                                new OperationEventStream(
                                        operations, json, settings, clock, operation, lastSeen(request)));
        };
    }

    /** What is no revision counts as nothing seen. */
    private static long lastSeen(HttpRequest<?> request) {
        String text = lastEventId(request);
        return text.matches("\\d{1,18}") ? Long.parseLong(text) : -1;
    }

    private static String lastEventId(HttpRequest<?> request) {
        return request.getHeaders().get("Last-Event-ID", String.class, "");
    }
}
