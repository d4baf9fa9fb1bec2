package dev.holdfast.rest.v1.backup;

import dev.holdfast.application.Outcome;
import dev.holdfast.application.access.token.DownloadTokens;
import dev.holdfast.application.backup.BackupDigests;
import dev.holdfast.application.backup.OpenBackup;
import dev.holdfast.domain.backup.Backup;
import dev.holdfast.http.access.AcceptsDownloadToken;
import dev.holdfast.http.access.Callers;
import dev.holdfast.http.access.DownloadLinks;
import dev.holdfast.http.download.ContentDisposition;
import dev.holdfast.http.download.Downloads;
import dev.holdfast.http.download.Presentation;
import dev.holdfast.http.problem.ProblemApiResponses;
import dev.holdfast.http.problem.ProblemResponses;
import dev.holdfast.rest.v1.Filename;
import dev.holdfast.rest.v1.Replies;
import io.micronaut.http.HttpHeaders;
import io.micronaut.http.HttpRequest;
import io.micronaut.http.HttpResponse;
import io.micronaut.http.MediaType;
import io.micronaut.http.MutableHttpResponse;
import io.micronaut.http.annotation.Consumes;
import io.micronaut.http.annotation.Controller;
import io.micronaut.http.annotation.Get;
import io.micronaut.http.annotation.Post;
import io.micronaut.http.annotation.Produces;
import io.micronaut.http.annotation.QueryValue;
import io.micronaut.scheduling.TaskExecutors;
import io.micronaut.scheduling.annotation.ExecuteOn;
import io.micronaut.security.annotation.Secured;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.Parameter;
import io.swagger.v3.oas.annotations.enums.ParameterIn;
import io.swagger.v3.oas.annotations.media.Content;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
import io.swagger.v3.oas.annotations.tags.Tag;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

@Controller("/api/v1/backup")
@ExecuteOn(TaskExecutors.BLOCKING)
@ProblemApiResponses
@Tag(name = "Backups")
final class DownloadController {
    private final OpenBackup openBackup;
    private final BackupDigests digests;
    private final DownloadTokens tokens;
    private final DownloadLinks links;
    private final Downloads downloads;

    DownloadController(
            OpenBackup openBackup,
            BackupDigests digests,
            DownloadTokens tokens,
            DownloadLinks links,
            Downloads downloads) {
        this.openBackup = openBackup;
        this.digests = digests;
        this.tokens = tokens;
        this.links = links;
        this.downloads = downloads;
    }

    @Post("/{filename:[^/]+}/download-token")
    @Consumes(MediaType.ALL)
    @Secured("operator")
    @Operation(
            operationId = "createDownloadToken",
            summary = "Get a token that opens one backup for five minutes",
            description = "It goes into the address of the download as `token`, in place of the Authorization header, "
                    + "for links that a browser follows. It opens nothing else, and ends with the rights of whoever "
                    + "asked for it.")
    @ApiResponse(
            responseCode = "200",
            description = "The token.",
            content = @Content(schema = @Schema(implementation = DownloadTokenJson.class)))
    HttpResponse<?> token(
            HttpRequest<?> request,
            @Parameter(description = "Which database.") @QueryValue(defaultValue = "default") String database) {
        return Replies.reply(
                request,
                Filename.of(request).then(filename -> digests.find(database, filename)),
                it -> DownloadTokenJson.of(tokens.issue(Callers.of(request), it.backup(), it.sha256())));
    }

    @Get("/{filename:[^/]+}/download")
    @Produces(MediaType.ALL)
    @AcceptsDownloadToken
    @Secured("operator")
    @Operation(
            operationId = "downloadBackup",
            summary = "Download a backup",
            description = "Takes one byte range, and conditions on ETag and date. HEAD answers with the same headers.",
            parameters = {
                @Parameter(
                        in = ParameterIn.QUERY,
                        name = DownloadLinks.PARAMETER,
                        description = "A token for this backup, in place of the Authorization header.",
                        schema = @Schema(type = "string")),
                @Parameter(
                        in = ParameterIn.HEADER,
                        name = HttpHeaders.RANGE,
                        description = "Which bytes; a download that broke off goes on with it.",
                        schema = @Schema(type = "string"),
                        example = "bytes=65536-"),
                @Parameter(
                        in = ParameterIn.HEADER,
                        name = HttpHeaders.IF_RANGE,
                        description = "The ETag of the download that broke off: of other content all bytes are sent.",
                        schema = @Schema(type = "string"))
            })
    @ApiResponse(
            responseCode = "200",
            description = "The backup's bytes.",
            content =
                    @Content(mediaType = "application/x-sqlite3", schema = @Schema(type = "string", format = "binary")))
    @ApiResponse(
            responseCode = "206",
            description = "The part that Range asks for.",
            content =
                    @Content(mediaType = "application/x-sqlite3", schema = @Schema(type = "string", format = "binary")))
    @ApiResponse(responseCode = "304", description = "The client has it already.")
    @ApiResponse(responseCode = "412", description = "It is not the one that If-Match names.")
    @ApiResponse(responseCode = "416", description = "The range lies outside of it.")
    HttpResponse<?> download(
            HttpRequest<?> request,
            @Parameter(description = "Which database.") @QueryValue(defaultValue = "default") String database) {
        Outcome<String> filename = Filename.of(request);
        if (!links.isPresented(request)) {
            return answer(
                    request,
                    filename.then(it -> openBackup.open(database, it)).then(it -> Outcome.done(Optional.of(it))));
        }
        Optional<DownloadTokens.Pass> pass = filename instanceof Outcome.Done<String>(String name)
                ? links.pass(request).filter(it -> it.isFor(database, name))
                : Optional.empty();
        return pass.isPresent()
                ? unstored(answer(request, filename.then(it -> digests.open(database, it, pass.get()::isFor))))
                : links.refusal(request);
    }

    /** Nothing may keep an address with a token in it. */
    private static MutableHttpResponse<?> unstored(MutableHttpResponse<?> response) {
        response.getHeaders().set(HttpHeaders.CACHE_CONTROL, "no-store");
        return response;
    }

    private MutableHttpResponse<?> answer(HttpRequest<?> request, Outcome<Optional<OpenBackup.Opened>> outcome) {
        return switch (outcome) {
            case Outcome.Refused<Optional<OpenBackup.Opened>>(var problem) ->
                ProblemResponses.problem(request, problem);
            case Outcome.Done<Optional<OpenBackup.Opened>>(var opened) ->
                opened.isPresent()
                        ? downloads.answer(
                                request, opened.get(), presentation(opened.get().backup()))
                        : links.refusal(request);
        };
    }

    private static Presentation presentation(Backup backup) {
        var withContent = new LinkedHashMap<String, String>();
        withContent.put(HttpHeaders.CONTENT_TYPE, backup.layout().mediaType());
        withContent.put(
                HttpHeaders.CONTENT_DISPOSITION,
                ContentDisposition.attachment(backup.key().value()));
        withContent.put("X-Content-Type-Options", "nosniff");
        backup.sha256()
                .map(it -> Base64.getEncoder().encodeToString(it.bytes()))
                .ifPresent(it -> withContent.put("Repr-Digest", "sha-256=:" + it + ":"));
        return new Presentation(
                backup.sha256().map(it -> "\"" + it + "\""),
                Map.of(HttpHeaders.CACHE_CONTROL, "private, no-cache", "Referrer-Policy", "no-referrer"),
                withContent,
                false);
    }
}
