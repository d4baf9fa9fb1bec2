package dev.holdfast.sqlite.snapshot;

import dev.holdfast.application.operation.ProgressMonitor;
import dev.holdfast.application.snapshot.Image;
import java.io.IOException;
import java.sql.SQLException;

/** One file of a source, held at a moment. First {@link #catchUp}, then {@link #ready}, then it is an image. */
interface LockedImage extends Image, AutoCloseable {
    /** Moves the moment to the last commit. */
    void catchUp() throws IOException;

    /** Whether a program writes to it, so that a commit may be visible here and not yet in another file. */
    boolean isBeingWritten() throws IOException;

    /**
     * Copies what cannot be read where it lies.
     *
     * @return false if the file has escaped meanwhile, so that it must be pinned again
     */
    boolean ready(ProgressMonitor work) throws IOException, SQLException;

    @Override
    void close() throws IOException, SQLException;
}
