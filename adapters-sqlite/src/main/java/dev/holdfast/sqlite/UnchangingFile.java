package dev.holdfast.sqlite;

import dev.holdfast.application.operation.Work;
import java.io.IOException;
import java.io.InputStream;

/** A file in a rollback-journal mode: under the SHARED lock no one can commit, so its bytes are the image. */
final class UnchangingFile implements PinnedFile {
    private final SharedLock lock;
    private final long size;

    UnchangingFile(SharedLock lock, long size) {
        this.lock = lock;
        this.size = size;
    }

    @Override
    public void catchUp() {
        // Nobody can commit.
    }

    @Override
    public boolean isBeingWritten() throws IOException {
        return lock.writerAtWork();
    }

    @Override
    public boolean ready(Work work) {
        return true;
    }

    @Override
    public long size() {
        return size;
    }

    @Override
    public InputStream open() {
        return new PageStream((into, position) -> Channels.read(lock.channel(), into, position), size);
    }

    @Override
    public void close() throws IOException {
        lock.close();
    }
}
