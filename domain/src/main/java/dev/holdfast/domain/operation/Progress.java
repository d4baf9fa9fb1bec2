package dev.holdfast.domain.operation;

/**
 * How far the current phase is, in bytes.
 *
 * @param total 0 while it is not known
 */
public record Progress(long done, long total) {
    public static final Progress NONE = new Progress(0, 0);
}
