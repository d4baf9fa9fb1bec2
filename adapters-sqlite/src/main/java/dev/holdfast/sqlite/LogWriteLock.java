package dev.holdfast.sqlite;

import dev.holdfast.application.operation.Work;
import dev.holdfast.domain.problem.ProblemException;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.StandardOpenOption;

/**
 * The lock that a writer of a database in WAL mode holds, taken without SQLite: until it is let go no other program
 * commits, while all may read. It is a byte of the shared memory (sqlite.org/walformat, "WAL_WRITE_LOCK").
 *
 * <p>It does not keep out this process's own connections, for {@code fcntl} locks belong to a process. That is what it
 * is for: SQLite takes the same lock when it writes, and lets go of it when it has committed.
 */
final class LogWriteLock implements AutoCloseable {
    private static final long WRITE = 120;

    private final FileChannel channel;

    private LogWriteLock(FileChannel channel) {
        this.channel = channel;
    }

    /** To be called while a connection of this process has the file open; so there is shared memory. */
    static LogWriteLock take(LiveFile file, Deadline deadline, Work work) throws IOException {
        FileChannel channel = FileChannel.open(file.sharedMemory(), StandardOpenOption.READ, StandardOpenOption.WRITE);
        try {
            while (channel.tryLock(WRITE, 1, false) == null) {
                if (deadline.passed()) {
                    throw new ProblemException(Faults.busy(file.path(), deadline));
                }
                work.checkCancelled();
                Patience.pause();
            }
            return new LogWriteLock(channel);
        } catch (IOException | RuntimeException e) {
            channel.close();
            throw e;
        }
    }

    /** Drops every lock of this process on the shared memory: after the last connection (rule 33). */
    @Override
    public void close() throws IOException {
        channel.close();
    }
}
