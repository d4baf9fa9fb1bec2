package dev.holdfast.application.snapshot;

import java.io.IOException;
import java.io.InputStream;

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
}
