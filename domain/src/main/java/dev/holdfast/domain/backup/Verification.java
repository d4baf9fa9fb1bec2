package dev.holdfast.domain.backup;

import java.time.Instant;
import java.util.Optional;

/** What is known about an artifact being whole. */
public sealed interface Verification {
    /** Nobody has checked it: a file that somebody put there. */
    record Unchecked() implements Verification {}

    /**
     * @param remark what a faithful copy has in common with its source although it is unusual, for a person: rows that break
     *     a rule of their table, which SQLite reads as any other, and tables that only the application can read, by name
     */
    record Passed(Depth depth, Instant at, Optional<String> remark) implements Verification {
        public Passed(Depth depth, Instant at) {
            this(depth, at, Optional.empty());
        }
    }

    /**
     * A check failed. Such a backup is never counted as good.
     *
     * @param finding what was found, for a person
     */
    record Corrupt(Depth depth, Instant at, String finding) implements Verification {}
}
