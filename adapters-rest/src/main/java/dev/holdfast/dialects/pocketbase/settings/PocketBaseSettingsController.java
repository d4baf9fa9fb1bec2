package dev.holdfast.dialects.pocketbase.settings;

import dev.holdfast.dialects.pocketbase.FieldErrors;
import dev.holdfast.dialects.pocketbase.PocketBaseApiError;
import dev.holdfast.dialects.pocketbase.PocketBaseCall;
import dev.holdfast.dialects.pocketbase.PocketBaseResponses;
import dev.holdfast.dialects.pocketbase.SubmittedFields;
import io.micronaut.http.HttpRequest;
import io.micronaut.http.HttpResponse;
import io.micronaut.http.MediaType;
import io.micronaut.http.annotation.Consumes;
import io.micronaut.http.annotation.Controller;
import io.micronaut.http.annotation.Get;
import io.micronaut.http.annotation.Patch;
import io.micronaut.http.annotation.Post;
import io.micronaut.http.annotation.Produces;
import io.micronaut.json.tree.JsonNode;
import io.micronaut.scheduling.TaskExecutors;
import io.micronaut.scheduling.annotation.ExecuteOn;
import io.micronaut.security.annotation.Secured;
import io.swagger.v3.oas.annotations.Hidden;
import java.security.Principal;
import java.util.Optional;

@Controller("/pocketbase/api/settings")
@ExecuteOn(TaskExecutors.BLOCKING)
@Consumes(MediaType.ALL)
@Produces(MediaType.ALL)
@Secured("admin")
@Hidden
final class PocketBaseSettingsController {
    private static final String TEST_FAILED = "Failed to test the S3 filesystem.";

    private final PocketBaseStoredSettings settings;
    private final SubmittedFields submitted;
    private final PocketBaseResponses answers;

    PocketBaseSettingsController(
            PocketBaseStoredSettings settings, SubmittedFields submitted, PocketBaseResponses answers) {
        this.settings = settings;
        this.submitted = submitted;
        this.answers = answers;
    }

    @Get
    HttpResponse<?> find(HttpRequest<?> request) {
        return answers.ok(request, SettingsTree.masked(settings.current()));
    }

    @Patch
    HttpResponse<?> change(HttpRequest<?> request, Principal who) throws InterruptedException {
        Optional<JsonNode> body = submitted.read(request);
        if (body.isEmpty()) {
            return answers.error(PocketBaseApiError.UNREADABLE);
        }
        return switch (settings.change(body.get(), who.getName())) {
            case PocketBaseStoredSettings.Change.Made(JsonNode tree) -> answers.ok(request, SettingsTree.masked(tree));
            case PocketBaseStoredSettings.Change.Unreadable() -> answers.error(PocketBaseApiError.UNREADABLE);
            case PocketBaseStoredSettings.Change.Wrong(FieldErrors errors) ->
                answers.error(new PocketBaseApiError(400, PocketBaseCall.SETTINGS.failed(), errors.tree()));
        };
    }

    /** No store of this version is a bucket, so none can be tested. */
    @Post("/test/s3")
    HttpResponse<?> testS3(HttpRequest<?> request) throws InterruptedException {
        Optional<String> filesystem = submitted.read(request).flatMap(it -> SubmittedFields.text(it, "filesystem"));
        if (filesystem.isEmpty()) {
            return answers.error(PocketBaseApiError.UNREADABLE);
        }
        return answers.error(
                switch (filesystem.get()) {
                    case "" ->
                        new PocketBaseApiError(
                                400,
                                TEST_FAILED,
                                FieldErrors.blank("filesystem").tree());
                    case "backups" -> tested("backups.s3.enabled");
                    case "storage" -> tested("s3.enabled");
                    default ->
                        new PocketBaseApiError(
                                400,
                                TEST_FAILED,
                                FieldErrors.of("filesystem", "validation_in_invalid", "Must be a valid value.")
                                        .tree());
                });
    }

    private PocketBaseApiError tested(String enabled) {
        return PocketBaseApiError.bad(TEST_FAILED + " Raw error: \n"
                + (SettingsTree.at(settings.current(), enabled).getBooleanValue()
                        ? "failed to initialize the S3 filesystem: this version of Holdfast keeps backups in directories."
                        : "S3 storage filesystem is not enabled."));
    }
}
