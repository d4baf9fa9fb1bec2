package dev.holdfast.sqlite.wal;

import dev.holdfast.application.operation.ProgressMonitor;
import dev.holdfast.domain.problem.ProblemException;
import dev.holdfast.sqlite.file.LiveFile;
import dev.holdfast.sqlite.file.SqliteErrors;
import dev.holdfast.sqlite.io.Connections;
import dev.holdfast.sqlite.io.Deadline;
import dev.holdfast.sqlite.lock.DeadlineBusyHandler;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.sql.Connection;
import java.sql.SQLException;

/**
 * The lock that a writer of a database in WAL mode holds, taken without SQLite: until it is let go no other program
 * commits, while all may read. It is a byte of the shared memory (sqlite.org/walformat, "WAL_WRITE_LOCK").
 *
 * <p>It does not keep out this process's own connections, for {@code fcntl} locks belong to a process. That is what it
 * is for: SQLite takes the same lock when it writes, and lets go of it when it has committed.
 */
public final class WalWriteLock {
    private WalWriteLock() {}

    /**
     * Takes it for as long as {@code sharedMemory} is open or until this process's SQLite lets go of it.
     *
     * @param sharedMemory closed by its owner after every connection of the process, also if this fails: {@code
     *     docs/internals/locks.md#order-of-closing}
     * @param connection of this process to the file; reads nothing now
     */
    public static void take(
            LiveFile file, FileChannel sharedMemory, Connection connection, Deadline deadline, ProgressMonitor work)
            throws IOException, SQLException {
        WalIndexHeader index = new WalIndexHeader(sharedMemory);
        while (true) {
            FileLock lock = sharedMemory.tryLock(WalIndexHeader.WRITE_LOCK, 1, false);
            if (lock != null && index.read().isPresent()) {
                return;
            }
            if (lock != null) {
                // Its writer died over the header. Recovering it, SQLite would let go of this lock in the middle of our
                // work, so it has to do that now.
                lock.release();
                Connections.ask(connection, "PRAGMA schema_version");
            }
            if (deadline.passed()) {
                throw new ProblemException(SqliteErrors.busy(file.path(), deadline));
            }
            work.checkCancelled();
            DeadlineBusyHandler.pause();
        }
    }
}
