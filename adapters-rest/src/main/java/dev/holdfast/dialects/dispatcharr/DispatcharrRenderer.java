package dev.holdfast.dialects.dispatcharr;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.holdfast.http.dialect.Dialect;
import dev.holdfast.http.dialect.DialectRenderer;
import dev.holdfast.http.problem.ProblemDetails;
import io.micronaut.http.HttpHeaders;
import io.micronaut.http.HttpMethod;
import io.micronaut.http.HttpRequest;
import io.micronaut.http.HttpResponse;
import io.micronaut.http.HttpStatus;
import io.micronaut.http.MediaType;
import io.micronaut.http.MutableHttpResponse;
import jakarta.inject.Singleton;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;

@Singleton
final class DispatcharrRenderer implements DialectRenderer {
    private static final String PREFLIGHT = "Access-Control-Request-Method";
    private static final String HTML = "text/html; charset=utf-8";
    private static final String PAGE_METHODS = "GET, HEAD, OPTIONS";
    private static final String PAGE = """
            <!doctype html>
            <html lang="en"><head><meta charset="utf-8"><title>Holdfast</title></head>
            <body><p>There is no call at this address. The addresses of all calls end with a slash,
            for example <code>api/backups/</code>.</p></body></html>
            """;

    private final DispatcharrResponses answers;

    DispatcharrRenderer(DispatcharrResponses answers) {
        this.answers = answers;
    }

    @Override
    public Dialect dialect() {
        return Dialect.DISPATCHARR;
    }

    /** Where the original has its web page, an address without a slash at its end never reaches a call. */
    @Override
    public Optional<MutableHttpResponse<?>> preflight(HttpRequest<?> request) {
        if (request.getMethod() == HttpMethod.OPTIONS && request.getHeaders().contains(PREFLIGHT)) {
            return Optional.of(allowed(request));
        }
        String path = request.getPath();
        if (!path.endsWith("/") || path.toLowerCase(Locale.ROOT).contains("%2f")) {
            MutableHttpResponse<byte[]> response = HttpResponse.ok();
            page(request, response);
            return Optional.of(response);
        }
        return accepts(request, "application/json") || accepts(request, "text/html")
                ? Optional.empty()
                : Optional.of(
                        answers.error(DispatcharrApiError.detail(406, "Could not satisfy the request Accept header.")));
    }

    private static MutableHttpResponse<?> allowed(HttpRequest<?> request) {
        MutableHttpResponse<?> response = HttpResponse.ok()
                .header(HttpHeaders.ACCESS_CONTROL_ALLOW_METHODS, "DELETE, GET, OPTIONS, PATCH, POST, PUT")
                .header(HttpHeaders.ACCESS_CONTROL_MAX_AGE, "86400");
        request.getHeaders()
                .findFirst(HttpHeaders.ACCESS_CONTROL_REQUEST_HEADERS)
                .ifPresent(it -> response.header(HttpHeaders.ACCESS_CONTROL_ALLOW_HEADERS, it));
        return response;
    }

    private static List<String> ranges(HttpRequest<?> request) {
        return request.getHeaders().getAll(HttpHeaders.ACCEPT).stream()
                .flatMap(it -> Stream.of(it.split(",", -1)))
                .map(it -> it.split(";", 2)[0].strip().toLowerCase(Locale.ROOT))
                .filter(it -> !it.isEmpty())
                .toList();
    }

    private static boolean accepts(HttpRequest<?> request, String type) {
        List<String> ranges = ranges(request);
        String group = type.substring(0, type.indexOf('/')) + "/*";
        return ranges.isEmpty() || ranges.contains("*/*") || ranges.contains(group) || ranges.contains(type);
    }

    @Override
    public void refuse(HttpRequest<?> request, MutableHttpResponse<?> response, ProblemDetails problem) {
        if (problem.status() == 404) {
            page(request, response);
            return;
        }
        DispatcharrApiError error = translated(request, problem);
        response.status(error.status());
        response.getHeaders().remove(HttpHeaders.WWW_AUTHENTICATE);
        if (error.status() == 401) {
            response.getHeaders().set(HttpHeaders.WWW_AUTHENTICATE, DispatcharrResponses.CHALLENGE);
        }
        response.contentType(MediaType.APPLICATION_JSON);
        fill(request, response, answers.bytes(error.body()));
    }

    private static void page(HttpRequest<?> request, MutableHttpResponse<?> response) {
        boolean read = request.getMethod() == HttpMethod.GET || request.getMethod() == HttpMethod.HEAD;
        response.status(read ? HttpStatus.OK : HttpStatus.METHOD_NOT_ALLOWED);
        response.contentType(HTML);
        if (!read) {
            response.getHeaders().set(HttpHeaders.ALLOW, PAGE_METHODS);
        }
        fill(request, response, PAGE.getBytes(UTF_8));
    }

    @SuppressWarnings("unchecked") // a body that has just been taken away may be of any type
    private static void fill(HttpRequest<?> request, MutableHttpResponse<?> response, byte[] body) {
        response.body(null);
        response.getHeaders().remove(HttpHeaders.CONTENT_LENGTH);
        if (request.getMethod() != HttpMethod.HEAD) {
            ((MutableHttpResponse<byte[]>) response).body(body);
        }
    }

    private static DispatcharrApiError translated(HttpRequest<?> request, ProblemDetails problem) {
        return switch (problem.status()) {
            case 401 -> DispatcharrAccess.refusal(request);
            case 403 ->
                request.getUserPrincipal().isPresent()
                        ? DispatcharrApiError.NOT_ALLOWED
                        : DispatcharrApiError.detail(403, problem.detail()); // why this server answers nobody there
            case 405 -> DispatcharrApiError.detail(405, "Method \"" + request.getMethodName() + "\" not allowed.");
            default ->
                problem.status() < 500
                        ? DispatcharrApiError.detail(problem.status(), problem.detail())
                        : DispatcharrApiError.detail(500, failed(request, problem.detail()));
        };
    }

    private static String failed(HttpRequest<?> request, String why) {
        return DispatcharrCall.of(request).map(it -> it.failed(why)).orElse(why);
    }

    @Override
    public void dress(HttpRequest<?> request, MutableHttpResponse<?> response) {
        response.getHeaders().set(HttpHeaders.ACCESS_CONTROL_ALLOW_ORIGIN, "*");
        response.getHeaders().set("X-Content-Type-Options", "nosniff");
        boolean json = response.getContentType()
                .filter(it -> it.getName().equals(MediaType.APPLICATION_JSON))
                .isPresent();
        List<String> ranges = ranges(request);
        if (json && ranges.contains("text/html") && !ranges.contains(MediaType.APPLICATION_JSON)) {
            response.getBody(byte[].class).ifPresent(it -> {
                response.contentType(HTML);
                fill(request, response, rendered(new String(it, UTF_8)).getBytes(UTF_8));
            });
        }
    }

    private static String rendered(String json) {
        return "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>Holdfast</title></head><body><pre>"
                + json.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;") + "</pre></body></html>\n";
    }
}
