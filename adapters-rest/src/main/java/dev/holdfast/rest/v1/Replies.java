package dev.holdfast.rest.v1;

import dev.holdfast.application.Outcome;
import dev.holdfast.http.problem.ProblemResponses;
import io.micronaut.http.HttpRequest;
import io.micronaut.http.HttpResponse;
import io.micronaut.http.MutableHttpResponse;
import java.util.function.Function;

/** Outcomes as responses. */
public final class Replies {
    private Replies() {}

    public static <T> MutableHttpResponse<?> reply(
            HttpRequest<?> request, Outcome<T> outcome, Function<T, Object> json) {
        return switch (outcome) {
            case Outcome.Done<T>(T value) -> HttpResponse.ok(json.apply(value)).header("Cache-Control", "no-store");
            case Outcome.Refused<T>(var problem) -> ProblemResponses.problem(request, problem);
        };
    }
}
