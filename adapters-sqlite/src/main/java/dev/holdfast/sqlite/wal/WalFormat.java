package dev.holdfast.sqlite.wal;

/**
 * The format of a WAL, all numbers big-endian: a header, then frames. From sqlite.org/fileformat2, "The Write-Ahead Log".
 *
 * <pre>
 * header                             frame header
 *  0  magic; 1 more: big-endian sums    0  page number, from 1
 *  4  version, 3007000                  4  pages of the database if this is a commit, else 0
 *  8  page size                         8  salt 1
 * 12  checkpoint number                12  salt 2
 * 16  salt 1                           16  checksum, first half
 * 20  salt 2                           20  checksum, second half
 * 24  checksum, first half             24  (the page follows)
 * 28  checksum, second half
 * </pre>
 *
 * <p>A frame is valid if its salts are those of the header, and its checksum goes on from that of the frame before it. See
 * {@code docs/internals/wal.md}.
 */
final class WalFormat {
    /** Of the header, in bytes. */
    static final int HEADER = 32;

    static final int MAGIC = 0;
    static final int VERSION = 4;
    static final int PAGE_SIZE = 8;
    static final int SALT_1 = 16;
    static final int SALT_2 = 20;
    static final int CHECKSUM_1 = 24;
    static final int CHECKSUM_2 = 28;

    /** The value of {@link #MAGIC} if the checksums read little-endian words. */
    static final int LITTLE_ENDIAN_MAGIC = 0x377f0682;

    static final int BIG_ENDIAN_MAGIC = 0x377f0683;

    /** The only value of {@link #VERSION} that SQLite opens. */
    static final int KNOWN_VERSION = 3_007_000;

    static final int FRAME_HEADER = 24;
    static final int FRAME_PAGE = 0;
    static final int FRAME_COMMIT = 4;
    static final int FRAME_SALT_1 = 8;
    static final int FRAME_SALT_2 = 12;
    static final int FRAME_CHECKSUM_1 = 16;
    static final int FRAME_CHECKSUM_2 = 20;

    /** The number of bytes of a frame header that its checksum covers. */
    static final int FRAME_SUMMED = 8;

    private WalFormat() {}
}
