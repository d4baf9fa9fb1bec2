package dev.holdfast.rest.v1.backup;

import dev.holdfast.application.Outcome;
import dev.holdfast.application.backup.CreateBackup;
import dev.holdfast.application.backup.DeleteBackup;
import dev.holdfast.application.backup.FindBackup;
import dev.holdfast.application.backup.ListBackups;
import dev.holdfast.application.backup.RestoreBackup;
import dev.holdfast.application.backup.UpdateBackup;
import dev.holdfast.application.backup.VerifyBackup;
import dev.holdfast.domain.backup.Layout;
import dev.holdfast.domain.backup.Origin;
import dev.holdfast.http.problem.ProblemApiResponses;
import dev.holdfast.rest.v1.Filename;
import dev.holdfast.rest.v1.OperationReplies;
import dev.holdfast.rest.v1.Replies;
import dev.holdfast.rest.v1.RequestBodies;
import dev.holdfast.rest.v1.RequestOptions;
import dev.holdfast.rest.v1.StartsOperation;
import dev.holdfast.rest.v1.json.BackupJson;
import dev.holdfast.rest.v1.json.BackupListJson;
import dev.holdfast.rest.v1.json.CreatedJson;
import dev.holdfast.rest.v1.json.DeletedJson;
import dev.holdfast.rest.v1.json.RestoredJson;
import dev.holdfast.rest.v1.json.VerifiedJson;
import io.micronaut.http.HttpRequest;
import io.micronaut.http.HttpResponse;
import io.micronaut.http.MediaType;
import io.micronaut.http.annotation.Body;
import io.micronaut.http.annotation.Consumes;
import io.micronaut.http.annotation.Controller;
import io.micronaut.http.annotation.Delete;
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
import java.util.Objects;
import org.jspecify.annotations.Nullable;

@Controller("/api/v1/backup")
@ExecuteOn(TaskExecutors.BLOCKING)
@ProblemApiResponses
@Tag(name = "Backups")
final class BackupController {
    private final CreateBackup createBackup;
    private final ListBackups listBackups;
    private final FindBackup findBackup;
    private final UpdateBackup updateBackup;
    private final DeleteBackup deleteBackup;
    private final RestoreBackup restoreBackup;
    private final VerifyBackup verifyBackup;
    private final OperationReplies operationReplies;

    BackupController(
            CreateBackup createBackup,
            ListBackups listBackups,
            FindBackup findBackup,
            UpdateBackup updateBackup,
            DeleteBackup deleteBackup,
            RestoreBackup restoreBackup,
            VerifyBackup verifyBackup,
            OperationReplies operationReplies) {
        this.createBackup = createBackup;
        this.listBackups = listBackups;
        this.findBackup = findBackup;
        this.updateBackup = updateBackup;
        this.deleteBackup = deleteBackup;
        this.restoreBackup = restoreBackup;
        this.verifyBackup = verifyBackup;
        this.operationReplies = operationReplies;
    }

    @Post
    @Consumes(MediaType.ALL)
    @Secured("operator")
    @Operation(
            operationId = "createBackup",
            summary = "Back a database up",
            description = "Answers when the backup is made. With `Prefer: respond-async` it answers 202 at once; the "
                    + "operation's address is in `Location`.",
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
            description = "The backup is made.",
            content = @Content(schema = @Schema(implementation = CreatedJson.class)))
    HttpResponse<?> create(
            HttpRequest<?> request,
            @Parameter(description = "Which database.") @QueryValue(defaultValue = "default") String database,
            @Parameter(
                            description =
                                    "What the backup is to be, where the database's profile knows several layouts.",
                            schema = @Schema(type = "string", example = "dispatcharr_tar_gz"))
                    @QueryValue
                    @Nullable
                    String layout)
            throws InterruptedException {
        return operationReplies.reply(
                request,
                RequestOptions.oneOf("layout", Layout.values(), layout)
                        .then(chosen -> RequestOptions.requester(request)
                                .then(requester -> createBackup.start(database, Origin.MANUAL, chosen, requester))));
    }

    @Get
    @Secured("viewer")
    @Operation(operationId = "listBackups", summary = "List a database's backups, newest first")
    @ApiResponse(
            responseCode = "200",
            description = "One page of backups.",
            content = @Content(schema = @Schema(implementation = BackupListJson.class)))
    HttpResponse<?> list(
            HttpRequest<?> request,
            @Parameter(description = "Which database.") @QueryValue(defaultValue = "default") String database,
            @Parameter(description = "At most so many; at most 1000.", schema = @Schema(type = "integer"))
                    @QueryValue("page_size")
                    @Nullable
                    String pageSize,
            @Parameter(description = "From the page before.") @QueryValue("page_token") @Nullable String pageToken) {
        return Replies.reply(
                request,
                RequestOptions.pageSize(pageSize)
                        .then(size -> listBackups.list(database, size, Objects.requireNonNullElse(pageToken, ""))),
                BackupListJson::of);
    }

