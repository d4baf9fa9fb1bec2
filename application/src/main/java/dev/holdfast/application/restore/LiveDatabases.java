package dev.holdfast.application.restore;

import dev.holdfast.application.operation.Work;
import dev.holdfast.application.store.Artifact;
import dev.holdfast.domain.problem.Problem;
import java.nio.file.Path;

/** Puts content into databases that other programs may have open. Safe for use by several threads. */
public interface LiveDatabases {
    /**
     * Replaces the whole content of {@code target} by {@code image}'s, in one transaction: whoever has it open, and
     * whoever opens it after this process was killed, sees the old content or the new. The file keeps its inode,
     * owner and mode. A missing target, or a missing folder of it, is made. Enters {@code REPLACING}, from which on
     * cancellation is not looked at any more, then {@code COMPARING}.
     *
     * @param image a SQLite database that passed {@link dev.holdfast.application.check.ImageChecks}
     */
    Replaced replace(Path target, Artifact image, Work work);

    /**
     * Rolls back what a killed {@link #replace} left in the middle, if anything, as any program that opens the
     * database would. Does nothing to a target that is missing or busy.
     */
    void settle(Path target);

    /** Whether there is anything at {@code target} that a restore would replace. Looks without opening. */
    boolean exists(Path target);

    /** What came of it. */
    sealed interface Replaced {
        /** The target holds the image's content; that was compared. */
        record Done() implements Replaced {}

        /**
         * The target holds what it held before, unless the problem's detail says otherwise: {@code SourceBusy},
         * {@code InsufficientStorage}, {@code BackupIncompatible}, {@code NotADatabase} or {@code Internal}.
         */
        record Refused(Problem problem) implements Replaced {}
    }
}
