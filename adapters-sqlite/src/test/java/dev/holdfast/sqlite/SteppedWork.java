package dev.holdfast.sqlite;

import dev.holdfast.application.operation.ProgressMonitor;
import dev.holdfast.domain.operation.Phase;

/** Counts what an operation reports, from 1 on: a test can do something at each of these moments. */
public abstract class SteppedWork implements ProgressMonitor {
    private int step;

    abstract void at(int reached);

    @Override
    public final void enter(Phase phase, long totalBytes) {
        at(++step);
    }

    @Override
    public final void advance(long bytes) {
        at(++step);
    }

    @Override
    public final void checkCancelled() {
        at(++step);
    }
}
