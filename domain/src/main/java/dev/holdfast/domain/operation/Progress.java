package dev.holdfast.domain.operation;

/**
 * How far the current phase is, in bytes. A phase that counts none keeps what the one before came to.
 *
 * @param total 0 while it is not known
 */
public record Progress(long done, long total) {
    public static final Progress NONE = new Progress(0, 0);

    /** As it is once the phase is over. */
    public Progress complete() {
        return total == 0 ? this : new Progress(total, total);
    }
}
