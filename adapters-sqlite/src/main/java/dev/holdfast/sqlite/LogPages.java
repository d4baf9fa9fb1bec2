package dev.holdfast.sqlite;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.util.Arrays;

/** The pages in a log's committed prefix, kept in a scratch file: the last frame of a page is the page. */
final class LogPages implements LogScan.Visitor {
    private final FileChannel copy;

    private int pageSize;
    private int pages;

    /** Page in the upper half, frame in the lower; in the order of frames until {@link #index}. */
    private long[] entries = new long[1024];

    private int seen;
    private int committed;

    /** @param copy empty; its owner closes it */
    LogPages(FileChannel copy) {
        this.copy = copy;
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
        Channels.write(copy, content, (long) frame * pageSize);
    }

    @Override
    public void committed(int newPages) {
        pages = newPages;
        committed = seen;
    }

    /** To be called once, after the last frame. */
    void index() {
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
    int pages() {
        return pages;
    }

    /** 0 if there is no log. */
    int pageSize() {
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
            int start = (int) (((entries[i] >>> 32) - first) * pageSize);
            Channels.read(copy, read.slice(start, pageSize), (entries[i] & 0xffffffffL) * pageSize);
        }
    }

    /** Whether the log has this page. */
    boolean has(long page) {
        int at = Arrays.binarySearch(entries, 0, committed, page << 32);
        int from = at < 0 ? -at - 1 : at;
        return from < committed && entries[from] >>> 32 == page;
    }
}
