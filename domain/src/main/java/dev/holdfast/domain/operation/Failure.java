package dev.holdfast.domain.operation;

import dev.holdfast.domain.problem.Problem;

/**
 * Why an operation failed, as it is kept and shown.
 *
 * @param code of the {@link Problem}, or {@link #INTERRUPTED}
 * @param detail one sentence that a person can act on; holds no secret
 */
public record Failure(String code, String detail) {
    public static Failure of(Problem problem) {
        return new Failure(problem.code().id(), problem.detail());
    }

    public static Failure interrupted(OperationKind kind) {
        return new Failure(
                INTERRUPTED,
                "The server ended before this operation did; "
                        + switch (kind) {
                            case RESTORE ->
                                "once it is ready again, everything is as it was before or as in the backup. Look which, or restore again.";
                            case BACKUP, VERIFY, EXPIRE, DRILL, UPLOAD -> "ask for it again.";
                        });
    }

    /** The code of an operation that ended because the server did. */
    public static final String INTERRUPTED = "interrupted";
}
