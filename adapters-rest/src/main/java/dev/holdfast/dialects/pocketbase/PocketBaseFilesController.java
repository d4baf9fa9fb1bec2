package dev.holdfast.dialects.pocketbase;

import dev.holdfast.application.Outcome;
import dev.holdfast.application.backup.BackupDigests;
import dev.holdfast.application.backup.OpenBackup;
import dev.holdfast.domain.backup.Backup;
import dev.holdfast.domain.backup.Origin;
import dev.holdfast.domain.backup.Sha256;
import dev.holdfast.http.access.CurrentHttpCaller;
import dev.holdfast.http.download.ContentDisposition;
import dev.holdfast.http.download.Downloads;
import dev.holdfast.http.download.Presentation;
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
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Tokens that stand in an address for a short time, and the downloads that they open. */
@Controller("/pocketbase/api")
@ExecuteOn(TaskExecutors.BLOCKING)
@Consumes(MediaType.ALL)
@Produces(MediaType.ALL)
@Hidden
final class PocketBaseFilesController {
    private static final String TOKEN = "token";
    private static final PocketBaseApiError DESERTED =
            PocketBaseApiError.of(401, "The request requires valid record authorization token.");
    private static final PocketBaseApiError CLOSED =
            PocketBaseApiError.of(403, "Insufficient permissions to access the resource.");

    private final OpenBackup openBackup;
    private final BackupDigests digests;
    private final Downloads downloads;
    private final AuthTokens tokens;
    private final PocketBaseDatabase database;
    private final PocketBaseResponses answers;

    PocketBaseFilesController(
            OpenBackup openBackup,
            BackupDigests digests,
            Downloads downloads,
            AuthTokens tokens,
            PocketBaseDatabase database,
            PocketBaseResponses answers) {
        this.openBackup = openBackup;
        this.digests = digests;
        this.downloads = downloads;
        this.tokens = tokens;
        this.database = database;
        this.answers = answers;
    }

    @Post("/files/token")
    @Secured("viewer")
    HttpResponse<?> token(HttpRequest<?> request) {
        return token(request, tokens.fileToken(request));
    }

    /** Of the guide alone. */
    @Post("/backups/{key:[^/]+}/download-token")
    @Secured("admin")
    HttpResponse<?> tokenOfOne(HttpRequest<?> request) {
        String key = PocketBaseBackupsController.key(request);
        return switch (digests.find(database.name(), key)) {
            case Outcome.Refused<BackupDigests.Digested>(var problem) ->
                answers.error(PocketBaseApiErrors.of(PocketBaseCall.DOWNLOAD, problem, key));
            case Outcome.Done<BackupDigests.Digested>(BackupDigests.Digested(Backup backup, Sha256 sha256)) ->
                token(request, tokens.fileToken(request, backup.key(), sha256));
        };
    }

    private HttpResponse<?> token(HttpRequest<?> request, String token) {
        return answers.ok(request, JsonNode.createObjectNode(Map.of(TOKEN, JsonNode.createStringNode(token))))
                .header(HttpHeaders.CACHE_CONTROL, "no-store");
    }

    @Get("/backups/{key:[^/]+}")
    @Secured(SecurityRule.IS_ANONYMOUS)
    HttpResponse<?> download(HttpRequest<?> request) {
        String key = PocketBaseBackupsController.key(request);
        return switch (scope(request)) {
            case AuthTokens.Scope.Nothing() -> answers.error(CLOSED);
            case AuthTokens.Scope.Deserted() -> answers.error(DESERTED);
            case AuthTokens.Scope.EveryBackup(String account) ->
                answer(
                        request,
                        account,
                        key,
                        openBackup.open(database.name(), key).then(it -> Outcome.done(Optional.of(it))));
            case AuthTokens.Scope.OneBackup one ->
                one.key().equals(key)
                        ? answer(
                                request,
                                one.account(),
                                key,
                                digests.open(database.name(), key, (_, sha256) -> one.isFor(key, sha256)))
                        : answers.error(CLOSED);
        };
    }

    /** A token in the address counts alone; without one, what the guide has: the header that all other calls take. */
    private AuthTokens.Scope scope(HttpRequest<?> request) {
        List<String> shown = request.getParameters().getAll(TOKEN);
        if (shown.isEmpty()) {
            return AuthTokens.isSuperuser(request)
                    ? new AuthTokens.Scope.EveryBackup(
                            CurrentHttpCaller.of(request).name())
                    : new AuthTokens.Scope.Nothing();
        }
        return shown.size() == 1 ? tokens.scope(shown.getFirst()) : new AuthTokens.Scope.Nothing();
    }

    private HttpResponse<?> answer(
            HttpRequest<?> request, String account, String key, Outcome<Optional<OpenBackup.Opened>> outcome) {
        return switch (outcome) {
            case Outcome.Refused<Optional<OpenBackup.Opened>>(var problem) ->
                answers.error(PocketBaseApiErrors.of(PocketBaseCall.DOWNLOAD, problem, key));
            case Outcome.Done<Optional<OpenBackup.Opened>>(var opened) ->
                opened.isPresent()
                        ? downloads.answer(
                                request,
                                account,
                                opened.get(),
                                presentation(opened.get().backup()))
                        : answers.error(CLOSED);
        };
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
