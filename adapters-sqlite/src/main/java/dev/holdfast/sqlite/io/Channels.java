package dev.holdfast.sqlite.io;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;

/** Positional reads and writes that do not stop half-way. */
public final class Channels {
    private Channels() {}

    /** Reads until {@code into} is full or the file ends. */
    public static void read(FileChannel file, ByteBuffer into, long position) throws IOException {
        long at = position;
        while (into.hasRemaining()) {
            int count = file.read(into, at);
            if (count < 0) {
                return;
            }
            at += count;
        }
    }

    /**
     * Reads whole pages until {@code into} is full or the file ends. If the file ends within a page, fills the rest of
     * that page with zeros, as SQLite does.
     */
    public static void readPages(FileChannel file, ByteBuffer into, long position, int pageSize) throws IOException {
        read(file, into, position);
        if (into.remaining() < pageSize && file.size() % pageSize != 0) {
            into.put(new byte[into.remaining()]);
        }
    }

    public static void write(FileChannel file, ByteBuffer from, long position) throws IOException {
        long at = position;
        while (from.hasRemaining()) {
            at += file.write(from, at);
        }
    }
}
