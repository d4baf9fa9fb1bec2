package dev.holdfast.application.operation;

import dev.holdfast.domain.identity.OperationId;
import dev.holdfast.domain.operation.Operation;
import dev.holdfast.domain.operation.Phase;
import dev.holdfast.domain.operation.Progress;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;

/** An operation while it runs: its present state, who waits for it, and whether it shall stop. */
final class RunningOperation implements ProgressMonitor {
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final InstantSource clock;
    private final Consumer<Operation> keep;
    private final Consumer<Operation> tell;
    private Operation current;

    /** Whether it is settled how this ends. */
    private boolean ending;

    /** Whether it has ended although its thread still waits for a file system. */
    private boolean abandoned;

    /**
     * @param keep makes a state durable; called whenever the phase changes
     * @param tell is told of every change, one after the other
     */
    RunningOperation(Operation first, InstantSource clock, Consumer<Operation> keep, Consumer<Operation> tell) {
        this.current = first;
        this.clock = clock;
        this.keep = keep;
        this.tell = tell;
    }

    Operation current() {
        lock.lock();
        try {
            return current;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public Optional<OperationId> operation() {
        return Optional.of(current().id());
    }

    /** Nothing happens to an operation that has ended. */
    Operation change(UnaryOperator<Operation> change) {
        lock.lock();
        try {
            if (!current.state().isFinal()) {
                current = change.apply(current).withRevision(current.revision() + 1);
                tell.accept(current);
                changed.signalAll();
            }
            return current;
        } finally {
            lock.unlock();
        }
    }

    Operation requestCancel() {
        return change(it -> it.cancelRequested() ? it : it.withCancelRequested());
    }

    /** Reports why the work does not go on; empty where it does. */
    void waitFor(Optional<String> reason) {
        lock.lock();
        try {
            if (!current.waitingFor().equals(reason)) {
                change(it -> it.withWaitingFor(reason));
            }
        } finally {
            lock.unlock();
        }
    }

    /** Settles that the work has come to its end. Returns false where it has ended already without its thread. */
    boolean beginEnd() {
        lock.lock();
        try {
            boolean first = !ending;
            ending = true;
            return first;
        } finally {
            lock.unlock();
        }
    }

    /**
     * Settles that this ends as cancelled without its thread, which goes no further than to where it looks next. Returns
     * false where it is not cancelled, where it has ended, or where it replaces a live database.
     */
    boolean abandon() {
        lock.lock();
        try {
            boolean may = current.cancelRequested() && current.phase().isCancellable() && !ending;
            abandoned |= may;
            ending |= may;
            return may;
        } finally {
            lock.unlock();
        }
    }

    /** One step, so that nothing that is abandoned begins to replace, or is recorded as running again. */
    @Override
    public void enter(Phase phase, long totalBytes) {
        lock.lock();
        try {
            checkCancelled();
            keep.accept(change(it -> it.in(phase, begin(totalBytes, it.progress()))));
        } finally {
            lock.unlock();
        }
    }

    private Progress begin(long totalBytes, Progress before) {
        return totalBytes == 0 ? before.complete() : Progress.counting(totalBytes, clock.instant());
    }

    @Override
    public void advance(long bytes) {
        checkCancelled();
        change(it -> it.in(it.phase(), it.progress().plus(bytes)));
    }

    /** Once the live database is being replaced, stopping in the middle would help nobody: the order is then ignored. */
    @Override
    public void checkCancelled() {
        lock.lock();
        try {
            if (abandoned || (current.cancelRequested() && current.phase().isCancellable())) {
                throw new CancelledException();
            }
        } finally {
            lock.unlock();
        }
    }

    Optional<Operation> awaitChange(long revision, Duration atMost) throws InterruptedException {
        long left = atMost.toNanos();
        lock.lockInterruptibly();
        try {
            while (current.revision() <= revision) {
                if (left <= 0) {
                    return Optional.empty();
                }
                left = changed.awaitNanos(left);
            }
            return Optional.of(current);
        } finally {
            lock.unlock();
        }
    }

    Operation awaitEnd() throws InterruptedException {
        lock.lockInterruptibly();
        try {
            while (!current.state().isFinal()) {
                changed.await();
            }
            return current;
        } finally {
            lock.unlock();
        }
    }

    /** @return whether it has ended */
    boolean awaitEnd(Duration atMost) throws InterruptedException {
        long left = atMost.toNanos();
        lock.lockInterruptibly();
        try {
            while (!current.state().isFinal() && left > 0) {
                left = changed.awaitNanos(left);
            }
            return current.state().isFinal();
        } finally {
            lock.unlock();
        }
    }
}
