package dev.holdfast.store.folder;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.channels.ClosedChannelException;
import org.jspecify.annotations.Nullable;

/**
 * Has what was written to a large file go to the disk while more is being written. Left to the last moment, it would
 * all be waited for at the end, when nobody can cancel any more.
 */
final class WriteBack {
    /** What is begun each time keeps a slow disk busy for about a second. */
    static final long STEP_BYTES = 64L << 20;

    private final Step toDisk;
    private @Nullable Thread running;

    /** Written by the other thread before it ends. */
    private volatile @Nullable IOException failure;

    /** @param toDisk called by one other thread at a time */
    WriteBack(Step toDisk) {
        this.toDisk = toDisk;
    }

    /** Has all that was written so far go to the disk, and waits for it. */
    @FunctionalInterface
    interface Step {
        void run() throws IOException;
    }

    /** Does nothing if the one before still runs; waits for nothing. */
    void begin() {
        if (running == null || !running.isAlive()) {
            running = Thread.ofPlatform().daemon().name("write-back").start(this::force);
        }
    }

    private void force() {
        try {
            toDisk.run();
        } catch (ClosedChannelException e) {
            // The file was given up meanwhile.
        } catch (IOException e) {
            failure = e;
        }
    }

    /** The system tells of a page that it could not write only once, so it must be heard here. */
    void end() throws IOException {
        try {
            if (running != null) {
                running.join();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted while the file went to the disk");
        }
        if (failure != null) {
            throw failure;
        }
    }
}
