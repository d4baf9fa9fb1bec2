package dev.holdfast.sqlite.snapshot;

import dev.holdfast.application.operation.ProgressMonitor;
import dev.holdfast.sqlite.file.LiveFile;
import dev.holdfast.sqlite.file.SharedLock;
import dev.holdfast.sqlite.io.Channels;
import dev.holdfast.sqlite.io.DatabaseHeader;
import dev.holdfast.sqlite.io.PageStream;
import java.io.IOException;
import java.io.InputStream;

/** A file in a rollback-journal mode: under the SHARED lock no one can commit, so its bytes are the image. */
final class RollbackModeImage implements LockedImage {
    private final LiveFile file;
    private final SharedLock lock;
    private final int pageSize;
    private final long size;

    /** @param size a whole number of pages */
    RollbackModeImage(LiveFile file, SharedLock lock, int pageSize, long size) {
        this.file = file;
        this.lock = lock;
        this.pageSize = pageSize;
        this.size = size;
    }

    static RollbackModeImage empty(LiveFile file, SharedLock lock) {
        return new RollbackModeImage(file, lock, 1, 0);
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
    public boolean ready(ProgressMonitor work) throws IOException {
        // A program that keeps no locks may have written a new header meanwhile.
        return file.requireImageSize(
                        DatabaseHeader.of(lock.channel()), lock.channel().size())
                == size;
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
