package dev.holdfast.store.folder;

import dev.holdfast.application.operation.FailPoints;
import dev.holdfast.domain.backup.Sha256;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Objects;

/** Writes to a file in large pieces, and hashes and counts on the way. */
public final class HashingOutput extends OutputStream {
    private static final int PIECE_BYTES = 64 * 1024;

    private final FileChannel channel;
    private final WriteBack writeBack;
    private final FailPoints failPoints;
    private final BackgroundDigest digest = new BackgroundDigest();
    private final byte[] buffer = new byte[PIECE_BYTES];
    private int buffered;
    private long written;

    public HashingOutput(Path file, FailPoints failPoints) throws IOException {
        channel = FileChannel.open(file, StandardOpenOption.WRITE);
        this.writeBack = new WriteBack(() -> channel.force(false));
        this.failPoints = failPoints;
    }

    @Override
    public void write(int b) throws IOException {
        if (buffered == PIECE_BYTES) {
            flush();
        }
        buffer[buffered++] = (byte) b;
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
        Objects.checkFromIndexSize(offset, length, bytes.length);
        if (length > PIECE_BYTES - buffered) {
            flush();
        }
        if (length < PIECE_BYTES) {
            System.arraycopy(bytes, offset, buffer, buffered, length);
            buffered += length;
        } else {
            writeThrough(bytes, offset, length);
        }
    }

    @Override
    public void flush() throws IOException {
        writeThrough(buffer, 0, buffered);
        buffered = 0;
    }

    /** In pieces, as the JDK keeps as much memory outside the heap as the largest write of a thread took. */
    private void writeThrough(byte[] bytes, int offset, int length) throws IOException {
        for (int done = 0; done < length; done += PIECE_BYTES) {
            int piece = Math.min(PIECE_BYTES, length - done);
            digest.update(bytes, offset + done, piece);
            ByteBuffer rest = ByteBuffer.wrap(bytes, offset + done, piece);
            while (rest.hasRemaining()) {
                channel.write(rest);
            }
            boolean first = written == 0;
            written += piece;
            if (written / WriteBack.STEP_BYTES != (written - piece) / WriteBack.STEP_BYTES) {
                writeBack.begin();
            }
            if (first) {
                failPoints.reached("store.half-written");
            }
        }
    }

    /** Durable when this returns. */
    public Sha256 finish() throws IOException {
        flush();
        writeBack.end();
        channel.force(true);
        channel.close();
        return digest.finish();
    }

    public long written() {
        return written;
    }

    /** What is not flushed yet is lost. */
    @Override
    public void close() throws IOException {
        digest.close();
        channel.close();
    }
}
