package dev.holdfast.http.upload;

import dev.holdfast.application.Outcome;
import dev.holdfast.domain.problem.Problem;
import dev.holdfast.domain.problem.ProblemException;
import io.micronaut.http.HttpHeaders;
import io.micronaut.http.HttpRequest;
import io.micronaut.http.ServerHttpRequest;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/** Finds the file in a request of {@code multipart/form-data}. */
@Singleton
public final class UploadedFiles {
    /** As RFC 2046 has it. */
    private static final Pattern BOUNDARY = Pattern.compile("[0-9A-Za-z'()+_,./:=? -]{0,69}[0-9A-Za-z'()+_,./:=?-]");

    private static final String MEDIA_TYPE = "multipart/form-data";

    private final UploadLimits limits;

    UploadedFiles(UploadLimits limits) {
        this.limits = limits;
    }

    /**
     * Reads as far as the file's first byte, so it may wait for the client. A request that is refused for what its
     * headers say has not been read at all.
     *
     * @param field what the file's field is called
     */
    public Outcome<UploadedFile> open(HttpRequest<?> request, String field) {
        long length = request.getContentLength();
        if (length > limits.maxSize() && length - limits.maxSize() > MultipartForm.MOST_BESIDE) {
            return Outcome.refused(UploadedFile.tooLarge(limits));
        }
        return boundary(request.getHeaders()).then(boundary -> open((ServerHttpRequest<?>) request, boundary, field));
    }

    private static Outcome<String> boundary(HttpHeaders headers) {
        List<String> types = headers.getAll(HttpHeaders.CONTENT_TYPE);
        Optional<HeaderParameters> type = types.size() == 1
                ? HeaderParameters.parse(types.getFirst())
                        .filter(it -> it.value().equals(MEDIA_TYPE))
                : Optional.empty();
        if (type.isEmpty()) {
            return Outcome.refused(new Problem.UnsupportedMediaType("This address takes " + MEDIA_TYPE + "."));
        }
        if (headers.getAll(HttpHeaders.CONTENT_ENCODING).stream().anyMatch(it -> !it.equalsIgnoreCase("identity"))) {
            return Outcome.refused(
                    new Problem.UnsupportedMediaType("This address takes no request that is compressed as a whole."));
        }
        return type.flatMap(it -> it.parameter("boundary"))
                .filter(it -> BOUNDARY.matcher(it).matches())
                .map(Outcome::done)
                .orElseGet(() -> Outcome.refused(
                        new Problem.InvalidArgument("Content-Type", "The Content-Type names no valid boundary.")));
    }

    private Outcome<UploadedFile> open(ServerHttpRequest<?> request, String boundary, String field) {
        var body = RequestBodyStream.of(request.byteBody().toReadBufferPublisher(), limits.silence());
        boolean handedOver = false;
        try {
            var form = new MultipartForm(body, boundary, field);
            MultipartForm.Part part = form.file();
            long announced = Math.max(0, request.getContentLength() - form.besideFile());
            if (announced > limits.maxSize()) {
                return Outcome.refused(UploadedFile.tooLarge(limits));
            }
            handedOver = true;
            return Outcome.done(new UploadedFile(body, part, announced, limits));
        } catch (ProblemException e) {
            return Outcome.refused(e.problem());
        } catch (IOException _) {
            // Somebody may still be there to read this if they only fell silent.
            return Outcome.refused(
                    new Problem.InvalidArgument("body", "The body stopped before the file began; send it again."));
        } finally {
            if (!handedOver) {
                body.close();
            }
        }
    }
}
