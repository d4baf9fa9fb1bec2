package dev.holdfast.sqlite.snapshot;

import dev.holdfast.application.operation.ProgressMonitor;
import dev.holdfast.application.snapshot.Confirmation;
import dev.holdfast.domain.problem.ProblemException;
import dev.holdfast.sqlite.file.UnlockedWriters;
import java.io.IOException;
import java.io.InputStream;
import java.sql.SQLException;
import java.util.Optional;

/** A file that stays unchanged as long as all programs keep SQLite's locks, watched for those that do not. */
record WatchedFile(LockedImage file, UnlockedWriters writers, Optional<String> remark) implements LockedImage {
    @Override
    public Confirmation confirm() {
        return writers.confirm();
    }

    @Override
    public void catchUp() throws IOException {
        file.catchUp();
    }

    @Override
    public boolean isBeingWritten() throws IOException {
        return file.isBeingWritten();
    }

    /**
     * The wait is here and not before, so that several files meet at a moment between two transactions: a program that
     * commits to all of them waits for this lock by then.
     *
     * <p>A fault in what was read says nothing about a file that changed meanwhile; a journal may vanish with it.
     */
    @Override
    public boolean ready(ProgressMonitor work) throws IOException, SQLException {
        try {
            return writers.settle(work).isPresent() && file.ready(work);
        } catch (IOException | SQLException | ProblemException e) {
            if (confirm() instanceof Confirmation.Changed) {
                return false;
            }
            throw e;
        }
    }

    @Override
    public long size() {
        return file.size();
    }

    @Override
    public InputStream open() throws IOException {
        return file.open();
    }

    @Override
    public void close() throws IOException, SQLException {
        file.close();
    }
}
