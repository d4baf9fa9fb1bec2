package dev.holdfast.sqlite.io;

import dev.holdfast.application.operation.CancelledException;
import dev.holdfast.application.operation.ProgressMonitor;
import dev.holdfast.domain.operation.Phase;

/**
 * Work past the point at which it could be cancelled: it still reports, and a cancellation comes too late. So does a
 * report that cannot be kept, for example on a full disk: what was committed is committed, and has to be said so.
 */
public record UncancellableMonitor(ProgressMonitor work) implements ProgressMonitor {
    private static final System.Logger LOG = System.getLogger(UncancellableMonitor.class.getName());

    @Override
    public void enter(Phase phase, long totalBytes) {
        try {
            work.enter(phase, totalBytes);
        } catch (CancelledException e) {
            throw e;
        } catch (RuntimeException e) {
            LOG.log(
                    System.Logger.Level.WARNING,
                    "A restore goes on, but that it is " + phase + " could not be kept",
                    e);
        }
    }

    @Override
    public void advance(long bytes) {
        try {
            work.advance(bytes);
        } catch (CancelledException e) {
            // Half a restore is no state to stop in; the bytes are counted all the same.
        }
    }

    @Override
    public void checkCancelled() {}

    @Override
    public void remark(String text) {
        work.remark(text);
    }
}
