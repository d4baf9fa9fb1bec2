package dev.holdfast.application.store;

import dev.holdfast.domain.backup.Backup;
import dev.holdfast.domain.backup.Sha256;
import dev.holdfast.domain.identity.BackupKey;
import java.io.OutputStream;
import java.util.Optional;

/**
 * An artifact on its way into a store: write, {@link #seal()}, {@link #publish}. Closing it before it is published
 * leaves nothing behind. For one thread.
 */
public interface StagedArtifact extends AutoCloseable {
    /** Where the content goes. A failed write throws {@link dev.holdfast.domain.problem.ProblemException} as the store does. */
    OutputStream output();

    /** Ends the content and makes it durable. */
    Sealed seal();

    /** The sealed content, to be checked before it is published. Valid until this is closed or published. */
    Artifact content();

    /**
     * Makes the sealed content visible under {@code backup}'s key, with what {@code backup} says of it; durable when
     * this returns. Whatever is already there under that key stays as it is.
     */
    Publication publish(Backup backup);

    /** Idempotent. */
    @Override
    void close();

    /** @param size in bytes */
    record Sealed(long size, Sha256 sha256) {}

    /** What became of a publication. */
    sealed interface Publication {
        record Published() implements Publication {}

        /**
         * Nothing has changed; the staged artifact can be published under another key.
         *
         * @param by what has a name that belongs to this one, where it is not a backup that has the name itself
         */
        record KeyTaken(BackupKey key, Optional<String> by) implements Publication {
            public KeyTaken(BackupKey key) {
                this(key, Optional.empty());
            }
        }
    }
}
