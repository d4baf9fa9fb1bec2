package dev.holdfast.domain.problem;

/**
 * Carries a problem out of the depth of streaming code to the one place that runs the operation. Not for use between
 * use cases and their callers: those get the problem as a value.
 */
public final class ProblemException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final transient Problem problem;

    public ProblemException(Problem problem) {
        super(problem.detail());
        this.problem = problem;
    }

    public ProblemException(Problem problem, Throwable cause) {
        super(problem.detail(), cause);
        this.problem = problem;
    }

    public Problem problem() {
        return problem;
    }
}
