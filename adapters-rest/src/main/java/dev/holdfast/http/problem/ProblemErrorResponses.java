package dev.holdfast.http.problem;

import dev.holdfast.domain.problem.ProblemCode;
import io.micronaut.context.annotation.Primary;
import io.micronaut.context.annotation.Replaces;
import io.micronaut.http.HttpRequest;
import io.micronaut.http.MutableHttpResponse;
import io.micronaut.http.server.exceptions.response.ErrorContext;
import io.micronaut.http.server.exceptions.response.ErrorResponseProcessor;
import jakarta.inject.Singleton;

/**
 * Renders what the HTTP server itself refuses. Its own messages name classes and arguments, so none of them is sent.
 */
@Singleton
@Primary
@Replaces(ErrorResponseProcessor.class)
final class ProblemErrorResponses implements ErrorResponseProcessor<ProblemDetails> {
    @Override
    public MutableHttpResponse<ProblemDetails> processResponse(ErrorContext error, MutableHttpResponse<?> response) {
        HttpRequest<?> request = error.getRequest();
        return ProblemResponses.write(request, response, details(request, response.code()));
    }

    private static ProblemDetails details(HttpRequest<?> request, int status) {
        return switch (status) {
            case 400 -> of(request, ProblemCode.INVALID_ARGUMENT, "The request's address or body cannot be read.");
            case 401 -> of(request, ProblemCode.UNAUTHENTICATED, "Sign in, or send a token.");
            case 403 -> of(request, ProblemCode.PERMISSION_DENIED, "Your role does not include this.");
            case 404 -> of(request, HttpCode.ROUTE_NOT_FOUND, "See /openapi.yml for the addresses there are.");
            case 405 ->
                of(
                        request,
                        HttpCode.METHOD_NOT_ALLOWED,
                        "This address does not take " + request.getMethodName()
                                + "; the Allow header says what it takes.");
            case 406 ->
                of(request, HttpCode.NOT_ACCEPTABLE, "The Accept header excludes what this address answers with.");
            case 413 -> of(request, HttpCode.REQUEST_TOO_LARGE, "The request's body is larger than allowed.");
            case 415 -> of(request, ProblemCode.UNSUPPORTED_MEDIA_TYPE, "This address takes application/json.");
            default ->
                status < 500
                        ? of(request, HttpCode.MALFORMED_REQUEST, "The request cannot be understood.")
                        : of(
                                request,
                                ProblemCode.INTERNAL,
                                "Something went wrong inside the server; its log has the cause.");
        };
    }

    private static ProblemDetails of(HttpRequest<?> request, ProblemCode code, String detail) {
        return ProblemDetails.of(code.id(), code.title(), Statuses.of(code).getCode(), detail, request.getPath());
    }

    private static ProblemDetails of(HttpRequest<?> request, HttpCode code, String detail) {
        return ProblemDetails.of(code.id(), code.title(), code.status().getCode(), detail, request.getPath());
    }
}
