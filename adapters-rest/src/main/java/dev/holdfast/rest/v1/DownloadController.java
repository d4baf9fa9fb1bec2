package dev.holdfast.rest.v1;

import dev.holdfast.application.Outcome;
import dev.holdfast.application.backup.FindBackup;
import dev.holdfast.application.backup.OpenBackup;
import dev.holdfast.domain.backup.Backup;
import dev.holdfast.rest.problem.AnswersProblems;
import dev.holdfast.rest.problem.HttpCode;
import dev.holdfast.rest.problem.ProblemResponses;
import dev.holdfast.rest.security.DownloadTokens;
import dev.holdfast.rest.security.TakesDownloadToken;
import io.micronaut.http.HttpHeaders;
import io.micronaut.http.HttpMethod;
import io.micronaut.http.HttpRequest;
import io.micronaut.http.HttpResponse;
import io.micronaut.http.HttpStatus;
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
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Base64;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Predicate;

@Controller("/api/v1/backup")
@ExecuteOn(TaskExecutors.BLOCKING)
@AnswersProblems
@Tag(name = "Backups")
final class DownloadController {
    private static final DateTimeFormatter HTTP_DATE = DateTimeFormatter.ofPattern(
                    "EEE, dd MMM uuuu HH:mm:ss 'GMT'", Locale.ROOT)
            .withZone(ZoneOffset.UTC);

    private final OpenBackup openBackup;
    private final FindBackup findBackup;
    private final DownloadTokens tokens;
    private final StreamSettings settings;

