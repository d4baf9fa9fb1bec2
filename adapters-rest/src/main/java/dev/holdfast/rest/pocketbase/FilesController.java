package dev.holdfast.rest.pocketbase;

import dev.holdfast.application.Outcome;
import dev.holdfast.application.backup.FindBackup;
import dev.holdfast.application.backup.OpenBackup;
import dev.holdfast.domain.backup.Backup;
import dev.holdfast.domain.backup.Origin;
import dev.holdfast.rest.download.ContentDisposition;
import dev.holdfast.rest.download.Downloads;
import dev.holdfast.rest.download.Presentation;
import io.micronaut.http.HttpHeaders;
import io.micronaut.http.HttpRequest;
import io.micronaut.http.HttpResponse;
import io.micronaut.http.MediaType;
import io.micronaut.http.annotation.Consumes;
import io.micronaut.http.annotation.Controller;
import io.micronaut.http.annotation.Get;
import io.micronaut.http.annotation.Post;
import io.micronaut.http.annotation.Produces;
import io.micronaut.json.tree.JsonNode;
import io.micronaut.scheduling.TaskExecutors;
import io.micronaut.scheduling.annotation.ExecuteOn;
import io.micronaut.security.annotation.Secured;
import io.micronaut.security.rules.SecurityRule;
import io.swagger.v3.oas.annotations.Hidden;
import java.security.Principal;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Tokens that stand in an address for a short time, and the downloads that they open. */
@Controller("/pocketbase/api")
@ExecuteOn(TaskExecutors.BLOCKING)
@Consumes(MediaType.ALL)
@Produces(MediaType.ALL)
@Hidden
final class FilesController {
    private static final String TOKEN = "token";
    private static final ApiError CLOSED = ApiError.of(403, "Insufficient permissions to access the resource.");

    private final OpenBackup openBackup;
    private final FindBackup findBackup;
    private final Downloads downloads;
    private final AuthTokens tokens;
    private final PocketBaseDatabase database;
    private final Answers answers;

    FilesController(
            OpenBackup openBackup,
            FindBackup findBackup,
            Downloads downloads,
            AuthTokens tokens,
            PocketBaseDatabase database,
            Answers answers) {
        this.openBackup = openBackup;
        this.findBackup = findBackup;
        this.downloads = downloads;
        this.tokens = tokens;
        this.database = database;
        this.answers = answers;
    }

    @Post("/files/token")
    @Secured("viewer")
    HttpResponse<?> token(HttpRequest<?> request, Principal who) {
        return token(request, who.getName());
    }

    /** Of the guide alone, and like the other one good for every backup. */
    @Post("/backups/{key:[^/]+}/download-token")
    @Secured("admin")
    HttpResponse<?> tokenOfOne(HttpRequest<?> request, Principal who) {
        return switch (findBackup.find(database.name(), BackupsController.key(request))) {
            case Outcome.Refused<Backup>(var problem) ->
                answers.error(ApiErrors.of(Call.DOWNLOAD, problem, BackupsController.key(request)));
            case Outcome.Done<Backup> _ -> token(request, who.getName());
        };
    }

    private HttpResponse<?> token(HttpRequest<?> request, String who) {
        return answers.ok(
                        request,
                        JsonNode.createObjectNode(
                                Map.of(TOKEN, JsonNode.createStringNode(tokens.fileToken(request, who)))))
                .header(HttpHeaders.CACHE_CONTROL, "no-store");
    }

    @Get("/backups/{key:[^/]+}")
    @Secured(SecurityRule.IS_ANONYMOUS)
    HttpResponse<?> download(HttpRequest<?> request) {
        if (!mayDownload(request)) {
            return answers.error(CLOSED);
        }
        String key = BackupsController.key(request);
        return switch (openBackup.open(database.name(), key)) {
            case Outcome.Refused<OpenBackup.Opened>(var problem) ->
                answers.error(ApiErrors.of(Call.DOWNLOAD, problem, key));
            case Outcome.Done<OpenBackup.Opened>(var opened) ->
                downloads.answer(request, opened, presentation(opened.backup()));
        };
    }

    /** A token in the address counts alone; without one, what the guide has: the header that all other calls take. */
    private boolean mayDownload(HttpRequest<?> request) {
        List<String> shown = request.getParameters().getAll(TOKEN);
        return shown.isEmpty()
                ? AuthTokens.isSuperuser(request)
                : shown.size() == 1 && tokens.opensBackups(shown.getFirst());
    }

    private static Presentation presentation(Backup backup) {
        return new Presentation(
                Optional.empty(),
                Map.of(
                        HttpHeaders.CACHE_CONTROL,
                        "max-age=2592000, stale-while-revalidate=86400",
                        "Content-Security-Policy",
                        "default-src 'none'; media-src 'self'; style-src 'unsafe-inline'; sandbox"),
                Map.of(
                        HttpHeaders.CONTENT_TYPE,
                        backup.origin() == Origin.EXTERNAL
                                ? MediaType.APPLICATION_OCTET_STREAM
                                : backup.layout().mediaType(),
                        HttpHeaders.CONTENT_DISPOSITION,
                        disposition(backup.key().value())),
                true);
    }

    /** As it is, where a header can hold it as it is. */
    private static String disposition(String name) {
        return name.matches("[A-Za-z0-9!#$&+.^_`|~@-]+")
                ? "attachment; filename=" + name
                : ContentDisposition.attachment(name);
    }
}
