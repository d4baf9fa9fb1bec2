package dev.holdfast.sqlite.io;

/**
 * The parts of a rollback journal's format that are read here, all numbers big-endian. From sqlite.org/fileformat2, "The
 * Rollback Journal".
 *
 * <pre>
 * header                 trailer, if a transaction has several files
 *  0  magic, 8 bytes       the name of the super-journal
 *                          0  length of the name, 4 bytes
 *                          4  sum of the bytes of the name, 4 bytes
 *                          8  magic, 8 bytes
 * </pre>
 */
public final class JournalFormat {
    public static final long MAGIC = 0xd9d505f920a163d7L;

    /** Bytes behind the name. */
    public static final int TRAILER = 16;

    /** Offsets in the trailer. */
    public static final int NAME_LENGTH = 0;

    public static final int NAME_SUM = 4;
    public static final int TRAILER_MAGIC = 8;

    private JournalFormat() {}
}
