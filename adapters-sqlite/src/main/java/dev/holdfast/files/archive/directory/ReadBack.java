package dev.holdfast.files.archive.directory;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.zip.CRC32C;

/**
 * Compares what a file holds with what was written to it, so that a disk that loses a write and reports success does not
 * look like a damaged archive.
 */
public final class ReadBack {
    private static final int CHUNK = 1 << 16;

    private final CRC32C written = new CRC32C();
    private long size;

    public void wrote(byte[] bytes, int count) {
        written.update(bytes, 0, count);
        size += count;
    }

    /** @throws IOException if the file holds anything else than what was written */
    public void require(FileChannel file, Path shown) throws IOException {
        CRC32C found = new CRC32C();
        ByteBuffer chunk = ByteBuffer.allocate(CHUNK);
        long position = 0;
        for (int count = file.read(chunk, 0); count > 0; count = file.read(chunk, position)) {
            position += count;
            found.update(chunk.flip());
            chunk.clear();
        }
        if (position != size || found.getValue() != written.getValue()) {
            throw new IOException(shown + " holds other bytes than were written to it; look at its disk");
        }
    }
}