    DownloadController(OpenBackup openBackup, FindBackup findBackup, DownloadTokens tokens, StreamSettings settings) {
        this.openBackup = openBackup;
        this.findBackup = findBackup;
        this.tokens = tokens;
        this.settings = settings;
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
                Filename.of(request).then(filename -> findBackup.find(database, filename)),
                backup -> DownloadTokenJson.of(tokens.issue(request.getUserPrincipal(), backup)));
    }

    @Get("/{filename:[^/]+}/download")
    @Produces(MediaType.ALL)
    @TakesDownloadToken
    @Secured("operator")
    @Operation(
            operationId = "downloadBackup",
            summary = "Download a backup",
            description = "Takes one byte range, and conditions on ETag and date. HEAD answers with the same headers.",
            parameters = {
                @Parameter(
                        in = ParameterIn.QUERY,
                        name = DownloadTokens.PARAMETER,
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
        if (!tokens.isPresented(request)) {
            return open(request, database, filename, _ -> true);
        }
        Optional<DownloadTokens.Pass> pass = filename instanceof Outcome.Done<String>(String name)
                ? tokens.pass(request).filter(it -> it.isFor(database, name))
                : Optional.empty();
        return pass.isPresent()
                ? unstored(open(request, database, filename, pass.get()::isFor))
                : tokens.refusal(request);
    }

    /** Nothing may keep an address with a token in it. */
    private static MutableHttpResponse<?> unstored(MutableHttpResponse<?> response) {
        response.getHeaders().set(HttpHeaders.CACHE_CONTROL, "no-store");
        return response;
    }

    private MutableHttpResponse<?> open(
            HttpRequest<?> request, String database, Outcome<String> filename, Predicate<Backup> allowed) {
        return switch (filename.then(it -> openBackup.open(database, it))) {
            case Outcome.Refused<OpenBackup.Opened>(var problem) -> ProblemResponses.problem(request, problem);
            case Outcome.Done<OpenBackup.Opened>(var opened) -> answer(request, opened, allowed);
        };
    }

    /** The lease goes on to the streamed body, or ends here. */
    private MutableHttpResponse<?> answer(HttpRequest<?> request, OpenBackup.Opened opened, Predicate<Backup> allowed) {
        boolean handedOver = false;
        try {
            MutableHttpResponse<?> response =
                    allowed.test(opened.backup()) ? conditional(request, opened) : tokens.refusal(request);
            handedOver = response.getBody(StreamedBody.class).isPresent();
            return response;
        } finally {
            if (!handedOver) {
                opened.close();
            }
        }
    }

    private MutableHttpResponse<?> conditional(HttpRequest<?> request, OpenBackup.Opened opened) {
        Backup backup = opened.backup();
        var preconditions = new Preconditions(backup.sha256().map(it -> "\"" + it + "\""), backup.createdAt());
        return switch (preconditions.judge(request.getHeaders())) {
            case FAILED ->
                ProblemResponses.problem(
                        request, HttpCode.PRECONDITION_FAILED, "The backup is not the one that the condition names.");
            case NOT_MODIFIED -> described(HttpResponse.status(HttpStatus.NOT_MODIFIED), preconditions);
            case PROCEED -> send(request, opened, preconditions);
        };
    }

    private MutableHttpResponse<?> send(HttpRequest<?> request, OpenBackup.Opened opened, Preconditions preconditions) {
        long size = opened.artifact().size();
        HttpHeaders headers = request.getHeaders();
        boolean head = request.getMethod() == HttpMethod.HEAD;
        ByteRange range = head || !preconditions.rangeApplies(headers)
                ? new ByteRange.Whole()
                : ByteRange.of(headers.findFirst(HttpHeaders.RANGE), size);
        return switch (range) {
            case ByteRange.Unsatisfiable() ->
                ProblemResponses.problem(
                                request,
                                HttpCode.RANGE_NOT_SATISFIABLE,
                                "The backup has " + size + " bytes; the range begins behind its end or is empty.")
                        .header(HttpHeaders.CONTENT_RANGE, "bytes */" + size);
            case ByteRange.Whole() -> {
                MutableHttpResponse<Object> whole = whole(opened, preconditions);
                whole.header(HttpHeaders.CONTENT_LENGTH, Long.toString(size));
                yield head ? whole : whole.body(body(opened, 0, size));
            }
            case ByteRange.Part(long offset, long length) -> {
                MutableHttpResponse<Object> part = whole(opened, preconditions).status(HttpStatus.PARTIAL_CONTENT);
                part.header(HttpHeaders.CONTENT_LENGTH, Long.toString(length));
                part.header(HttpHeaders.CONTENT_RANGE, "bytes " + offset + "-" + (offset + length - 1) + "/" + size);
                yield part.body(body(opened, offset, length));
            }
        };
    }

    private StreamedBody body(OpenBackup.Opened opened, long offset, long length) {
        return StreamedBody.of(new ArtifactSource(opened, offset, length), OptionalLong.of(length), settings.stall());
    }

    private static MutableHttpResponse<Object> whole(OpenBackup.Opened opened, Preconditions preconditions) {
        Backup backup = opened.backup();
        MutableHttpResponse<Object> response = described(HttpResponse.ok(), preconditions);
        response.header(HttpHeaders.CONTENT_TYPE, backup.layout().mediaType())
                .header(
                        HttpHeaders.CONTENT_DISPOSITION,
                        ContentDisposition.attachment(backup.key().value()))
                .header("X-Content-Type-Options", "nosniff");
        backup.sha256()
                .map(it -> Base64.getEncoder().encodeToString(it.bytes()))
                .ifPresent(it -> response.header("Repr-Digest", "sha-256=:" + it + ":"));
        return response;
    }

    private static MutableHttpResponse<Object> described(
            MutableHttpResponse<Object> response, Preconditions preconditions) {
        preconditions.etag().ifPresent(it -> response.header(HttpHeaders.ETAG, it));
        return response.header(HttpHeaders.LAST_MODIFIED, HTTP_DATE.format(preconditions.lastModified()))
                .header(HttpHeaders.ACCEPT_RANGES, "bytes")
                .header(HttpHeaders.CACHE_CONTROL, "private, no-cache")
                .header("Referrer-Policy", "no-referrer");
    }
}
