package dev.holdfast.domain.backup;

import java.time.Instant;
import java.util.Optional;

/** What is known about an artifact being whole. */
public sealed interface Verification {
    /** Nobody has checked it: a file that somebody put there. */
    record Unchecked() implements Verification {}

    /**
     * @param remark what a faithful copy has in common with its source although it is odd, for a person: rows whose
     *     foreign key leads nowhere, which SQLite allows where an application does not ask it to watch
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
