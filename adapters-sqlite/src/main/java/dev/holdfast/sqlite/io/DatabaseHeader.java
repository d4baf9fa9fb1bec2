package dev.holdfast.sqlite.io;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.util.OptionalInt;

/** What the first bytes of a file say; see {@code docs/internals/snapshot.md#the-database-header}. */
public sealed interface DatabaseHeader {
    /** How many bytes they are. */
    int LENGTH = 100;

    /** The offset of the page size: 2 bytes, 1 for 65,536. */
    int PAGE_SIZE = 16;

    /** The offset of the write version, 1 byte; 2 in WAL mode. The read version follows it. */
    int WRITE_VERSION = 18;

    int READ_VERSION = 19;

    /** The value of both versions in WAL mode. */
    byte WAL = 2;

    /** The offset of the change counter, 4 bytes. The page count follows it. */
    int CHANGE_COUNTER = 24;

    int PAGE_COUNT = 28;

    /** The offset of the schema cookie, 4 bytes. */
    int SCHEMA_COOKIE = 40;

    /** The offset of the change counter for which the page count is valid, 4 bytes. The version of SQLite follows it. */
    int VERSION_VALID_FOR = 92;

    /** No byte: a database without tables. */
    record Empty() implements DatabaseHeader {}

    /** @param why for a person, without a full stop */
    record Foreign(String why) implements DatabaseHeader {}

    /**
     * A SQLite database.
     *
     * @param pages how many it has, or 0 if the header does not say: see {@code docs/internals/page-count.md}
     */
    record Sqlite(int pageSize, boolean wal, long pages) implements DatabaseHeader {
        /** Returns the size of the image in bytes, a whole number of pages, if the file has {@code fileSize} bytes. */
        public long imageSize(long fileSize) {
            return pages > 0 ? pages * pageSize : Math.ceilDiv(fileSize, pageSize) * pageSize;
        }

        /** Returns whether a file of {@code fileSize} bytes lacks some of the pages that its header counts. */
        public boolean isCutShort(long fileSize) {
            return pages * pageSize > fileSize;
        }
    }

    static DatabaseHeader of(FileChannel file) throws IOException {
        ByteBuffer head = ByteBuffer.allocate(LENGTH);
        Channels.read(file, head, 0);
        return of(head.flip());
    }

    /** Returns what each commit to a file without a WAL changes, or empty if the file is no SQLite database. */
    static OptionalInt changeCounter(FileChannel file) throws IOException {
        ByteBuffer head = ByteBuffer.allocate(LENGTH);
        Channels.read(file, head, 0);
        return of(head.flip()) instanceof Sqlite ? OptionalInt.of(head.getInt(CHANGE_COUNTER)) : OptionalInt.empty();
    }

    static DatabaseHeader of(ByteBuffer head) {
        if (!head.hasRemaining()) {
            return new Empty();
        }
        ByteBuffer magic = ByteBuffer.wrap("SQLite format 3\0".getBytes(US_ASCII));
        if (head.remaining() < LENGTH || !head.slice(0, magic.remaining()).equals(magic)) {
            return new Foreign("it does not begin as a SQLite database does (another kind of file, or encrypted)");
        }
        int written = Short.toUnsignedInt(head.getShort(PAGE_SIZE));
        int pageSize = written == 1 ? 65536 : written;
        if (pageSize < 512 || Integer.bitCount(pageSize) != 1) {
            return new Foreign("its page size is " + pageSize + " (expected: a power of two from 512 to 65536)");
        }
        return new Sqlite(
                pageSize, head.get(WRITE_VERSION) == WAL || head.get(READ_VERSION) == WAL, validPageCount(head));
    }

    /**
     * Returns the page count of a database header, or 0 if it is not valid: a program that does not know of the count
     * changes the change counter, and leaves the count and the version-valid-for number as they were.
     */
    static long validPageCount(ByteBuffer head) {
        return head.getInt(CHANGE_COUNTER) == head.getInt(VERSION_VALID_FOR)
                ? Integer.toUnsignedLong(head.getInt(PAGE_COUNT))
                : 0;
    }
}
