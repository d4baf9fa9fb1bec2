package dev.holdfast.application.snapshot;

import java.io.IOException;
import java.io.InputStream;
import java.util.Optional;

/** A SQLite database as it was at the snapshot's moment. */
public interface Image {
    /** In bytes, known before the first one is read; a multiple of the page size, or 0 for an empty database. */
    long size();

    /**
     * Exactly {@link #size()} bytes that make an ordinary SQLite file; the caller closes, before the snapshot. May be
     * called again for another pass.
     *
     * <p>The stream throws {@link dev.holdfast.domain.problem.ProblemException} with {@code SourceCorrupt} or
     * {@code SourceBusy} if the source cannot be read any more as it was at the snapshot's moment.
     */
    InputStream open() throws IOException;

    /**
     * Returns whether the source is still as it was at the snapshot's moment. To be called after the last byte of all
     * images of the snapshot was read, before the snapshot is closed and before a copy is published.
     */
    default Confirmation confirm() {
        return Confirmation.UNCHANGED;
    }

    /** A finding about how the source is stored, for a person, or empty. The image itself is complete. */
    default Optional<String> remark() {
        return Optional.empty();
    }
}
