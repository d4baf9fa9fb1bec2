package dev.holdfast.http.download;

import dev.holdfast.application.audit.RemoteCaller;
import dev.holdfast.application.backup.OpenBackup;
import dev.holdfast.application.plan.Audit;
import dev.holdfast.application.plan.RepeatedEntry;
import dev.holdfast.domain.backup.Backup;
import dev.holdfast.domain.problem.ProblemCode;
import dev.holdfast.http.access.CurrentHttpCaller;
import dev.holdfast.http.problem.HttpCode;
import dev.holdfast.http.problem.ProblemResponses;
import dev.holdfast.http.request.ClientAddress;
import dev.holdfast.http.stream.StreamSettings;
import dev.holdfast.http.stream.StreamedBody;
import io.micronaut.http.HttpHeaders;
import io.micronaut.http.HttpMethod;
import io.micronaut.http.HttpRequest;
import io.micronaut.http.HttpResponse;
import io.micronaut.http.HttpStatus;
import io.micronaut.http.MutableHttpResponse;
import jakarta.inject.Singleton;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;
import java.util.OptionalLong;

/** Answers requests for a backup's bytes: the whole, a part, that the client has it already, or why there is nothing. */
@Singleton
public final class Downloads {
    private static final DateTimeFormatter HTTP_DATE = DateTimeFormatter.ofPattern(
                    "EEE, dd MMM uuuu HH:mm:ss 'GMT'", Locale.ROOT)
            .withZone(ZoneOffset.UTC);

    private final StreamSettings settings;
    private final Audit audit;
    private final InstantSource clock;

    Downloads(StreamSettings settings, Audit audit, InstantSource clock) {
        this.settings = settings;
        this.audit = audit;
        this.clock = clock;
    }

    /**
     * Answers the account that has signed in. From here on {@code opened} is closed by the answer's body, or has been if it
     * has none.
     */
    public MutableHttpResponse<?> answer(HttpRequest<?> request, OpenBackup.Opened opened, Presentation presentation) {
        return answer(request, CurrentHttpCaller.of(request).name(), opened, presentation);
    }

    /**
     * As {@link #answer(HttpRequest, OpenBackup.Opened, Presentation)}, for a token in the address.
     *
     * @param account the holder of the token, for the audit
     */
    public MutableHttpResponse<?> answer(
            HttpRequest<?> request, String account, OpenBackup.Opened opened, Presentation presentation) {
        boolean handedOver = false;
        try {
            MutableHttpResponse<?> response = conditional(request, opened, presentation);
            handedOver = response.getBody(StreamedBody.class).isPresent();
            if (handedOver) {
                record(new RemoteCaller(account, ClientAddress.of(request)), opened.backup());
            }
            return response;
        } finally {
            if (!handedOver) {
                opened.close();
            }
        }
    }

    private void record(RemoteCaller caller, Backup backup) {
        audit.count(RepeatedEntry.download(clock.instant(), caller.name(), caller.address(), backup));
    }

    private MutableHttpResponse<?> conditional(
            HttpRequest<?> request, OpenBackup.Opened opened, Presentation presentation) {
        var preconditions = new Preconditions(
                presentation.etag(),
                opened.artifact().modified().orElse(opened.backup().createdAt()));
        return switch (preconditions.judge(request.getHeaders())) {
            case FAILED ->
                ProblemResponses.problem(
                        request,
                        ProblemCode.PRECONDITION_FAILED,
                        "The backup is not the one that the condition names.");
            case NOT_MODIFIED -> described(HttpResponse.status(HttpStatus.NOT_MODIFIED), preconditions, presentation);
            case PROCEED -> send(request, opened, preconditions, presentation);
        };
    }

    private MutableHttpResponse<?> send(
            HttpRequest<?> request, OpenBackup.Opened opened, Preconditions preconditions, Presentation presentation) {
        long size = opened.artifact().size();
        boolean head = request.getMethod() == HttpMethod.HEAD;
        ByteRange range = head || !preconditions.rangeApplies(request.getHeaders())
                ? new ByteRange.Whole()
                : ByteRange.of(request.getHeaders().findFirst(HttpHeaders.RANGE), size, presentation.severalRanges());
        return switch (range) {
            case ByteRange.Unsatisfiable() ->
                ProblemResponses.problem(
                                request,
                                HttpCode.RANGE_NOT_SATISFIABLE,
                                "The backup has " + size + " bytes; the range begins behind its end or is empty.")
                        .header(HttpHeaders.CONTENT_RANGE, "bytes */" + size);
            case ByteRange.Whole() -> {
                MutableHttpResponse<Object> whole = content(HttpResponse.ok(), preconditions, presentation);
                whole.header(HttpHeaders.CONTENT_LENGTH, Long.toString(size));
                yield head ? whole : whole.body(body(new ArtifactSource(opened, 0, size, true), size));
            }
            case ByteRange.Part part -> {
                MutableHttpResponse<Object> one = partial(preconditions, presentation);
                one.header(HttpHeaders.CONTENT_LENGTH, Long.toString(part.length()));
                one.header(HttpHeaders.CONTENT_RANGE, part.contentRange(size));
                yield one.body(body(new ArtifactSource(opened, part.offset(), part.length(), true), part.length()));
            }
            case ByteRange.Parts(List<ByteRange.Part> parts) -> {
                MutableHttpResponse<Object> several = partial(preconditions, presentation);
                String type = String.valueOf(several.getHeaders().get(HttpHeaders.CONTENT_TYPE));
                var source = new PartsSource(opened, parts, type);
                several.getHeaders().set(HttpHeaders.CONTENT_TYPE, source.contentType());
                several.header(HttpHeaders.CONTENT_LENGTH, Long.toString(source.length()));
                yield several.body(body(source, source.length()));
            }
        };
    }

    private StreamedBody body(StreamedBody.Source source, long length) {
        return StreamedBody.of(source, OptionalLong.of(length), settings.stall());
    }

    private static MutableHttpResponse<Object> partial(Preconditions preconditions, Presentation presentation) {
        return content(HttpResponse.status(HttpStatus.PARTIAL_CONTENT), preconditions, presentation);
    }

    private static MutableHttpResponse<Object> content(
            MutableHttpResponse<Object> response, Preconditions preconditions, Presentation presentation) {
        presentation.withContent().forEach(response::header);
        return described(response, preconditions, presentation);
    }

    private static MutableHttpResponse<Object> described(
            MutableHttpResponse<Object> response, Preconditions preconditions, Presentation presentation) {
        preconditions.etag().ifPresent(it -> response.header(HttpHeaders.ETAG, it));
        response.header(HttpHeaders.LAST_MODIFIED, HTTP_DATE.format(preconditions.lastModified()))
                .header(HttpHeaders.ACCEPT_RANGES, "bytes");
        presentation.always().forEach(response::header);
        return response;
    }
}
