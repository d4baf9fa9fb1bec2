package dev.holdfast.files.archive.zip;

import java.nio.file.attribute.FileTime;
import java.time.Instant;

/** The numbers of the zip format. */
final class Zip {
    static final int LOCAL = 0x04034b50;
    static final int CENTRAL = 0x02014b50;
    static final int DESCRIPTOR = 0x08074b50;
    static final int END = 0x06054b50;
    static final int LARGE_END = 0x06064b50;
    static final int LOCATOR = 0x07064b50;

    static final int END_BYTES = 22;
    static final int LOCATOR_BYTES = 20;
    static final int LARGE_END_BYTES = 56;

    static final int STORED = 0;
    static final int DEFLATED = 8;

    static final int ENCRYPTED = 1;
    static final int SIZES_FOLLOW = 1 << 3;
    static final int UTF_8_NAME = 1 << 11;
    /** What the two bits for a deflater's effort and those above say nothing of the content. */
    static final int HARMLESS = 1 << 1 | 1 << 2 | SIZES_FOLLOW | UTF_8_NAME;

    static final int LARGE_EXTRA = 1;
    static final int UNICODE_NAME = 0x7075;
    static final int NTFS_TIMES = 0x000a;
    static final int UNIX_TIMES = 0x5455;
    /** Info-ZIP's second one, for numbers of any length. */
    static final int UNIX_OWNER = 0x7875;

    static final short MADE_BY_UNIX = 3 << 8 | 45;
    static final int UNIX_TYPE = 0170000;
    static final int UNIX_FILE = 0100000;
    static final int UNIX_DIRECTORY = 0040000;

    /** The seconds from 1601 to 1970. */
    private static final long NTFS_EPOCH = 11_644_473_600L;

    private static final long TICKS = 10_000_000;

    private Zip() {}

    /** Hundreds of nanoseconds since 1601. */
    static long ticks(FileTime time) {
        Instant instant = time.toInstant();
        return (instant.getEpochSecond() + NTFS_EPOCH) * TICKS + instant.getNano() / 100;
    }

    static FileTime ofTicks(long ticks) {
        return FileTime.from(
                Instant.ofEpochSecond(Math.floorDiv(ticks, TICKS) - NTFS_EPOCH, Math.floorMod(ticks, TICKS) * 100));
    }
}
