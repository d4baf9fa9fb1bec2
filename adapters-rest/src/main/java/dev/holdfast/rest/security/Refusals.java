package dev.holdfast.rest.security;

import dev.holdfast.domain.problem.Problem;
import io.micronaut.http.HttpHeaders;
import io.micronaut.http.HttpStatus;
import io.micronaut.http.MediaType;
import io.micronaut.http.MutableHttpResponse;
import java.util.LinkedHashMap;
import java.util.Map;

/** Problems of access as responses. */
final class Refusals {
    static final String CHALLENGE = "Bearer";

    private Refusals() {}

    static MutableHttpResponse<?> of(Problem problem) {
        HttpStatus status = switch (problem) {
            case Problem.Unauthenticated _ -> HttpStatus.UNAUTHORIZED;
            case Problem.PermissionDenied _ -> HttpStatus.FORBIDDEN;
            case Problem.TooManyAttempts _ -> HttpStatus.TOO_MANY_REQUESTS;
            case Problem.InvalidArgument _ -> HttpStatus.BAD_REQUEST;
            default -> HttpStatus.INTERNAL_SERVER_ERROR;
        };
        Map<String, Object> body = new LinkedHashMap<>();
        body.put("title", problem.code().title());
        body.put("status", status.getCode());
        body.put("detail", problem.detail());
        body.put("code", problem.code().id());
        MutableHttpResponse<?> response = io.micronaut.http.HttpResponse.status(status)
                .body(body)
                .contentType(MediaType.APPLICATION_JSON_PROBLEM_TYPE);
        if (problem instanceof Problem.Unauthenticated) {
            response.header(HttpHeaders.WWW_AUTHENTICATE, CHALLENGE);
        }
        if (problem instanceof Problem.TooManyAttempts(var wait)) {
            response.header(
                    HttpHeaders.RETRY_AFTER,
                    String.valueOf(Math.max(1, wait.plusMillis(999).toSeconds())));
        }
        return response;
    }
}
