package dev.holdfast.sqlite.io;

import dev.holdfast.application.operation.CancelledException;
import dev.holdfast.application.operation.ProgressMonitor;
import java.sql.Connection;
import java.sql.SQLException;
import org.sqlite.ProgressHandler;

/** Asks the work from inside SQLite, where nothing may be thrown, and ends what takes more steps than it was allowed. */
public final class Cancellation extends ProgressHandler {
    /** Instructions of SQLite's machine; a few milliseconds. */
    private static final int BETWEEN_LOOKS = 10_000;

    private static final long UNBOUNDED = Long.MAX_VALUE;

    private final ProgressMonitor work;
    private boolean cancelled;
    private long looksLeft = UNBOUNDED;

    public Cancellation(ProgressMonitor work) {
        this.work = work;
    }

    public void watch(Connection connection) throws SQLException {
        setHandler(connection, BETWEEN_LOOKS, this);
    }

    /** From now on SQLite interrupts itself after about so many instructions. */
    public void allow(long instructions) {
        looksLeft = instructions / BETWEEN_LOOKS;
    }

    public void allowAny() {
        looksLeft = UNBOUNDED;
    }

    /** Whether what was interrupted was interrupted by the work. */
    public boolean cancelled() {
        return cancelled;
    }

    @Override
    protected int progress() {
        if (looksLeft != UNBOUNDED && looksLeft-- <= 0) {
            return 1;
        }
        try {
            work.checkCancelled();
            return 0;
        } catch (CancelledException e) {
            cancelled = true;
            return 1;
        }
    }
}
