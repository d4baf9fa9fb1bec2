package dev.holdfast.dialects.dispatcharr.backup;

import dev.holdfast.application.Outcome;
import dev.holdfast.application.backup.BackupDigests;
import dev.holdfast.application.backup.OpenBackup;
import dev.holdfast.dialects.dispatcharr.DispatcharrAccess;
import dev.holdfast.dialects.dispatcharr.DispatcharrApiError;
import dev.holdfast.dialects.dispatcharr.DispatcharrApiErrors;
import dev.holdfast.dialects.dispatcharr.DispatcharrCall;
import dev.holdfast.dialects.dispatcharr.DispatcharrDatabase;
import dev.holdfast.dialects.dispatcharr.DispatcharrFilename;
import dev.holdfast.dialects.dispatcharr.DispatcharrResponses;
import dev.holdfast.dialects.dispatcharr.Json;
import dev.holdfast.dialects.dispatcharr.UrlTokens;
import dev.holdfast.domain.backup.Backup;
import dev.holdfast.domain.backup.Sha256;
import dev.holdfast.http.access.Callers;
import dev.holdfast.http.access.CurrentHttpCaller;
import dev.holdfast.http.download.ContentDisposition;
import dev.holdfast.http.download.Downloads;
import dev.holdfast.http.download.Presentation;
import dev.holdfast.http.upload.AcceptsLargeBody;
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
public final class DispatcharrFilesController {
    private static final DispatcharrApiError WRONG_TOKEN = DispatcharrApiError.detail(403, "Invalid download token");

    private final BackupDigests digests;
    private final OpenBackup openBackup;
    private final Downloads downloads;
    private final UrlTokens tokens;
    private final Uploads uploads;
    private final DispatcharrDatabase database;
    private final DispatcharrResponses answers;

    DispatcharrFilesController(
            BackupDigests digests,
            OpenBackup openBackup,
            Downloads downloads,
            UrlTokens tokens,
            Uploads uploads,
            DispatcharrDatabase database,
            DispatcharrResponses answers) {
        this.digests = digests;
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
        Optional<String> name = DispatcharrFilename.in(request);
        if (name.isEmpty()) {
            return answers.error(DispatcharrApiError.INVALID_NAME);
        }
        return switch (digests.find(database.name(), name.get())) {
            case Outcome.Refused<BackupDigests.Digested>(var problem) ->
                answers.error(DispatcharrApiErrors.of(DispatcharrCall.TOKEN, problem));
            case Outcome.Done<BackupDigests.Digested>(BackupDigests.Digested(Backup backup, Sha256 sha256)) ->
                answers.ok(Json.object(
                                "token",
                                tokens.download(
                                        backup.key(),
                                        sha256,
                                        Callers.of(request).chain())))
                        .header(HttpHeaders.CACHE_CONTROL, "no-store");
        };
    }

    /** The token is looked at before the name. */
    @Get("/{filename:[^/]+}/download/")
    @Secured(SecurityRule.IS_ANONYMOUS)
    HttpResponse<?> download(HttpRequest<?> request) {
        Optional<DispatcharrApiError> shown = DispatcharrAccess.shown(request);
        if (shown.isPresent()) {
            return answers.error(shown.get());
        }
        Optional<String> name = DispatcharrFilename.in(request);
        String token = request.getParameters().get("token", String.class, "");
        if (token.isEmpty()) {
            return DispatcharrDatabase.isAdmin(request)
                    ? name.<HttpResponse<?>>map(it -> answer(
                                    request, CurrentHttpCaller.of(request).name(), open(it)))
                            .orElseGet(() -> answers.error(DispatcharrApiError.INVALID_NAME))
                    : answers.error(DispatcharrApiError.NOT_SHOWN);
        }
        return switch (tokens.ofDownload(token, name.orElse(""))) {
            case WRONG -> answers.error(WRONG_TOKEN);
            case DESERTED -> answers.error(DispatcharrApiError.NOT_SHOWN);
            case OPENS -> {
                String of = name.orElseThrow();
                Optional<String> account = tokens.accountOfDownload(token, of);
                yield account.isPresent()
                        ? answer(
                                request,
                                account.get(),
                                digests.open(database.name(), of, (_, sha256) -> tokens.isFor(token, of, sha256)))
                        : answers.error(DispatcharrApiError.NOT_SHOWN);
            }
        };
    }

    private Outcome<Optional<OpenBackup.Opened>> open(String name) {
        return openBackup.open(database.name(), name).then(it -> Outcome.done(Optional.of(it)));
    }

    private HttpResponse<?> answer(
            HttpRequest<?> request, String account, Outcome<Optional<OpenBackup.Opened>> outcome) {
        return switch (outcome) {
            case Outcome.Refused<Optional<OpenBackup.Opened>>(var problem) ->
                answers.error(DispatcharrApiErrors.of(DispatcharrCall.DOWNLOAD, problem));
            case Outcome.Done<Optional<OpenBackup.Opened>>(var opened) ->
                opened.isPresent()
                        ? downloads.answer(
                                request,
                                account,
                                opened.get(),
                                presentation(opened.get().backup()))
                        : answers.error(WRONG_TOKEN);
        };
    }

    public static Presentation presentation(Backup backup) {
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
    @AcceptsLargeBody
    HttpResponse<?> upload(HttpRequest<?> request) throws InterruptedException {
        return switch (uploads.receive(request)) {
            case Uploads.Received.Refused(DispatcharrApiError error) -> answers.error(error);
            case Uploads.Received.Failed(DispatcharrApiError error, String _, String _) -> answers.error(error);
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
