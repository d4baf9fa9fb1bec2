package dev.holdfast.sqlite.restore;

import dev.holdfast.application.snapshot.Confirmation;
import dev.holdfast.application.snapshot.Image;
import dev.holdfast.sqlite.file.UnlockedWriters;
import dev.holdfast.sqlite.io.Channels;
import dev.holdfast.sqlite.io.PageStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.FileChannel;

/**
 * A file without a log that this process alone may change, byte for byte: also one that is shorter or longer than its
 * header says, for it is about to be replaced and this is all there is of it.
 */
record ExclusiveImage(FileChannel channel, long size, UnlockedWriters writers) implements Image {
    static ExclusiveImage of(FileChannel channel, UnlockedWriters writers) throws IOException {
        return new ExclusiveImage(channel, channel.size(), writers);
    }

    @Override
    public Confirmation confirm() {
        return writers.confirm();
    }

    @Override
    public InputStream open() {
        return new PageStream((into, position) -> Channels.read(channel, into, position), size);
    }
}
