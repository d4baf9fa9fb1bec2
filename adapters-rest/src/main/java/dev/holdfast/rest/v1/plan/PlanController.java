package dev.holdfast.rest.v1.plan;

import dev.holdfast.application.backup.PruneBackups;
import dev.holdfast.application.backup.ResumeRetention;
import dev.holdfast.application.backup.RunRestoreDrill;
import dev.holdfast.application.plan.PlanService;
import dev.holdfast.http.problem.ProblemApiResponses;
import dev.holdfast.rest.v1.OperationReplies;
import dev.holdfast.rest.v1.Replies;
import dev.holdfast.rest.v1.RequestOptions;
import dev.holdfast.rest.v1.StartsOperation;
import dev.holdfast.rest.v1.json.DrilledJson;
import io.micronaut.http.HttpRequest;
import io.micronaut.http.HttpResponse;
import io.micronaut.http.MediaType;
import io.micronaut.http.annotation.Body;
import io.micronaut.http.annotation.Consumes;
import io.micronaut.http.annotation.Controller;
import io.micronaut.http.annotation.Get;
import io.micronaut.http.annotation.Patch;
import io.micronaut.http.annotation.Post;
import io.micronaut.http.annotation.QueryValue;
import io.micronaut.json.tree.JsonNode;
import io.micronaut.scheduling.TaskExecutors;
import io.micronaut.scheduling.annotation.ExecuteOn;
import io.micronaut.security.annotation.Secured;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.Parameter;
import io.swagger.v3.oas.annotations.enums.ParameterIn;
import io.swagger.v3.oas.annotations.media.Content;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.parameters.RequestBody;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
import io.swagger.v3.oas.annotations.tags.Tag;
import org.jspecify.annotations.Nullable;

@Controller("/api/v1")
@ExecuteOn(TaskExecutors.BLOCKING)
@ProblemApiResponses
@Tag(name = "Plans")
final class PlanController {
    private final PlanService plans;
    private final PruneBackups expireBackups;
    private final ResumeRetention resumeRetention;
    private final RunRestoreDrill drillRestore;
    private final OperationReplies operationReplies;

    PlanController(
            PlanService plans,
            PruneBackups expireBackups,
            ResumeRetention resumeRetention,
            RunRestoreDrill drillRestore,
            OperationReplies operationReplies) {
        this.plans = plans;
        this.expireBackups = expireBackups;
        this.resumeRetention = resumeRetention;
        this.drillRestore = drillRestore;
        this.operationReplies = operationReplies;
    }

    @Get("/backup/plan")
    @Secured("viewer")
    @Operation(operationId = "getPlan", summary = "Show a database's plan, and how far it has come")
    @ApiResponse(
            responseCode = "200",
            description = "The plan.",
            content = @Content(schema = @Schema(implementation = PlanJson.class)))
    HttpResponse<?> find(
            HttpRequest<?> request,
            @Parameter(description = "Which database.") @QueryValue(defaultValue = "default") String database) {
        return Replies.reply(request, plans.find(database), PlanJson::of);
    }

    @Patch("/backup/plan")
    @Secured("admin")
    @Operation(
            operationId = "updatePlan",
            summary = "Change a database's plan",
            description =
                    "What is absent stays as it is, what is null goes back to what the settings say, an object with "
                            + "all that it holds; a `schedule` "
                            + "or `drill` with a `kind` replaces the former one. All of it is changed or nothing, and is in "
                            + "force at once. Each member that does not fit is named.")
    @RequestBody(content = @Content(schema = @Schema(implementation = PlanChangeJson.class)))
    @ApiResponse(
            responseCode = "200",
            description = "The plan in force.",
            content = @Content(schema = @Schema(implementation = PlanJson.class)))
    HttpResponse<?> change(
            HttpRequest<?> request,
            @Parameter(description = "Which database.") @QueryValue(defaultValue = "default") String database,
            @Parameter(hidden = true) @Body @Nullable JsonNode body) {
        return Replies.reply(
                request,
                RequestOptions.requester(request)
                        .then(who -> PlanBody.read(body).then(change -> plans.change(database, change, who.name()))),
                PlanJson::of);
    }

    @Post("/backup/plan/preview")
    @Secured("viewer")
    @Operation(
            operationId = "previewPlan",
            summary = "Show what retention would remove now, and why each other backup stays",
            description = "With a body as of changing: as if that were in force. Nothing is changed or removed.")
    @RequestBody(content = @Content(schema = @Schema(implementation = PlanChangeJson.class)))
    @ApiResponse(
            responseCode = "200",
            description = "One verdict for each backup.",
            content = @Content(schema = @Schema(implementation = PlanPreviewJson.class)))
    HttpResponse<?> preview(
            HttpRequest<?> request,
            @Parameter(description = "Which database.") @QueryValue(defaultValue = "default") String database,
            @Parameter(hidden = true) @Body @Nullable JsonNode body) {
        return Replies.reply(
                request,
                PlanBody.read(body).then(change -> expireBackups.preview(database, change)),
                PlanPreviewJson::of);
    }

    @Post("/backup/plan/resume-retention")
    @Consumes(MediaType.ALL)
    @Secured("admin")
    @Operation(
            operationId = "resumeRetention",
            summary = "End the pause of retention after a suspicious backup",
            description =
                    "The present state of the database is what it is meant to be: its suspicious backups count as good "
                            + "from now on, and later ones are compared with them. Recorded in the audit. Without a pause "
                            + "nothing changes.")
    @ApiResponse(
            responseCode = "200",
            description = "The plan. Its `retention_paused` is null.",
            content = @Content(schema = @Schema(implementation = PlanJson.class)))
    HttpResponse<?> resume(
            HttpRequest<?> request,
            @Parameter(description = "Which database.") @QueryValue(defaultValue = "default") String database) {
        return Replies.reply(
                request,
                RequestOptions.requester(request)
                        .then(who -> resumeRetention.resume(database, who.name()))
                        .then(_ -> plans.find(database)),
                PlanJson::of);
    }

    @Post("/backup/drill")
    @Consumes(MediaType.ALL)
    @Secured("operator")
    @Operation(
            operationId = "drillRestore",
            summary = "Try whether the newest backup can be restored, in a place of its own",
            description = "Answers as creating does; a drill that fails is a successful call with that outcome.",
            parameters = {
                @Parameter(
                        in = ParameterIn.HEADER,
                        name = RequestOptions.IDEMPOTENCY_KEY,
                        description = StartsOperation.IDEMPOTENCY_KEY,
                        schema = @Schema(type = "string", maxLength = 255)),
                @Parameter(
                        in = ParameterIn.HEADER,
                        name = RequestOptions.PREFER,
                        description = StartsOperation.PREFER,
                        schema = @Schema(type = "string"),
                        example = "respond-async")
            })
    @StartsOperation
    @ApiResponse(
            responseCode = "200",
            description = "What came of it.",
            content = @Content(schema = @Schema(implementation = DrilledJson.class)))
    HttpResponse<?> drill(
            HttpRequest<?> request,
            @Parameter(description = "Which database.") @QueryValue(defaultValue = "default") String database)
            throws InterruptedException {
        return operationReplies.reply(
                request, RequestOptions.requester(request).then(requester -> drillRestore.start(database, requester)));
    }
}
