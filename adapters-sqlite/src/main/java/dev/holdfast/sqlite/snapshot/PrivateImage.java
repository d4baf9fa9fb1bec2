package dev.holdfast.sqlite.snapshot;

import dev.holdfast.sqlite.io.Channels;
import dev.holdfast.sqlite.io.PageStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** A finished copy in scratch that nobody else knows. */
final class PrivateImage implements AutoCloseable {
    private final FileChannel channel;
    private final long size;

    private PrivateImage(FileChannel channel, long size) {
        this.channel = channel;
        this.size = size;
    }

    static PrivateImage of(Path file) throws IOException {
        FileChannel channel = FileChannel.open(file, StandardOpenOption.READ);
        try {
            return new PrivateImage(channel, channel.size());
        } catch (Throwable e) {
            channel.close();
            throw e;
        }
    }

    long size() {
        return size;
    }

    InputStream open() {
        return new PageStream((into, position) -> Channels.read(channel, into, position), size);
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
