package dev.holdfast.rest.security;

import dev.holdfast.domain.problem.Code;
import dev.holdfast.domain.problem.Problem;
import dev.holdfast.rest.problem.ProblemResponses;
import io.micronaut.http.HttpHeaders;
import io.micronaut.http.HttpRequest;
import io.micronaut.http.MutableHttpResponse;

/** Problems of access as responses: who may sign in is told how. */
final class Refusals {
    static final String CHALLENGE = "Bearer";

    private Refusals() {}

    static MutableHttpResponse<?> of(HttpRequest<?> request, Problem problem) {
        var response = ProblemResponses.problem(request, problem);
        return problem.code() == Code.UNAUTHENTICATED
                ? response.header(HttpHeaders.WWW_AUTHENTICATE, CHALLENGE)
                : response;
    }

    static MutableHttpResponse<?> permissionDenied(HttpRequest<?> request, String detail) {
        return ProblemResponses.problem(request, Code.PERMISSION_DENIED, detail);
    }
}
