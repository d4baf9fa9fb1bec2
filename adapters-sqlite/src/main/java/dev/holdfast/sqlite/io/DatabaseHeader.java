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
        return of(head.flip()) instanceof Sqlite ? OptionalInt.of(head.getInt(24)) : OptionalInt.empty();
    }

    static DatabaseHeader of(ByteBuffer head) {
        if (!head.hasRemaining()) {
            return new Empty();
        }
        ByteBuffer magic = ByteBuffer.wrap("SQLite format 3\0".getBytes(US_ASCII));
        if (head.remaining() < LENGTH || !head.slice(0, magic.remaining()).equals(magic)) {
            return new Foreign("it does not begin as a SQLite database does (another kind of file, or encrypted)");
        }
        int written = Short.toUnsignedInt(head.getShort(16));
        int pageSize = written == 1 ? 65536 : written;
        if (pageSize < 512 || Integer.bitCount(pageSize) != 1) {
            return new Foreign("its page size is " + pageSize + " (expected: a power of two from 512 to 65536)");
        }
        return new Sqlite(pageSize, head.get(18) == 2 || head.get(19) == 2, validPageCount(head));
    }

    /**
     * Returns the page count of a database header, or 0 if it is not valid: a program that does not know of the count
     * changes the change counter, and leaves the count and the version-valid-for number as they were.
     */
    static long validPageCount(ByteBuffer head) {
        return head.getInt(24) == head.getInt(92) ? Integer.toUnsignedLong(head.getInt(28)) : 0;
    }
}
