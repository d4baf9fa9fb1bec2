package dev.holdfast.http.problem;

import dev.holdfast.domain.problem.Problem;
import dev.holdfast.domain.problem.ProblemException;
import io.micronaut.http.HttpRequest;
import io.micronaut.http.HttpResponse;
import io.micronaut.http.server.exceptions.ExceptionHandler;
import jakarta.inject.Singleton;

/** The last resort: nothing that code throws reaches a client but as a problem. */
@Singleton
final class UnexpectedExceptions implements ExceptionHandler<Throwable, HttpResponse<?>> {
    @Override
    public HttpResponse<?> handle(@SuppressWarnings("rawtypes") HttpRequest raw, Throwable thrown) {
        HttpRequest<?> request = raw;
        return switch (thrown) {
            case ProblemException carrier -> ProblemResponses.problem(request, carrier.problem());
            case InterruptedException _ -> {
                Thread.currentThread().interrupt();
                yield ProblemResponses.problem(
                        request,
                        HttpCode.INTERRUPTED,
                        "The server is shutting down; a started operation goes on until then.");
            }
            default -> ProblemResponses.problem(request, new Problem.Internal(thrown));
        };
    }
}
