package dev.holdfast.domain.operation;

import dev.holdfast.domain.identity.BackupKey;
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

    /** Of a restore into a single database, which changes in one transaction, and whose safety backup was made. */
    public static Failure interrupted(BackupKey safetyBackup) {
        return new Failure(
                INTERRUPTED,
                "The server ended before this restore did. The database holds all of what it held before, or all of the"
                        + " backup; what it held before is also in the safety backup \"" + safetyBackup
                        + "\". Look at its content, or restore again.");
    }

    /** Of a restore that the next start has undone. */
    public static Failure undone() {
        return new Failure(
                INTERRUPTED,
                "The server ended before this restore did, and the next one has undone it: everything is as it was"
                        + " before. Restore again.");
    }

    /** Of a restore that the next start could neither complete nor undo. */
    public static Failure unfinished() {
        return new Failure(
                INTERRUPTED,
                "The server ended before this restore did. Some parts may be new and others old, and it could not be"
                        + " completed yet: readiness says why. The next backup, restore or start tries again.");
    }

    /** The code of an operation that ended because the server did. */
    public static final String INTERRUPTED = "interrupted";
}
