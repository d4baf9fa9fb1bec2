package dev.holdfast.application.operation;

import dev.holdfast.domain.identity.OperationId;
import dev.holdfast.domain.operation.Phase;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;

/** Work that collects its remarks. For the one thread that does the work. */
public final class RemarkedWork implements ProgressMonitor {
    private final ProgressMonitor work;
    private final List<String> remarks = new ArrayList<>();

    public RemarkedWork(ProgressMonitor work) {
        this.work = work;
    }

    /** In the order in which they came. */
    public List<String> remarks() {
        return Collections.unmodifiableList(remarks);
    }

    @Override
    public void remark(String text) {
        remarks.add(text);
    }

    @Override
    public void enter(Phase phase, long totalBytes) {
        work.enter(phase, totalBytes);
    }

    @Override
    public void advance(long bytes) {
        work.advance(bytes);
    }

    @Override
    public void checkCancelled() {
        work.checkCancelled();
    }

    @Override
    public Optional<OperationId> operation() {
        return work.operation();
    }
}
