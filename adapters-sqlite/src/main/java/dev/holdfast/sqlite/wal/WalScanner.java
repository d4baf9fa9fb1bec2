package dev.holdfast.sqlite.wal;

import dev.holdfast.sqlite.io.Channels;
import dev.holdfast.sqlite.wal.WalIndexHeader.Committed;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.util.function.LongToIntFunction;
import org.jspecify.annotations.Nullable;

/**
 * Reads the committed transactions of a write-ahead log, as SQLite's recovery does: a frame counts if it carries the
 * header's salts and continues the chain of checksums, and a commit frame follows it. Format: sqlite.org/fileformat2,
 * and {@code docs/internals/wal.md#the-frame-header}.
 */
public final class WalScanner {
    static final int HEADER = WalFormat.HEADER;
    public static final int FRAME_HEADER = WalFormat.FRAME_HEADER;
    private static final int CHUNK = 1 << 20;

    private final FileChannel log;
    private final @Nullable WalIndexHeader index;

    private ByteBuffer header = ByteBuffer.allocate(0);
    private int pageSize;
    private boolean versionUnknown;
    private ByteOrder words = ByteOrder.BIG_ENDIAN;

    /** Behind the last commit frame. */
    private int frames;

    private int sumA;
    private int sumB;

    /** What is done with the frames. */
    public interface Visitor {
        /** The log is a new one: what was seen before is void. */
        void restarted(int pageSize) throws IOException;

        /** Frames since the last commit are void; they may come again, changed. */
        void rolledBack() throws IOException;

        /**
         * @param frame counted from 0
         * @param content valid during the call
         */
        void frame(int frame, int page, ByteBuffer content) throws IOException;

        /** @param pages how many the database has with this commit */
        void committed(int pages) throws IOException;
    }

    /**
     * @param index of the same database: frames that it does not know are not committed, whatever the log says. Null if
     *     it is missing or not valid
     */
    public WalScanner(FileChannel log, @Nullable WalIndexHeader index) {
        this.log = log;
        this.index = index;
    }

    /** Reads a WAL whose wal-index is missing or not valid, as the first connection would recover it. */
    public static WalScanner recovering(FileChannel log) {
        return new WalScanner(log, null);
    }

    /** Committed ones. */
    public int frames() {
        return frames;
    }

    /**
     * Goes on behind the last commit seen, from the beginning if the log was restarted.
     *
     * @return whether anything was committed since
     * @throws WalIndexHeader.HalfWrittenException if nobody can tell how far the log is committed
     */
    public boolean follow(Visitor visitor) throws IOException {
        return index == null
                ? followTo(visitor, _ -> Integer.MAX_VALUE)
                : follow(visitor, index.read().orElseThrow(WalIndexHeader.HalfWrittenException::new));
    }

    /** The same, but no further than {@code committed}, which is no less than what was seen. */
    public boolean follow(Visitor visitor, Committed committed) throws IOException {
        // Of another log, for this one was begun since and nothing is committed in it.
        return followTo(visitor, salts -> salts == committed.salts() ? committed.frames() : 0);
    }

    private boolean followTo(Visitor visitor, LongToIntFunction limit) throws IOException {
        int before = frames;
        boolean restarted = adopt(readHeader(), visitor);
        visitor.rolledBack();
        if (pageSize == 0) {
            return restarted;
        }
        readFrames(visitor, limit.applyAsInt(salts()));
        visitor.rolledBack();
        return restarted || frames != before;
    }

    /** The salts of the header that was read last; 0 if there is no header. */
    public long salts() {
        return header.remaining() == HEADER ? header.getLong(WalFormat.SALT_1) : 0;
    }

    /** Returns whether a sound header names a version of the format that SQLite does not open. */
    public boolean isOfUnknownVersion() {
        return versionUnknown;
    }

    /** Whether the header is still the one that the frames seen belong to. */
    public boolean isCurrent() throws IOException {
        return readHeader().equals(header);
    }

    private ByteBuffer readHeader() throws IOException {
        ByteBuffer read = ByteBuffer.allocate(HEADER);
        Channels.read(log, read, 0);
        return read.flip();
    }

    private boolean adopt(ByteBuffer found, Visitor visitor) throws IOException {
        if (found.equals(header)) {
            return false;
        }
        boolean first = header.capacity() == 0;
        header = found;
        frames = 0;
        pageSize = 0;
        int magic = found.remaining() == HEADER ? found.getInt(WalFormat.MAGIC) : 0;
        if (magic == WalFormat.LITTLE_ENDIAN_MAGIC || magic == WalFormat.BIG_ENDIAN_MAGIC) {
            words = magic == WalFormat.BIG_ENDIAN_MAGIC ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN;
            sumA = 0;
            sumB = 0;
            sum(found, 0, WalFormat.CHECKSUM_1);
            int size = found.getInt(WalFormat.PAGE_SIZE);
            boolean sound = sumA == found.getInt(WalFormat.CHECKSUM_1) && sumB == found.getInt(WalFormat.CHECKSUM_2);
            versionUnknown = sound && found.getInt(WalFormat.VERSION) != WalFormat.KNOWN_VERSION;
            if (sound && !versionUnknown && size >= 512 && size <= 65536 && Integer.bitCount(size) == 1) {
                pageSize = size;
            }
        }
        visitor.restarted(pageSize);
        return !first;
    }

    private void readFrames(Visitor visitor, int limit) throws IOException {
        int frameSize = FRAME_HEADER + pageSize;
        ByteBuffer chunk = ByteBuffer.allocate(Math.max(1, CHUNK / frameSize) * frameSize);
        int saltA = header.getInt(WalFormat.SALT_1);
        int saltB = header.getInt(WalFormat.SALT_2);
        int committedA = sumA;
        int committedB = sumB;
        int at = frames;
        boolean valid = true;
        while (valid && at < limit) {
            Channels.read(log, chunk.clear(), HEADER + (long) at * frameSize);
            int whole = chunk.position() / frameSize;
            valid = whole * frameSize == chunk.capacity();
            for (int i = 0; i < whole && at < limit; i++) {
                int start = i * frameSize;
                int page = chunk.getInt(start + WalFormat.FRAME_PAGE);
                int commit = chunk.getInt(start + WalFormat.FRAME_COMMIT);
                sum(chunk, start, WalFormat.FRAME_SUMMED);
                sum(chunk, start + FRAME_HEADER, pageSize);
                if (page == 0
                        || chunk.getInt(start + WalFormat.FRAME_SALT_1) != saltA
                        || chunk.getInt(start + WalFormat.FRAME_SALT_2) != saltB
                        || chunk.getInt(start + WalFormat.FRAME_CHECKSUM_1) != sumA
                        || chunk.getInt(start + WalFormat.FRAME_CHECKSUM_2) != sumB) {
                    valid = false;
                    break;
                }
                visitor.frame(at, page, chunk.slice(start + FRAME_HEADER, pageSize));
                at++;
                if (commit != 0) {
                    visitor.committed(commit);
                    frames = at;
                    committedA = sumA;
                    committedB = sumB;
                }
            }
        }
        sumA = committedA;
        sumB = committedB;
    }

    private void sum(ByteBuffer bytes, int start, int length) {
        ByteBuffer input = bytes.slice(start, length).order(words);
        int a = sumA;
        int b = sumB;
        for (int i = 0; i < length; i += 8) {
            a += input.getInt(i) + b;
            b += input.getInt(i + 4) + a;
        }
        sumA = a;
        sumB = b;
    }
}
