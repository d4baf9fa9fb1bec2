package dev.holdfast.rest.v1.database;

import dev.holdfast.application.location.ConfirmLocation;
import dev.holdfast.application.overview.ListDatabases;
import dev.holdfast.http.problem.ProblemApiResponses;
import dev.holdfast.rest.v1.Replies;
import dev.holdfast.rest.v1.RequestBodies;
import dev.holdfast.rest.v1.RequestOptions;
import io.micronaut.http.HttpRequest;
import io.micronaut.http.HttpResponse;
import io.micronaut.http.annotation.Body;
import io.micronaut.http.annotation.Controller;
import io.micronaut.http.annotation.Get;
import io.micronaut.http.annotation.Post;
import io.micronaut.json.tree.JsonNode;
import io.micronaut.scheduling.TaskExecutors;
import io.micronaut.scheduling.annotation.ExecuteOn;
import io.micronaut.security.annotation.Secured;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.Parameter;
import io.swagger.v3.oas.annotations.media.Content;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.parameters.RequestBody;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
import io.swagger.v3.oas.annotations.tags.Tag;
import org.jspecify.annotations.Nullable;

@Controller("/api/v1/databases")
@ExecuteOn(TaskExecutors.BLOCKING)
@ProblemApiResponses
@Tag(name = "Databases")
final class DatabaseController {
    private final ListDatabases listDatabases;
    private final ConfirmLocation confirmLocation;

    DatabaseController(ListDatabases listDatabases, ConfirmLocation confirmLocation) {
        this.listDatabases = listDatabases;
        this.confirmLocation = confirmLocation;
    }

    @Post("/{name}/confirm-location")
    @Secured("admin")
    @Operation(
            operationId = "confirmLocation",
            summary = "Accept the place that a path of a database leads to now",
            description =
                    "After operations were refused with `location-changed`. The request names the resolved path that it "
                            + "accepts; if the path leads elsewhere by now, nothing is confirmed. A place of the server, of a "
                            + "backup or of another database cannot be confirmed. Recorded in the audit. If all paths lead to "
                            + "where they did, nothing changes.")
    @RequestBody(content = @Content(schema = @Schema(implementation = RequestBodies.LocationJson.class)))
    @ApiResponse(
            responseCode = "200",
            description = "What was confirmed.",
            content = @Content(schema = @Schema(implementation = ConfirmedLocationJson.class)))
    HttpResponse<?> confirmLocation(
            HttpRequest<?> request,
            @Parameter(description = "The database's name.", example = "default") String name,
            @Body @Nullable JsonNode body) {
        return Replies.reply(
                request,
                RequestBodies.resolvedPath(body)
                        .then(path -> RequestOptions.requester(request)
                                .then(who -> confirmLocation.confirm(name, path, who.name()))),
                ConfirmedLocationJson::of);
    }

    @Get
    @Secured("viewer")
    @Operation(operationId = "listDatabases", summary = "Show the registered databases and how their backups stand")
    @ApiResponse(
            responseCode = "200",
            description = "The databases.",
            content = @Content(schema = @Schema(implementation = DatabaseListJson.class)))
    DatabaseListJson list() {
        return DatabaseListJson.of(listDatabases.list());
    }
}