    @Get("/{filename:[^/]+}")
    @Secured("viewer")
    @Operation(operationId = "getBackup", summary = "Show one backup")
    @ApiResponse(
            responseCode = "200",
            description = "The backup.",
            content = @Content(schema = @Schema(implementation = BackupJson.class)))
    HttpResponse<?> find(
            HttpRequest<?> request,
            @Parameter(description = "Which database.") @QueryValue(defaultValue = "default") String database) {
        return Replies.reply(
                request, Filename.of(request).then(filename -> findBackup.find(database, filename)), BackupJson::of);
    }

    @Patch("/{filename:[^/]+}")
    @Secured("admin")
    @Operation(operationId = "updateBackup", summary = "Pin or unpin a backup, set its labels")
    @RequestBody(content = @Content(schema = @Schema(implementation = RequestBodies.ChangeJson.class)))
    @ApiResponse(
            responseCode = "200",
            description = "The backup as it is noted now.",
            content = @Content(schema = @Schema(implementation = BackupJson.class)))
    HttpResponse<?> update(
            HttpRequest<?> request,
            @Parameter(description = "Which database.") @QueryValue(defaultValue = "default") String database,
            @Parameter(hidden = true) @Body @Nullable JsonNode body) {
        return Replies.reply(
                request,
                Filename.of(request)
                        .then(filename -> RequestBodies.change(body)
                                .then(change -> updateBackup.update(database, filename, change))),
                BackupJson::of);
    }

    @Delete("/{filename:[^/]+}")
    @Consumes(MediaType.ALL)
    @Secured("admin")
    @Operation(operationId = "deleteBackup", summary = "Delete a backup that is neither pinned nor being read")
    @ApiResponse(
            responseCode = "200",
            description = "It is gone.",
            content = @Content(schema = @Schema(implementation = DeletedJson.class)))
    HttpResponse<?> delete(
            HttpRequest<?> request,
            @Parameter(description = "Which database.") @QueryValue(defaultValue = "default") String database) {
        return Replies.reply(
                request,
                Filename.of(request).then(filename -> deleteBackup.delete(database, filename)),
                _ -> new DeletedJson("deleted"));
    }

    @Post("/{filename:[^/]+}/restore")
    @Consumes(MediaType.ALL)
    @Secured("admin")
    @Operation(
            operationId = "restoreBackup",
            summary = "Put a backup back into its database",
            description =
                    "A safety backup of what is there is made first. A backup that is marked corrupt, or proves to "
                            + "be, is refused, and so is a foreign one. Answers as creating does.",
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
            description = "The database has the backup's content.",
            content = @Content(schema = @Schema(implementation = RestoredJson.class)))
    HttpResponse<?> restore(
            HttpRequest<?> request,
            @Parameter(description = "Which database.") @QueryValue(defaultValue = "default") String database,
            @Parameter(
                            description = "Go on with a corrupt backup and restore what can be read of it.",
                            schema = @Schema(type = "boolean", defaultValue = "false"))
                    @QueryValue("allow_corrupt")
                    @Nullable
                    String allowCorrupt,
            @Parameter(
                            description =
                                    "Go on with a foreign backup, which was made of another database. The content of"
                                            + " that database replaces the content of this one.",
                            schema = @Schema(type = "boolean", defaultValue = "false"))
                    @QueryValue("allow_foreign")
                    @Nullable
                    String allowForeign)
            throws InterruptedException {
        return operationReplies.reply(
                request,
                Filename.of(request)
                        .then(filename -> RequestOptions.requester(request)
                                .then(requester -> allowed(allowCorrupt, allowForeign)
                                        .then(allowed ->
                                                restoreBackup.start(database, filename, allowed, requester)))));
    }

    private static Outcome<RestoreBackup.Allowed> allowed(@Nullable String corrupt, @Nullable String foreign) {
        return RequestOptions.flag("allow_corrupt", corrupt)
                .then(allowCorrupt -> RequestOptions.flag("allow_foreign", foreign)
                        .then(allowForeign -> Outcome.done(new RestoreBackup.Allowed(allowCorrupt, allowForeign))));
    }

    @Post("/{filename:[^/]+}/verify")
    @Secured("operator")
    @Operation(
            operationId = "verifyBackup",
            summary = "Check that a backup is whole",
            description =
                    "A backup that proves corrupt is a successful check with that finding. Answers as creating does.",
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
    @RequestBody(content = @Content(schema = @Schema(implementation = RequestBodies.DepthJson.class)))
    @ApiResponse(
            responseCode = "200",
            description = "What the check found.",
            content = @Content(schema = @Schema(implementation = VerifiedJson.class)))
    HttpResponse<?> verify(
            HttpRequest<?> request,
            @Parameter(description = "Which database.") @QueryValue(defaultValue = "default") String database,
            @Parameter(hidden = true) @Body @Nullable JsonNode body)
            throws InterruptedException {
        Outcome<dev.holdfast.domain.operation.Operation> started = Filename.of(request)
                .then(filename -> RequestBodies.depth(body)
                        .then(depth -> RequestOptions.requester(request)
                                .then(requester -> verifyBackup.start(database, filename, depth, requester))));
        return operationReplies.reply(request, started);
    }
}
