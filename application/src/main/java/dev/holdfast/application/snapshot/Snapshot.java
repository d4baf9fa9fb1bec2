package dev.holdfast.application.snapshot;

import java.util.List;
import java.util.Optional;

/**
 * Readable images of a source's SQLite files, all of one committed moment. As long as it is open it may hold a read
 * lock on the source: copy at once, then close. For one thread.
 */
public interface Snapshot extends AutoCloseable {
    /** One for each SQLite file of the source, in the source's order. */
    List<Image> images();

    /**
     * Returns why the images may not be of one committed state although nothing shows it, for a person; empty if the locks
     * on the source keep every program away.
     */
    default Optional<String> inconsistency() {
        return Optional.empty();
    }

    /** Lets go of the source; idempotent. */
    @Override
    void close();
}
