package dev.holdfast.application.snapshot;

import java.util.List;

/**
 * Readable images of a source's SQLite files, all of one committed moment. As long as it is open it may hold a read
 * lock on the source: copy at once, then close. For one thread.
 */
public interface Snapshot extends AutoCloseable {
    /** One for each SQLite file of the source, in the source's order. */
    List<Image> images();

    /** Lets go of the source; idempotent. */
    @Override
    void close();
}
