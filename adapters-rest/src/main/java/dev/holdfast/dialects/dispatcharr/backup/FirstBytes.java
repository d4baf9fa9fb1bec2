package dev.holdfast.dialects.dispatcharr.backup;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;

/** Notes how a file begins while it is read: clients call an archive what they like. */
final class FirstBytes extends FilterInputStream {
    private static final int[] GZIP = {0x1f, 0x8b};

    private int read;

    /** Asked for by another thread than the one that reads. */
    private volatile int alike;

    FirstBytes(InputStream file) {
        super(file);
    }

    /** Once they were read. */
    boolean areGzip() {
        return alike == GZIP.length;
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] into, int from, int length) throws IOException {
        int n = super.read(into, from, length);
        for (int i = 0; i < n && read < GZIP.length; i++, read++) {
            if (alike == read && (into[from + i] & 0xff) == GZIP[read]) {
                alike = read + 1;
            }
        }
        return n;
    }
}
