package dev.holdfast.http.problem;

import io.micronaut.http.HttpStatus;
import java.util.Locale;

/** The codes of what only HTTP can refuse, in addition to {@link dev.holdfast.domain.problem.ProblemCode}. */
public enum HttpCode {
    MALFORMED_REQUEST(HttpStatus.BAD_REQUEST, "The request cannot be understood"),
    ROUTE_NOT_FOUND(HttpStatus.NOT_FOUND, "Nothing answers at this address"),
    METHOD_NOT_ALLOWED(HttpStatus.METHOD_NOT_ALLOWED, "This address does not take that method"),
    NOT_ACCEPTABLE(HttpStatus.NOT_ACCEPTABLE, "The answer is of no type that the request accepts"),
    OPERATION_CANCELLED(HttpStatus.CONFLICT, "Somebody cancelled the operation"),
    REQUEST_TOO_LARGE(HttpStatus.REQUEST_ENTITY_TOO_LARGE, "The request is larger than allowed"),
    RANGE_NOT_SATISFIABLE(HttpStatus.REQUESTED_RANGE_NOT_SATISFIABLE, "The range lies outside of the backup"),
    TOO_MANY_STREAMS(HttpStatus.SERVICE_UNAVAILABLE, "As many event streams are open as this server allows"),
    INTERRUPTED(HttpStatus.SERVICE_UNAVAILABLE, "The server ended before the work did");

    private final HttpStatus status;
    private final String title;

    HttpCode(HttpStatus status, String title) {
        this.status = status;
        this.title = title;
    }

    public HttpStatus status() {
        return status;
    }

    public String title() {
        return title;
    }

    /** As the API writes it: {@code route-not-found}. */
    public String id() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
