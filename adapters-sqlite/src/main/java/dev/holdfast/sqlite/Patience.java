package dev.holdfast.sqlite;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.sqlite.BusyHandler;

/**
 * Waits for a lock in short steps. SQLite's own handler soon asks only ten times a second, and then hardly ever meets
 * the moment between two transactions of a program that writes without pause.
 */
final class Patience extends BusyHandler {
    private static final long PAUSE_NANOS = TimeUnit.MICROSECONDS.toNanos(500);

    private final Deadline deadline;

    private Patience(Deadline deadline) {
        this.deadline = deadline;
    }

    static void on(Connection connection, Deadline deadline) throws SQLException {
        BusyHandler.setHandler(connection, new Patience(deadline));
    }

    static void pause() {
        LockSupport.parkNanos(PAUSE_NANOS);
    }

    /** Called from inside SQLite, where nothing may be thrown. */
    @Override
    protected int callback(int attempts) {
        pause();
        return deadline.passed() ? 0 : 1;
    }
}
