package dev.holdfast.application.filesystem;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.System.Logger.Level;
import java.util.Objects;

/** A stream of a file on a file system that may hang. Reads ahead a few pieces, so that few calls are made. For one thread. */
final class BoundedInput extends InputStream {
    private static final System.Logger LOG = System.getLogger(BoundedInput.class.getName());
    private static final int AHEAD_BYTES = 256 << 10;

    private final FileSystemCalls calls;
    private final InputStream from;
    private byte[] ahead = new byte[0];
    private int position;

    BoundedInput(FileSystemCalls calls, InputStream from) {
        this.calls = calls;
        this.from = from;
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
        Objects.checkFromIndexSize(offset, length, bytes.length);
        if (length == 0) {
            return 0;
        }
        if (position == ahead.length) {
            ahead = BoundedArtifact.unchecked(
                    () -> calls.read(this::next)); // a read that hangs has a buffer of its own
            position = 0;
            if (ahead.length == 0) {
                return -1;
            }
        }
        int taken = Math.min(length, ahead.length - position);
        System.arraycopy(ahead, position, bytes, offset, taken);
        position += taken;
        return taken;
    }

    private byte[] next() {
        try {
            return from.readNBytes(AHEAD_BYTES);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        calls.close(() -> closeQuietly(from));
    }

    /** Only read from: there is nothing that could be lost. */
    static void closeQuietly(InputStream stream) {
        try {
            stream.close();
        } catch (IOException e) {
            LOG.log(Level.DEBUG, "A file that was read could not be closed", e);
        }
    }
}
