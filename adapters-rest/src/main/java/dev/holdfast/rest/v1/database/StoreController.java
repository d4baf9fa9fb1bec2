package dev.holdfast.rest.v1.database;

import dev.holdfast.application.stores.ConfirmStore;
import dev.holdfast.http.problem.ProblemApiResponses;
import dev.holdfast.rest.v1.Replies;
import dev.holdfast.rest.v1.RequestOptions;
import io.micronaut.http.HttpRequest;
import io.micronaut.http.HttpResponse;
import io.micronaut.http.MediaType;
import io.micronaut.http.annotation.Consumes;
import io.micronaut.http.annotation.Controller;
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

@Controller("/api/v1/stores")
@ExecuteOn(TaskExecutors.BLOCKING)
@ProblemApiResponses
@Tag(name = "Stores")
final class StoreController {
    private final ConfirmStore confirmStore;

    StoreController(ConfirmStore confirmStore) {
        this.confirmStore = confirmStore;
    }

    @Post("/{name}/confirm")
    @Consumes(MediaType.ALL)
    @Secured("admin")
    @Operation(
            operationId = "confirmStore",
            summary = "Accept the store of a database as it is now",
            description =
                    "After the store was refused because another directory, none or an older copy is at its place. The "
                            + "database uses the store at once, with the backups that are in it. Recorded in the audit.")
    @ApiResponse(
            responseCode = "200",
            description = "What was confirmed.",
            content = @Content(schema = @Schema(implementation = ConfirmedStoreJson.class)))
    HttpResponse<?> confirm(
            HttpRequest<?> request,
            @Parameter(description = "The store's name. A backup directory is `local`.", example = "local") String name,
            @Parameter(description = "Which database.") @QueryValue(defaultValue = "default") String database) {
        return Replies.reply(
                request,
                RequestOptions.requester(request).then(who -> confirmStore.confirm(name, database, who.name())),
                ConfirmedStoreJson::of);
    }
}
