package dev.holdfast.http.dialect;

import dev.holdfast.http.problem.ProblemDetails;
import io.micronaut.http.HttpRequest;
import io.micronaut.http.MutableHttpResponse;
import java.util.Optional;

/** How the answers of one dialect look. One bean for each dialect. */
public interface DialectRenderer {
    Dialect dialect();

    /**
     * Says in the dialect's words what was refused outside of its own calls: an address that there is not, a method that
     * it does not take, a body that cannot be read, whoever may not ask, and what nobody expected. May change everything
     * of {@code response}, whose body is the problem; a {@code HEAD} request gets none.
     */
    void refuse(HttpRequest<?> request, MutableHttpResponse<?> response, ProblemDetails problem);

    /** Adds what every answer of the dialect has. */
    default void dress(HttpRequest<?> request, MutableHttpResponse<?> response) {}

    /** Answers what no call of the dialect answers, before anybody is asked who they are: a CORS preflight. */
    default Optional<MutableHttpResponse<?>> preflight(HttpRequest<?> request) {
        return Optional.empty();
    }
}
