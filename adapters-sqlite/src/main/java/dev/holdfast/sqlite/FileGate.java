package dev.holdfast.sqlite;

import dev.holdfast.application.operation.Work;
import dev.holdfast.domain.problem.Problem;
import dev.holdfast.domain.problem.ProblemException;
import java.nio.file.Path;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * The one way to a live file in this process. Whoever is inside may have SQLite connections and channels to the file,
 * nobody else has: POSIX drops all locks of a process on a file when any descriptor of it is closed (rules 3 and 33).
 */
final class FileGate implements AutoCloseable {
    /** Grows with the number of registered files only. Process-wide, as the locks are. */
    private static final ConcurrentMap<Path, Semaphore> GATES = new ConcurrentHashMap<>();

    private final Semaphore gate;
    private final AtomicBoolean inside = new AtomicBoolean(true);

    private FileGate(Semaphore gate) {
        this.gate = gate;
    }

    /** @param file its real path, so that a file has one gate */
    static FileGate enter(Path file, Deadline deadline, Work work) {
        Semaphore gate = GATES.computeIfAbsent(file, key -> new Semaphore(1));
        while (!gate.tryAcquire()) {
            if (deadline.passed()) {
                throw new ProblemException(
                        new Problem.SourceBusy(file + " stayed in use by another backup or restore for "
                                + deadline.allowed() + "; try again later."));
            }
            deadline.pause(work);
        }
        return new FileGate(gate);
    }

    /** Idempotent: a second release would let two in at once. */
    @Override
    public void close() {
        if (inside.compareAndSet(true, false)) {
            gate.release();
        }
    }
}
