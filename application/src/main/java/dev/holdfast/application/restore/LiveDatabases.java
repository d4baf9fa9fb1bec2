package dev.holdfast.application.restore;

import dev.holdfast.application.Outcome;
import dev.holdfast.application.archive.UnpackResult.DatabasePart;
import dev.holdfast.application.archive.UnpackResult.DirectoryPart;
import dev.holdfast.application.operation.ProgressMonitor;
import dev.holdfast.application.snapshot.DatabaseImage;
import dev.holdfast.domain.database.Source;
import dev.holdfast.domain.identity.OperationId;
import java.util.Collection;
import java.util.List;
import java.util.Optional;

/**
 * Puts content into sources that other programs may have open. Safe for use by several threads; for one source they are
 * called one after the other.
 */
public interface LiveDatabases {
    /**
     * Replaces all that {@code content} has parts for, or nothing. A database changes in one transaction: whoever has it
     * open, and whoever opens it after this process was killed, sees the old content or the new. The file keeps its
     * inode, owner and mode. A missing target, or a missing folder of it, is made. A directory is exchanged as a whole.
     * What was replaced only in part when the process was killed is completed, or undone, by {@link #settle}.
     *
     * <p>Enters {@code LOCKING_SOURCE}, then has {@code keeper} keep what is there, then enters {@code REPLACING}, from
     * which on cancellation is not looked at any more, then {@code COMPARING}.
     *
     * @param content its databases passed {@link dev.holdfast.application.check.ImageChecks}
     * @return what the keeper made, or empty if there was nothing to keep: they hold the content now, that was
     *     compared. Refused with the keeper's problem, {@code SourceBusy}, {@code SourceCorrupt}, {@code
     *     InsufficientStorage}, {@code BackupIncompatible}, {@code NotADatabase} or {@code Internal}: everything is as
     *     it was before. With {@code UncertainRestore} that is not certain, and the detail says what each file holds
     */
    <K> Outcome<Optional<K>> replace(Source source, NewContent content, Keeper<K> keeper, ProgressMonitor work);

    /** Whether a {@link #replace} was cut off in the middle, so that {@link #settle} has something to complete. */
    boolean isUnfinished(Source source);

    /** Removes what is left of a {@link #replace} that is over, if that failed before. Blocks nothing if it fails again. */
    default void closeEnded(Source source) {}

    /**
     * Describes for a person what each file of the source holds, if a {@link #replace} was cut off in the middle and not
     * settled yet.
     */
    default Optional<String> findUnfinished(Source source) {
        return isUnfinished(source)
                ? Optional.of("a restore was cut off and could not be completed yet")
                : Optional.empty();
    }

    /**
     * Whether a {@link #replace} that was cut off, or could not clear up, left what {@link #settle} removes. Only for a
     * start: what a running one prepares looks the same.
     */
    default boolean hasLeftovers(Source source) {
        return false;
    }

    /**
     * What a {@link #replace} was cut off in that is none of these sources', as after a change of the settings: one
     * description for each, for a person.
     */
    List<String> unfinishedBeside(Collection<Source> known);

    /**
     * Clears up after a killed {@link #replace}: what its transaction left is rolled back, as any program that opens the
     * database would. Where some parts were replaced already and others were not, all are, after {@code keeper} has kept
     * what is there. Where all were, nothing is replaced again: applications may have written since. Does nothing to a
     * database that is missing, or busy.
     *
     * @return what was half done; if nothing is told, all is as it was before, or the replacement was complete, and nobody
     *     noted which
     * @throws dev.holdfast.domain.problem.ProblemException if it remains unfinished
     */
    <K> List<Settlement> settle(Source source, LeftoverKeeper<K> keeper);

    /**
     * What became of a replacement that was cut off.
     *
     * @param operation whose it was; empty if nobody noted that
     */
    record Settlement(Settled what, Optional<OperationId> operation) {}

    enum Settled {
        /** All is as it was before. */
        UNDONE,
        /** All is as in the new content. */
        COMPLETED
    }

    /** @param databases at least one, in the source's order */
    record NewContent(List<DatabasePart> databases, List<DirectoryPart> directories) {
        public NewContent {
            databases = List.copyOf(databases);
            directories = List.copyOf(directories);
        }
    }

    /** Keeps what is about to be replaced. */
    @FunctionalInterface
    interface Keeper<K> {
        /**
         * Between this call and the replacement nobody commits anything to these databases: every other program's writing
         * waits for both.
         *
         * @param current of those that are about to be replaced, in the source's order; valid during the call; may be
         *     damaged databases, as far as they can be read
         * @return refused if nothing is to be replaced
         */
        Outcome<Kept<K>> keep(List<DatabaseImage> current);
    }

    /** Keeps what an interrupted replacement has left, before it is completed or undone. */
    @FunctionalInterface
    interface LeftoverKeeper<K> {
        /**
         * Keeps it, as {@link Keeper#keep} does.
         *
         * @param inconsistency why it is not from one moment, for a person: a part of it is new, another old; empty if
         *     it is
         */
        Outcome<Kept<K>> keep(List<DatabaseImage> current, Optional<String> inconsistency);
    }

    /**
     * @param what the keeper made
     * @param whole whether all that is there is in it, of the directories that are replaced too; what is not stays
     *     beside them
     */
    record Kept<K>(K what, boolean whole) {}
}
