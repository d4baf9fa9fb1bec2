package dev.holdfast.domain.backup;

import java.time.Instant;

/** What is known about an artifact being whole. */
public sealed interface Verification {
    /** Nobody has checked it: a file that somebody put there. */
    record Unchecked() implements Verification {}

    record Passed(Depth depth, Instant at) implements Verification {}

    /**
     * A check failed. Such a backup is never counted as good.
     *
     * @param finding what was found, for a person
     */
    record Corrupt(Depth depth, Instant at, String finding) implements Verification {}
}
