package dev.holdfast.dialects.pocketbase.upload;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicInteger;

/** An upload's bytes, whose first ones tell what it calls itself. Read by one thread, asked by another later. */
final class SniffedContent extends FilterInputStream {
    /** As many as PocketBase looks at. */
    private static final int LOOKED_AT = 3072;

    private final byte[] head = new byte[LOOKED_AT];
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

    /** Of a file, of an archive without members, of one part of several; but no document or program that is a zip too. */
    boolean isZip() {
        byte[] looked = Arrays.copyOf(head, known.get());
        return looked.length >= 4
                && looked[0] == 'P'
                && looked[1] == 'K'
                && (looked[2] == 3 || looked[2] == 5 || looked[2] == 7)
                && (looked[3] == 4 || looked[3] == 6 || looked[3] == 8)
                && !ZipBasedFormats.isOne(looked);
    }
}
