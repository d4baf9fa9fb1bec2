package dev.holdfast.application.restore;

import dev.holdfast.application.Outcome;
import dev.holdfast.application.operation.Work;
import dev.holdfast.application.snapshot.Image;
import dev.holdfast.application.store.Artifact;
import java.nio.file.Path;
import java.util.Optional;

/** Puts content into databases that other programs may have open. Safe for use by several threads. */
public interface LiveDatabases {
    /**
     * Replaces the whole content of {@code target} by {@code image}'s, in one transaction: whoever has it open, and
     * whoever opens it after this process was killed, sees the old content or the new. The file keeps its inode,
     * owner and mode. A missing target, or a missing folder of it, is made.
     *
     * <p>Enters {@code LOCKING_SOURCE}, then has {@code keeper} keep what is there, then enters {@code REPLACING}, from
     * which on cancellation is not looked at any more, then {@code COMPARING}.
     *
     * @param image a SQLite database that passed {@link dev.holdfast.application.check.ImageChecks}
     * @return what the keeper made, or empty if there was no target: it holds the image's content, that was compared.
     *     Refused with the keeper's problem, {@code SourceBusy}, {@code SourceCorrupt}, {@code InsufficientStorage},
     *     {@code BackupIncompatible}, {@code NotADatabase} or {@code Internal}: it holds what it held before, unless
     *     the problem's detail says otherwise
     */
    <K> Outcome<Optional<K>> replace(Path target, Artifact image, Keeper<K> keeper, Work work);

    /**
     * Rolls back what a killed {@link #replace} left in the middle, if anything, as any program that opens the
     * database would. Does nothing to a target that is missing or busy.
     */
    void settle(Path target);

    /** Keeps what is about to be replaced. */
    @FunctionalInterface
    interface Keeper<K> {
        /**
         * Between this call and the replacement nobody commits anything: every other program's writing waits for both.
         *
         * @param current valid during the call; may be a damaged database, as far as it can be read
         * @return refused if nothing is to be replaced
         */
        Outcome<K> keep(Image current);
    }
}
