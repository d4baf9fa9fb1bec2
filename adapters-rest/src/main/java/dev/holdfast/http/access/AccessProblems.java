package dev.holdfast.http.access;

import dev.holdfast.domain.problem.Problem;
import dev.holdfast.domain.problem.ProblemCode;
import dev.holdfast.http.problem.ProblemResponses;
import io.micronaut.http.HttpHeaders;
import io.micronaut.http.HttpRequest;
import io.micronaut.http.MutableHttpResponse;

/** Problems of access as responses: who may sign in is told how. */
final class AccessProblems {
    static final String CHALLENGE = "Bearer";

    private AccessProblems() {}

    static MutableHttpResponse<?> of(HttpRequest<?> request, Problem problem) {
        var response = ProblemResponses.problem(request, problem);
        return problem.code() == ProblemCode.UNAUTHENTICATED
                ? response.header(HttpHeaders.WWW_AUTHENTICATE, CHALLENGE)
                : response;
    }

    static MutableHttpResponse<?> permissionDenied(HttpRequest<?> request, String detail) {
        return ProblemResponses.problem(request, ProblemCode.PERMISSION_DENIED, detail);
    }
}
