package dev.holdfast.sqlite;

import dev.holdfast.application.operation.CancelledException;
import dev.holdfast.application.operation.Work;
import dev.holdfast.domain.operation.Phase;

/** Work past the point at which it could be cancelled: it still reports, and a cancellation comes too late. */
record Uncancelled(Work work) implements Work {
    @Override
    public void enter(Phase phase, long totalBytes) {
        work.enter(phase, totalBytes);
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
}
