package dev.holdfast.sqlite.wal;

import dev.holdfast.sqlite.io.Channels;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.util.Arrays;

/** The pages in a log's committed prefix: the last frame of a page is the page. */
public final class CommittedWalPages implements WalScanner.Visitor {
    /** Where the pages are read from. */
    private final FileChannel frames;

    /** Whether this is a scratch file that the pages are copied to, or the log itself. */
    private final boolean copied;

    private int pageSize;
    private int pages;

    /** Page in the upper half, frame in the lower; in the order of frames until {@link #index}. */
    private long[] entries = new long[1024];

    private int seen;
    private int committed;

    private CommittedWalPages(FileChannel frames, boolean copied) {
        this.frames = frames;
        this.copied = copied;
    }

    /** @param copy empty; its owner closes it */
    public static CommittedWalPages copiedTo(FileChannel copy) {
        return new CommittedWalPages(copy, true);
    }

    /** @param log does not change as long as pages are read; its owner closes it */
    public static CommittedWalPages within(FileChannel log) {
        return new CommittedWalPages(log, false);
    }

    private long positionOf(long frame) {
        return copied
                ? frame * pageSize
                : WalScanner.HEADER + frame * (WalScanner.FRAME_HEADER + pageSize) + WalScanner.FRAME_HEADER;
    }

    @Override
    public void restarted(int newPageSize) {
        pageSize = newPageSize;
        pages = 0;
        seen = 0;
        committed = 0;
    }

    @Override
    public void rolledBack() {
        seen = committed;
    }

    @Override
    public void frame(int frame, int page, ByteBuffer content) throws IOException {
        if (seen == entries.length) {
            entries = Arrays.copyOf(entries, Math.multiplyExact(seen, 2));
        }
        entries[seen++] = (long) page << 32 | frame;
        if (copied) {
            Channels.write(frames, content, positionOf(frame));
        }
    }

    @Override
    public void committed(int newPages) {
        pages = newPages;
        committed = seen;
    }

    /** To be called once, after the last frame. */
    public void index() {
        Arrays.sort(entries, 0, committed);
        int kept = 0;
        for (int i = 0; i < committed; i++) {
            if (i + 1 == committed || entries[i] >>> 32 != entries[i + 1] >>> 32) {
                entries[kept++] = entries[i];
            }
        }
        entries = Arrays.copyOf(entries, kept);
        committed = kept;
        seen = kept;
    }

    /** 0 if nothing was committed. */
    public int pages() {
        return pages;
    }

    /** 0 if there is no log. */
    public int pageSize() {
        return pageSize;
    }

    /** Puts the log's pages over what was read of the main file from {@code position}, a page's beginning. */
    void patch(ByteBuffer read, long position) throws IOException {
        if (committed == 0) {
            return;
        }
        long first = position / pageSize + 1;
        long last = first + read.limit() / pageSize - 1;
        int at = Arrays.binarySearch(entries, first << 32);
        for (int i = at < 0 ? -at - 1 : at; i < committed && entries[i] >>> 32 <= last; i++) {
            ByteBuffer page = read.slice((int) (((entries[i] >>> 32) - first) * pageSize), pageSize);
            Channels.read(frames, page, positionOf(entries[i] & 0xffffffffL));
            if (page.hasRemaining()) {
                throw new EOFException("a frame of the WAL that was read before is not there any more");
            }
        }
    }

    /** Whether the log has this page. */
    public boolean has(long page) {
        int at = Arrays.binarySearch(entries, 0, committed, page << 32);
        int from = at < 0 ? -at - 1 : at;
        return from < committed && entries[from] >>> 32 == page;
    }
}
