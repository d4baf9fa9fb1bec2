package dev.holdfast.dialects.pocketbase;

import dev.holdfast.http.dialect.Dialect;
import dev.holdfast.http.dialect.DialectRenderer;
import dev.holdfast.http.problem.ProblemDetails;
import io.micronaut.http.HttpHeaders;
import io.micronaut.http.HttpMethod;
import io.micronaut.http.HttpRequest;
import io.micronaut.http.HttpResponse;
import io.micronaut.http.MediaType;
import io.micronaut.http.MutableHttpHeaders;
import io.micronaut.http.MutableHttpResponse;
import jakarta.inject.Singleton;
import java.util.Optional;

@Singleton
final class PocketBaseRenderer implements DialectRenderer {
    private static final String PREFLIGHT = "Access-Control-Request-Method";

    private final PocketBaseResponses answers;

    PocketBaseRenderer(PocketBaseResponses answers) {
        this.answers = answers;
    }

    @Override
    public Dialect dialect() {
        return Dialect.POCKETBASE;
    }

    @Override
    public void refuse(HttpRequest<?> request, MutableHttpResponse<?> response, ProblemDetails problem) {
        PocketBaseApiError error = translated(request, problem);
        response.status(error.status());
        response.getHeaders().remove(HttpHeaders.ALLOW).remove(HttpHeaders.WWW_AUTHENTICATE);
        response.contentType(MediaType.APPLICATION_JSON);
        response.body(null);
        if (request.getMethod() != HttpMethod.HEAD) {
            response.getHeaders().remove(HttpHeaders.CONTENT_LENGTH);
            fill(response, answers.bytes(error.tree()));
        }
    }

    @SuppressWarnings("unchecked") // a body that has just been taken away may be of any type
    private static void fill(MutableHttpResponse<?> response, byte[] body) {
        ((MutableHttpResponse<byte[]>) response).body(body);
    }

    /** There is no 405: an address that does not take a method is not there for it. */
    private static PocketBaseApiError translated(HttpRequest<?> request, ProblemDetails problem) {
        return switch (problem.status()) {
            case 401 -> PocketBaseApiError.of(401, "The request requires valid record authorization token.");
            case 403 ->
                PocketBaseApiError.of(
                        403,
                        request.getUserPrincipal().isPresent()
                                ? "The authorized record is not allowed to perform this action."
                                : problem.detail()); // why this server answers nobody there
            case 404, 405 -> PocketBaseApiError.NOT_FOUND;
            case 412, 416 -> PocketBaseApiError.of(problem.status(), problem.detail());
            default -> PocketBaseApiError.of(problem.status());
        };
    }

    @Override
    public void dress(HttpRequest<?> request, MutableHttpResponse<?> response) {
        MutableHttpHeaders headers = response.getHeaders();
        headers.set("X-XSS-Protection", "1; mode=block");
        headers.set("X-Content-Type-Options", "nosniff");
        headers.set("X-Frame-Options", "SAMEORIGIN");
        headers.set(HttpHeaders.VARY, "Origin");
        if (request.getHeaders().contains(HttpHeaders.ORIGIN)) {
            headers.set(HttpHeaders.ACCESS_CONTROL_ALLOW_ORIGIN, "*");
        }
    }

    @Override
    public Optional<MutableHttpResponse<?>> preflight(HttpRequest<?> request) {
        if (request.getMethod() != HttpMethod.OPTIONS
                || !request.getHeaders().contains(HttpHeaders.ORIGIN)
                || !request.getHeaders().contains(PREFLIGHT)) {
            return Optional.empty();
        }
        MutableHttpResponse<?> response = HttpResponse.noContent()
                .header(HttpHeaders.ACCESS_CONTROL_ALLOW_METHODS, "GET,HEAD,PUT,PATCH,POST,DELETE");
        request.getHeaders()
                .findFirst(HttpHeaders.ACCESS_CONTROL_REQUEST_HEADERS)
                .ifPresent(it -> response.header(HttpHeaders.ACCESS_CONTROL_ALLOW_HEADERS, it));
        return Optional.of(response);
    }
}
