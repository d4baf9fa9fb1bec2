package dev.holdfast.dialects.pocketbase.upload;

import dev.holdfast.application.Outcome;
import dev.holdfast.application.backup.UploadBackup;
import dev.holdfast.application.operation.Operations;
import dev.holdfast.dialects.pocketbase.FieldErrors;
import dev.holdfast.dialects.pocketbase.PocketBaseApiError;
import dev.holdfast.dialects.pocketbase.PocketBaseApiErrors;
import dev.holdfast.dialects.pocketbase.PocketBaseCall;
import dev.holdfast.dialects.pocketbase.PocketBaseDatabase;
import dev.holdfast.dialects.pocketbase.PocketBaseResponses;
import dev.holdfast.domain.backup.Backup;
import dev.holdfast.domain.operation.Failure;
import dev.holdfast.domain.operation.Operation;
import dev.holdfast.domain.operation.Result;
import dev.holdfast.domain.problem.ProblemCode;
import dev.holdfast.http.request.PathSegment;
import dev.holdfast.http.upload.AcceptsLargeBody;
import dev.holdfast.http.upload.UploadedFile;
import dev.holdfast.http.upload.UploadedFiles;
import io.micronaut.http.HttpRequest;
import io.micronaut.http.HttpResponse;
import io.micronaut.http.MediaType;
import io.micronaut.http.annotation.Consumes;
import io.micronaut.http.annotation.Controller;
import io.micronaut.http.annotation.Post;
import io.micronaut.http.annotation.Produces;
import io.micronaut.scheduling.TaskExecutors;
import io.micronaut.scheduling.annotation.ExecuteOn;
import io.micronaut.security.annotation.Secured;
import io.swagger.v3.oas.annotations.Hidden;
import java.util.stream.Stream;

@Controller("/pocketbase/api/backups/upload")
@ExecuteOn(TaskExecutors.BLOCKING)
@Consumes(MediaType.ALL)
@Produces(MediaType.ALL)
@Secured("admin")
@Hidden
final class UploadsController {
    private static final String FIELD = "file";

    private final UploadBackup uploadBackup;
    private final UploadedFiles files;
    private final Operations operations;
    private final PocketBaseDatabase database;
    private final PocketBaseResponses answers;

    UploadsController(
            UploadBackup uploadBackup,
            UploadedFiles files,
            Operations operations,
            PocketBaseDatabase database,
            PocketBaseResponses answers) {
        this.uploadBackup = uploadBackup;
        this.files = files;
        this.operations = operations;
        this.database = database;
        this.answers = answers;
    }

    @Post
    @AcceptsLargeBody
    HttpResponse<?> upload(HttpRequest<?> request) throws InterruptedException {
        return switch (files.open(request, FIELD)) {
            case Outcome.Refused<UploadedFile>(var problem) ->
                answers.error(PocketBaseApiErrors.of(PocketBaseCall.UPLOAD, problem, ""));
            case Outcome.Done<UploadedFile>(var file) -> receive(request, file);
        };
    }

    /** Under the name that the client sent, by which it will ask for it: one that no file can have is refused. */
    private HttpResponse<?> receive(HttpRequest<?> request, UploadedFile file) throws InterruptedException {
        try (file) {
            String name = file.filename();
            if (name.isEmpty()) {
                return answers.error(PocketBaseApiError.invalid(FieldErrors.of(
                        FIELD, "validation_invalid_name", "The file has a name that no backup can have.")));
            }
            var content = new SniffedContent(file.content());
            var requester = PocketBaseDatabase.requester(request);
            return switch (uploadBackup.start(database.name(), name, content, file.announcedSize(), requester)) {
                case Outcome.Refused<Operation>(var problem) ->
                    answers.error(PocketBaseApiErrors.of(PocketBaseCall.UPLOAD, problem, name));
                case Outcome.Done<Operation>(var operation) -> {
                    Operation end = operations.awaitEnd(operation.id());
                    yield switch (end.state()) {
                        case SUCCEEDED -> stored(end, name);
                        case FAILED -> answers.error(failed(end.failure().orElseThrow(), content, name));
                        case CANCELLED, RUNNING ->
                            answers.error(PocketBaseApiError.bad(PocketBaseCall.UPLOAD.failed()));
                    };
                }
            };
        }
    }

    /** The original's answer has no body, so that a header has to say it where the backup has another name. */
    private static HttpResponse<?> stored(Operation end, String sent) {
        if (!(end.result().orElseThrow() instanceof Result.Uploaded(Backup backup))) {
            throw new IllegalStateException("an upload's result is what was uploaded");
        }
        String key = backup.key().value();
        return key.equals(sent)
                ? HttpResponse.noContent()
                : HttpResponse.noContent().header("Content-Location", PathSegment.encode(key));
    }

    /** A zip of which nothing can be made is a zip all the same; of what is none, nothing is told but that. */
    private static PocketBaseApiError failed(Failure failure, SniffedContent content, String name) {
        boolean ofContent = Stream.of(
                        ProblemCode.NOT_A_DATABASE, ProblemCode.BACKUP_CORRUPT, ProblemCode.BACKUP_INCOMPATIBLE)
                .anyMatch(it -> it.id().equals(failure.code()));
        if (!ofContent) {
            return PocketBaseApiErrors.of(PocketBaseCall.UPLOAD, failure, name);
        }
        ProblemCode told = content.isZip() ? ProblemCode.BACKUP_INCOMPATIBLE : ProblemCode.NOT_A_DATABASE;
        return PocketBaseApiErrors.of(PocketBaseCall.UPLOAD, new Failure(told.id(), failure.detail()), name);
    }
}
