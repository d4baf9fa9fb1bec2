package dev.holdfast.domain.operation;

/**
 * Why an operation failed, as it is kept and shown.
 *
 * @param code of the {@link dev.holdfast.domain.problem.Problem}
 * @param detail one sentence that a person can act on; holds no secret
 */
public record Failure(String code, String detail) {
    /** The code of an operation that ended because the server did. */
    public static final String INTERRUPTED = "interrupted";
}
