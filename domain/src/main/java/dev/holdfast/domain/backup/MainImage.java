package dev.holdfast.domain.backup;

import java.nio.ByteBuffer;
import java.util.Optional;

/**
 * The image of a source's main SQLite file in a backup, whatever the layout of the artifact.
 *
 * @param size in bytes; 0 for an empty database
 * @param changeCounter bytes 24 to 27 of the database header, unsigned; empty if the image has no header
 */
public record MainImage(long size, Optional<Long> changeCounter) {
    /** How many bytes of an image {@link #of} needs. */
    public static final int HEAD_BYTES = 28;

    private static final int CHANGE_COUNTER_OFFSET = 24;

    /** @param head the first {@link #HEAD_BYTES} bytes of the image, or fewer if it has fewer */
    public static MainImage of(long size, byte[] head) {
        return new MainImage(
                size,
                head.length < HEAD_BYTES
                        ? Optional.empty()
                        : Optional.of(
                                Integer.toUnsignedLong(ByteBuffer.wrap(head).getInt(CHANGE_COUNTER_OFFSET))));
    }
}
