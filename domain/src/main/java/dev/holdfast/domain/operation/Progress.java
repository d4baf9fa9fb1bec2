package dev.holdfast.domain.operation;

import java.time.Instant;
import java.util.Optional;

/**
 * How far the current phase is, in bytes. A phase that counts none keeps what the one before came to.
 *
 * @param total 0 while it is not known
 * @param countedSince when the count began; empty while nothing is counted, and where that was not written down
 */
public record Progress(long done, long total, Optional<Instant> countedSince) {
    public static final Progress NONE = new Progress(0, 0);

    /** Of a count whose beginning is not known. */
    public Progress(long done, long total) {
        this(done, total, Optional.empty());
    }

    /** A phase begins to count. */
    public static Progress counting(long total, Instant since) {
        return new Progress(0, total, Optional.of(since));
    }

    public Progress plus(long bytes) {
        return new Progress(done + bytes, total, countedSince);
    }

    /** As it is once the phase is over. */
    public Progress complete() {
        return total == 0 ? this : new Progress(total, total);
    }
}
