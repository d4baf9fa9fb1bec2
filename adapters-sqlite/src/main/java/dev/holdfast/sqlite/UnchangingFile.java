package dev.holdfast.sqlite;

import dev.holdfast.application.operation.Work;
import java.io.IOException;
import java.io.InputStream;

/** A file in a rollback-journal mode: under the SHARED lock no one can commit, so its bytes are the image. */
final class UnchangingFile implements PinnedFile {
    private final SharedLock lock;
    private final int pageSize;
    private final long size;

    /** @param size a whole number of pages */
    UnchangingFile(SharedLock lock, int pageSize, long size) {
        this.lock = lock;
        this.pageSize = pageSize;
        this.size = size;
    }

    static UnchangingFile empty(SharedLock lock) {
        return new UnchangingFile(lock, 1, 0);
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
        return new PageStream((into, position) -> Channels.readPages(lock.channel(), into, position, pageSize), size);
    }

    @Override
    public void close() throws IOException {
        lock.close();
    }
}
