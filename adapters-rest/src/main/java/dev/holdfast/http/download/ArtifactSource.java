package dev.holdfast.http.download;

import dev.holdfast.application.backup.OpenBackup;
import dev.holdfast.http.stream.StreamedBody;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** A part of a backup's bytes, and the lease that keeps it from being deleted. Opens the artifact when first asked. */
final class ArtifactSource implements StreamedBody.Source {
    private static final int PIECE = 64 * 1024;

    private final OpenBackup.Opened opened;
    private final long offset;
    private final boolean last;
    private long left;
    private @Nullable InputStream stream;

    /** @param last whether nothing else of the backup follows */
    ArtifactSource(OpenBackup.Opened opened, long offset, long length, boolean last) {
        this.opened = opened;
        this.offset = offset;
        this.last = last;
        this.left = length;
    }

    @Override
    public byte @Nullable [] next() throws IOException {
        if (left == 0) {
            return null;
        }
        InputStream from = stream;
        if (from == null) {
            from = opened.artifact().open(offset);
            stream = from;
        }
        byte[] piece = new byte[(int) Math.min(PIECE, left)];
        int read = from.readNBytes(piece, 0, piece.length);
        if (read == 0) {
            throw new EOFException("backup " + opened.backup().key() + ": ends " + left + " bytes early");
        }
        left -= read;
        if (left == 0 && last) {
            close(); // before the client has it all: it may delete the backup then
        }
        return read == piece.length ? piece : Arrays.copyOf(piece, read);
    }

    @Override
    public void close() throws IOException {
        try (OpenBackup.Opened _ = opened) {
            closeStream();
        }
    }

    /** Keeps the lease. */
    void closeStream() throws IOException {
        InputStream from = stream;
        if (from != null) {
            stream = null;
            from.close();
        }
    }
}
