package dev.holdfast.rest.dispatcharr;

import dev.holdfast.application.Outcome;
import dev.holdfast.application.backup.FindBackup;
import dev.holdfast.application.backup.OpenBackup;
import dev.holdfast.domain.backup.Backup;
import dev.holdfast.rest.download.ContentDisposition;
import dev.holdfast.rest.download.Downloads;
import dev.holdfast.rest.download.Presentation;
import dev.holdfast.rest.upload.TakesLargeBody;
import io.micronaut.http.HttpHeaders;
import io.micronaut.http.HttpRequest;
import io.micronaut.http.HttpResponse;
import io.micronaut.http.MediaType;
import io.micronaut.http.annotation.Consumes;
import io.micronaut.http.annotation.Controller;
import io.micronaut.http.annotation.Get;
import io.micronaut.http.annotation.Post;
import io.micronaut.http.annotation.Produces;
import io.micronaut.scheduling.TaskExecutors;
import io.micronaut.scheduling.annotation.ExecuteOn;
import io.micronaut.security.annotation.Secured;
import io.micronaut.security.rules.SecurityRule;
import io.swagger.v3.oas.annotations.Hidden;
import java.util.Map;
import java.util.Optional;

/** The released API: files on their way out and in. */
@Controller("/dispatcharr/api/backups")
@ExecuteOn(TaskExecutors.BLOCKING)
@Consumes(MediaType.ALL)
@Produces(MediaType.ALL)
@Hidden
final class FilesController {
    private final FindBackup findBackup;
    private final OpenBackup openBackup;
    private final Downloads downloads;
    private final UrlTokens tokens;
    private final Uploads uploads;
    private final DispatcharrDatabase database;
    private final Answers answers;

    FilesController(
            FindBackup findBackup,
            OpenBackup openBackup,
            Downloads downloads,
            UrlTokens tokens,
            Uploads uploads,
            DispatcharrDatabase database,
            Answers answers) {
        this.findBackup = findBackup;
        this.openBackup = openBackup;
        this.downloads = downloads;
        this.tokens = tokens;
        this.uploads = uploads;
        this.database = database;
        this.answers = answers;
    }

    @Get("/{filename:[^/]+}/download-token/")
    @Secured("admin")
    HttpResponse<?> token(HttpRequest<?> request) {
        Optional<String> name = Filename.in(request);
        if (name.isEmpty()) {
            return answers.error(ApiError.INVALID_NAME);
        }
        return switch (findBackup.find(database.name(), name.get())) {
            case Outcome.Refused<Backup>(var problem) -> answers.error(ApiErrors.of(Call.TOKEN, problem));
            case Outcome.Done<Backup> _ ->
                answers.ok(Json.object("token", tokens.download(name.get())))
                        .header(HttpHeaders.CACHE_CONTROL, "no-store");
        };
    }

    /** The token is looked at before the name. */
    @Get("/{filename:[^/]+}/download/")
    @Secured(SecurityRule.IS_ANONYMOUS)
    HttpResponse<?> download(HttpRequest<?> request) {
        Optional<ApiError> shown = DispatcharrAccess.shown(request);
        if (shown.isPresent()) {
            return answers.error(shown.get());
        }
        Optional<String> name = Filename.in(request);
        String token = request.getParameters().get("token", String.class, "");
        if (!token.isEmpty() && !tokens.opensDownload(token, name.orElse(""))) {
            return answers.error(ApiError.detail(403, "Invalid download token"));
        }
        if (token.isEmpty() && !DispatcharrDatabase.isAdmin(request)) {
            return answers.error(ApiError.detail(401, "Authentication required"));
        }
        return name.isEmpty() ? answers.error(ApiError.INVALID_NAME) : download(request, name.get());
    }

    private HttpResponse<?> download(HttpRequest<?> request, String name) {
        return switch (openBackup.open(database.name(), name)) {
            case Outcome.Refused<OpenBackup.Opened>(var problem) -> answers.error(ApiErrors.of(Call.DOWNLOAD, problem));
            case Outcome.Done<OpenBackup.Opened>(var opened) ->
                downloads.answer(request, opened, presentation(opened.backup()));
        };
    }

    static Presentation presentation(Backup backup) {
        return new Presentation(
                Optional.empty(),
                Map.of(HttpHeaders.CACHE_CONTROL, "no-store"),
                Map.of(
                        HttpHeaders.CONTENT_TYPE,
                        backup.layout().mediaType(),
                        HttpHeaders.CONTENT_DISPOSITION,
                        ContentDisposition.attachment(backup.key().value())),
                true);
    }

    @Post("/upload/")
    @Secured("admin")
    @TakesLargeBody
    HttpResponse<?> upload(HttpRequest<?> request) throws InterruptedException {
        return switch (uploads.receive(request)) {
            case Uploads.Received.Refused(ApiError error) -> answers.error(error);
            case Uploads.Received.Failed(ApiError error, String _, String _) -> answers.error(error);
            case Uploads.Received.Stored(Backup backup, String _) ->
                answers.json(
                        201,
                        Json.object(
                                "detail",
                                "Backup uploaded successfully",
                                "filename",
                                backup.key().value()));
        };
    }
}
