package dev.holdfast.rest.pocketbase;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.concurrent.atomic.AtomicInteger;

/** An upload's bytes, whose first four tell whether it calls itself a zip. Read by one thread, asked by another later. */
final class SniffedContent extends FilterInputStream {
    private final byte[] head = new byte[4];
    private final AtomicInteger known = new AtomicInteger();

    SniffedContent(InputStream content) {
        super(content);
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] into, int from, int length) throws IOException {
        int n = super.read(into, from, length);
        int more = Math.min(n, head.length - known.get());
        if (more > 0) {
            System.arraycopy(into, from, head, known.get(), more);
            known.addAndGet(more);
        }
        return n;
    }

    /** Of a file, of an archive without members, of one part of several. */
    boolean isZip() {
        return known.get() == head.length
                && head[0] == 'P'
                && head[1] == 'K'
                && (head[2] == 3 || head[2] == 5 || head[2] == 7)
                && (head[3] == 4 || head[3] == 6 || head[3] == 8);
    }
}
