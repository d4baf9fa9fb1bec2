package dev.holdfast.dialects.jobops;

import dev.holdfast.application.access.AccessControl;
import dev.holdfast.http.dialect.Dialect;
import dev.holdfast.http.dialect.DialectRenderer;
import dev.holdfast.http.problem.ProblemDetails;
import io.micronaut.http.HttpHeaders;
import io.micronaut.http.HttpMethod;
import io.micronaut.http.HttpRequest;
import io.micronaut.http.HttpResponse;
import io.micronaut.http.MutableHttpResponse;
import jakarta.inject.Singleton;
import java.util.Optional;

@Singleton
final class JobOpsRenderer implements DialectRenderer {
    static final JobOpsApiError TOO_LARGE = JobOpsApiError.of(500, "request entity too large");

    private static final String PREFIX = "/" + Dialect.JOBOPS.id();

    private final JobOpsResponses answers;
    private final AccessControl access;
    private final Setup setup;

    JobOpsRenderer(JobOpsResponses answers, AccessControl access, Setup setup) {
        this.answers = answers;
        this.access = access;
        this.setup = setup;
    }

    @Override
    public Dialect dialect() {
        return Dialect.JOBOPS;
    }

    @Override
    public void refuse(HttpRequest<?> request, MutableHttpResponse<?> response, ProblemDetails problem) {
        JobOpsApiError error = translated(request, problem);
        response.status(error.status());
        response.getHeaders().remove(HttpHeaders.ALLOW).remove(HttpHeaders.WWW_AUTHENTICATE);
        response.contentType(JobOpsResponses.TYPE);
        response.body(null);
        if (request.getMethod() != HttpMethod.HEAD) {
            response.getHeaders().remove(HttpHeaders.CONTENT_LENGTH);
            fill(response, answers.bytes(request, error));
        }
    }

    @SuppressWarnings("unchecked") // a body that has just been taken away may be of any type
    private static void fill(MutableHttpResponse<?> response, byte[] body) {
        ((MutableHttpResponse<byte[]>) response).body(body);
    }

    private JobOpsApiError translated(HttpRequest<?> request, ProblemDetails problem) {
        boolean known = request.getUserPrincipal().isPresent();
        return switch (problem.status()) {
            case 400, 415 -> JobOpsApiError.of(400, problem.detail());
            case 401 -> setup.notSignedIn();
            // Without anybody it is this server that answers nobody there, and says why.
            case 403 -> known ? JobOpsApiError.NOT_ADMIN : JobOpsApiError.of(403, problem.detail());
            // Only who has signed in is told which addresses there are.
            case 404, 405 -> access.enabled() && !known ? setup.notSignedIn() : noRoute(request);
            case 413 -> TOO_LARGE;
            case 503 -> JobOpsApiError.of(503, problem.detail());
            default -> JobOpsApiError.INTERNAL;
        };
    }

    private static JobOpsApiError noRoute(HttpRequest<?> request) {
        String path = request.getPath();
        return JobOpsApiError.of(
                404,
                "Route not found: " + request.getMethodName() + " "
                        + (path.startsWith(PREFIX) ? path.substring(PREFIX.length()) : path));
    }

    @Override
    public void dress(HttpRequest<?> request, MutableHttpResponse<?> response) {
        response.getHeaders().set(RequestIds.HEADER, RequestIds.of(request));
        response.getHeaders().set(HttpHeaders.ACCESS_CONTROL_ALLOW_ORIGIN, "*");
    }

    /** To every {@code OPTIONS}. */
    @Override
    public Optional<MutableHttpResponse<?>> preflight(HttpRequest<?> request) {
        if (request.getMethod() != HttpMethod.OPTIONS) {
            return Optional.empty();
        }
        MutableHttpResponse<?> response = HttpResponse.noContent()
                .header(HttpHeaders.ACCESS_CONTROL_ALLOW_ORIGIN, "*")
                .header(HttpHeaders.ACCESS_CONTROL_ALLOW_METHODS, "GET,HEAD,PUT,PATCH,POST,DELETE")
                .header(HttpHeaders.VARY, HttpHeaders.ACCESS_CONTROL_REQUEST_HEADERS);
        request.getHeaders()
                .findFirst(HttpHeaders.ACCESS_CONTROL_REQUEST_HEADERS)
                .ifPresent(it -> response.header(HttpHeaders.ACCESS_CONTROL_ALLOW_HEADERS, it));
        return Optional.of(response);
    }
}
