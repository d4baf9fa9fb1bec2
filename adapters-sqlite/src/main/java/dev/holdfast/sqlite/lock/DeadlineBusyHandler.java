package dev.holdfast.sqlite.lock;

import dev.holdfast.application.operation.CancelledException;
import dev.holdfast.application.operation.ProgressMonitor;
import dev.holdfast.sqlite.io.Deadline;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.sqlite.BusyHandler;

/**
 * Waits for a lock in short steps. SQLite's own handler soon asks only ten times a second, and then hardly ever meets
 * the moment between two transactions of a program that writes without pause.
 */
public final class DeadlineBusyHandler extends BusyHandler {
    private static final long PAUSE_NANOS = TimeUnit.MICROSECONDS.toNanos(500);

    private final Deadline deadline;
    private final ProgressMonitor work;

    private DeadlineBusyHandler(Deadline deadline, ProgressMonitor work) {
        this.deadline = deadline;
        this.work = work;
    }

    /** @param work a cancellation ends the wait; SQLite then reports that the database is busy */
    public static void on(Connection connection, Deadline deadline, ProgressMonitor work) throws SQLException {
        BusyHandler.setHandler(connection, new DeadlineBusyHandler(deadline, work));
    }

    public static void pause() {
        LockSupport.parkNanos(PAUSE_NANOS);
    }

    /** Called from inside SQLite, where nothing may be thrown. */
    @Override
    protected int callback(int attempts) {
        pause();
        return deadline.passed() || isCancelled() ? 0 : 1;
    }

    private boolean isCancelled() {
        try {
            work.checkCancelled();
            return false;
        } catch (CancelledException e) {
            return true;
        }
    }
}
