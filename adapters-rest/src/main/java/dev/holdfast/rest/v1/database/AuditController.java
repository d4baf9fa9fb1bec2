package dev.holdfast.rest.v1.database;

import dev.holdfast.application.audit.ListAudit;
import dev.holdfast.http.problem.ProblemApiResponses;
import dev.holdfast.rest.v1.Replies;
import dev.holdfast.rest.v1.RequestOptions;
import io.micronaut.http.HttpRequest;
import io.micronaut.http.HttpResponse;
import io.micronaut.http.annotation.Controller;
import io.micronaut.http.annotation.Get;
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
import java.util.Objects;
import org.jspecify.annotations.Nullable;

@Controller("/api/v1/audit")
@ExecuteOn(TaskExecutors.BLOCKING)
@ProblemApiResponses
@Tag(name = "Plans") // generated clients have the call there
final class AuditController {
    private final ListAudit audit;

    AuditController(ListAudit audit) {
        this.audit = audit;
    }

    @Get
    @Secured("admin")
    @Operation(
            operationId = "listAudit",
            summary = "Show who did what, newest first",
            description =
                    "Deletions, restores, downloads, sign-ins, refused calls, and changes of accounts, tokens, pins,"
                            + " plans, stores and settings.")
    @ApiResponse(
            responseCode = "200",
            description = "One page of the audit.",
            content = @Content(schema = @Schema(implementation = AuditJson.class)))
    HttpResponse<?> list(
            HttpRequest<?> request,
            @Parameter(
                            description = "The largest number of entries: 100 if absent, at most 1000.",
                            schema = @Schema(type = "integer"))
                    @QueryValue("page_size")
                    @Nullable
                    String pageSize,
            @Parameter(description = "From the page before.") @QueryValue("page_token") @Nullable String pageToken) {
        return Replies.reply(
                request,
                RequestOptions.pageSize(pageSize)
                        .then(size -> audit.list(size, Objects.requireNonNullElse(pageToken, ""))),
                AuditJson::of);
    }
}
