package dev.holdfast.files.archive.member;

import dev.holdfast.application.operation.ProgressMonitor;
import dev.holdfast.application.store.Artifact;
import dev.holdfast.domain.problem.Problem;
import dev.holdfast.domain.problem.ProblemException;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** An artifact's bytes from some place on; knows where it is. */
public final class PackedInput extends InputStream {
    private static final int BUFFER = 1 << 16;

    private final InputStream in;
    private final ProgressMonitor work;
    private long at;
    private long unreported;

    private PackedInput(InputStream in, long at, ProgressMonitor work) {
        this.in = in;
        this.at = at;
        this.work = work;
    }

    public static PackedInput open(Artifact artifact, long offset, ProgressMonitor work) {
        try {
            return new PackedInput(new BufferedInputStream(artifact.open(offset), BUFFER), offset, work);
        } catch (IOException e) {
            throw unavailable(e);
        }
    }

    public long position() {
        return at;
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
        int count;
        try {
            count = in.read(bytes, offset, length);
        } catch (IOException e) {
            throw unavailable(e);
        }
        if (count > 0) {
            at += count;
            unreported += count;
            if (unreported >= 1 << 20) {
                long bytesDone = unreported;
                unreported = 0;
                work.advance(bytesDone);
            }
        }
        return count;
    }

    /** Exactly {@code count} bytes. */
    public byte[] exactly(int count) throws IOException {
        byte[] bytes = readNBytes(count);
        if (bytes.length < count) {
            throw ArchiveRejectedException.damaged("the archive is cut short");
        }
        return bytes;
    }

    public ByteBuffer fields(int count) throws IOException {
        return ByteBuffer.wrap(exactly(count)).order(ByteOrder.LITTLE_ENDIAN);
    }

    /** What was not reported yet, all up to the archive's end. */
    public void reportRest(long size) {
        work.advance(unreported + Math.max(0, size - at));
        unreported = 0;
    }

    private static ProblemException unavailable(IOException cause) {
        return new ProblemException(
                new Problem.StoreUnavailable("The archive cannot be read: " + ArchiveErrors.reason(cause) + "."),
                cause);
    }

    @Override
    public void close() throws IOException {
        in.close();
    }
}
