package dev.holdfast.rest.v1;

import dev.holdfast.application.overview.ListDatabases;
import dev.holdfast.rest.problem.AnswersProblems;
import io.micronaut.http.annotation.Controller;
import io.micronaut.http.annotation.Get;
import io.micronaut.scheduling.TaskExecutors;
import io.micronaut.scheduling.annotation.ExecuteOn;
import io.micronaut.security.annotation.Secured;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.media.Content;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
import io.swagger.v3.oas.annotations.tags.Tag;

@Controller("/api/v1/databases")
@ExecuteOn(TaskExecutors.BLOCKING)
@AnswersProblems
@Tag(name = "Databases")
final class DatabaseController {
    private final ListDatabases listDatabases;

    DatabaseController(ListDatabases listDatabases) {
        this.listDatabases = listDatabases;
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
