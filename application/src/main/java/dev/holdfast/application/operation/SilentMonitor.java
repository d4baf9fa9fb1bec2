package dev.holdfast.application.operation;

import dev.holdfast.domain.operation.Phase;

/** Work whose bytes do not count as progress, but which stops when it is cancelled. */
public record SilentMonitor(ProgressMonitor work) implements ProgressMonitor {
    @Override
    public void enter(Phase phase, long totalBytes) {}

    @Override
    public void advance(long bytes) {
        work.checkCancelled();
    }

    @Override
    public void checkCancelled() {
        work.checkCancelled();
    }
}
