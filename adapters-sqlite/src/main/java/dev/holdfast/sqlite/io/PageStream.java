package dev.holdfast.sqlite.io;

import dev.holdfast.domain.problem.Problem;
import dev.holdfast.domain.problem.ProblemException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;

/** An image read in large pieces, each a whole number of pages. */
public final class PageStream extends InputStream {
    /** A whole number of pages of every size. */
    private static final int CHUNK = 1 << 20;

    private final Pages pages;
    private final long size;
    private final ByteBuffer chunk = ByteBuffer.allocate(CHUNK).limit(0);
    private long read;

    /** Fills whole pages from a position. */
    @FunctionalInterface
    public interface Pages {
        /** Reads until the buffer is full, or less if the source has ended. */
        void read(ByteBuffer into, long position) throws IOException;
    }

    public PageStream(Pages pages, long size) {
        this.pages = pages;
        this.size = size;
    }

    @Override
    public int read() throws IOException {
        return fill() ? chunk.get() & 0xff : -1;
    }

    @Override
    public int read(byte[] into, int offset, int length) throws IOException {
        if (length == 0) {
            return 0;
        }
        if (!fill()) {
            return -1;
        }
        int count = Math.min(length, chunk.remaining());
        chunk.get(into, offset, count);
        return count;
    }

    private boolean fill() throws IOException {
        if (chunk.hasRemaining()) {
            return true;
        }
        if (read == size) {
            return false;
        }
        chunk.clear().limit((int) Math.min(CHUNK, size - read));
        pages.read(chunk, read);
        if (chunk.hasRemaining()) {
            throw new ProblemException(new Problem.SourceCorrupt(
                    "the file ended at " + (read + chunk.position()) + " of " + size + " bytes"));
        }
        read += chunk.flip().limit();
        return true;
    }
}
