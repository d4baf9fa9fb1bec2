package dev.holdfast.application.check;

import dev.holdfast.application.operation.ProgressMonitor;
import dev.holdfast.application.store.Artifact;
import dev.holdfast.domain.backup.Depth;
import dev.holdfast.domain.backup.Verification;
import java.time.Instant;
import java.util.Optional;

/** Checks a SQLite file that nobody writes. Takes it as hostile input. Safe for use by several threads. */
public interface ImageChecks {
    /**
     * Runs SQLite's checks for {@code depth}; {@code CHECKSUM} runs none. Leaves nothing beside the image.
     *
     * @throws dev.holdfast.application.operation.CancelledException soon after the work is cancelled
     * @throws dev.holdfast.domain.problem.ProblemException with {@code InsufficientStorage} or {@code Internal} if the
     *     check could not be made
     */
    Finding check(Artifact image, Depth depth, ProgressMonitor work);

    /** What was found. */
    sealed interface Finding {
        /** @param asked how deep the check was to go */
        default Verification verification(Depth asked, Instant at) {
            return switch (this) {
                case Sound(Depth reached, Optional<String> remark) -> new Verification.Passed(reached, at, remark);
                case Damaged(String what) -> new Verification.Corrupt(asked, at, what);
                case NotADatabase(String what) -> new Verification.Corrupt(asked, at, what);
            };
        }

        /**
         * @param depth how deep the check went: less than requested if the schema uses collations or functions that only its
         *     application has, so that no other program can check more than the structure
         * @param remark what is unusual but no damage, at most a few lines: rows that break a rule of their table, and
         *     everything that was left out because only the application can read it, by name
         */
        record Sound(Depth depth, Optional<String> remark) implements Finding {
            public Sound(Depth depth) {
                this(depth, Optional.empty());
            }
        }

        /** @param what SQLite's own words, at most a few lines */
        record Damaged(String what) implements Finding {}

        /** @param what for a person: wrong header, encrypted */
        record NotADatabase(String what) implements Finding {}
    }
}
