package dev.holdfast.rest.v1.backup;

import dev.holdfast.application.Outcome;
import dev.holdfast.application.backup.UploadBackup;
import dev.holdfast.application.operation.Requester;
import dev.holdfast.http.problem.ProblemApiResponses;
import dev.holdfast.http.problem.ProblemResponses;
import dev.holdfast.http.upload.AcceptsLargeBody;
import dev.holdfast.http.upload.UploadedFile;
import dev.holdfast.http.upload.UploadedFiles;
import dev.holdfast.rest.v1.OperationReplies;
import dev.holdfast.rest.v1.RequestOptions;
import dev.holdfast.rest.v1.StartsOperation;
import dev.holdfast.rest.v1.json.BackupJson;
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
import io.swagger.v3.oas.annotations.enums.ParameterIn;
import io.swagger.v3.oas.annotations.media.Content;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.parameters.RequestBody;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
import io.swagger.v3.oas.annotations.tags.Tag;

@Controller("/api/v1/backup")
@ExecuteOn(TaskExecutors.BLOCKING)
@ProblemApiResponses
@Tag(name = "Backups")
final class UploadController {
    private static final String FIELD = "file";

    private final UploadBackup uploadBackup;
    private final UploadedFiles files;
    private final OperationReplies operationReplies;

    UploadController(UploadBackup uploadBackup, UploadedFiles files, OperationReplies operationReplies) {
        this.uploadBackup = uploadBackup;
        this.files = files;
        this.operationReplies = operationReplies;
    }

    @Post("/upload")
    @Consumes(MediaType.ALL) // what is no form gets an answer that says so
    @AcceptsLargeBody
    @Secured("admin")
    @Operation(
            operationId = "uploadBackup",
            summary = "Upload a file as a backup",
            description = "The file is recognised by its content, checked, and then listed. It keeps its name if this "
                    + "database's backups can have it and it is free. Answers when that is done; `Prefer: respond-async` "
                    + "changes nothing, as the file has to arrive first.",
            parameters = {
                @Parameter(
                        in = ParameterIn.HEADER,
                        name = RequestOptions.IDEMPOTENCY_KEY,
                        description = StartsOperation.IDEMPOTENCY_KEY,
                        schema = @Schema(type = "string", maxLength = 255))
            })
    @RequestBody(
            required = true,
            content =
                    @Content(
                            mediaType = MediaType.MULTIPART_FORM_DATA,
                            schema = @Schema(implementation = UploadForm.class)))
    @ApiResponse(
            responseCode = "201",
            description = "The backup; `Location` is its address.",
            content = @Content(schema = @Schema(implementation = BackupJson.class)))
    HttpResponse<?> upload(
            HttpRequest<?> request,
            @Parameter(description = "Which database.") @QueryValue(defaultValue = "default") String database)
            throws InterruptedException {
        return switch (RequestOptions.requester(request)) {
            case Outcome.Refused<Requester>(var problem) -> ProblemResponses.problem(request, problem);
            case Outcome.Done<Requester>(var requester) ->
                switch (files.open(request, FIELD)) {
                    case Outcome.Refused<UploadedFile>(var problem) -> ProblemResponses.problem(request, problem);
                    case Outcome.Done<UploadedFile>(var file) -> receive(request, database, file, requester);
                };
        };
    }

    /** The file stays open until the operation that reads it has ended. */
    private HttpResponse<?> receive(HttpRequest<?> request, String database, UploadedFile file, Requester requester)
            throws InterruptedException {
        try (file) {
            return operationReplies.created(
                    request,
                    uploadBackup.start(database, file.filename(), file.content(), file.announcedSize(), requester));
        }
    }

    /** For the API's description alone. */
    @Schema(name = "UploadBackupRequest")
    record UploadForm(
            @Schema(type = "string", format = "binary", requiredMode = Schema.RequiredMode.REQUIRED)
            String file) {}
}
