package dev.holdfast.application.archive;

/**
 * How much an archive may unfold to, for those that somebody sent. What Holdfast wrote itself is bound by the disk alone:
 * a database of zeros is no attack on whoever wants it back.
 *
 * @param mostBytes of all members together, unpacked
 * @param mostMembers in one archive
 * @param mostRatio of unpacked to packed bytes, looked at from the first gigabyte on
 */
public record UnpackLimits(long mostBytes, int mostMembers, int mostRatio) {
    /** Of what Holdfast wrote itself, and so may also say whose files are. */
    public static final UnpackLimits NONE = new UnpackLimits(Long.MAX_VALUE, Integer.MAX_VALUE, Integer.MAX_VALUE);
}
