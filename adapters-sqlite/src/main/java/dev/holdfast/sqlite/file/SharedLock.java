package dev.holdfast.sqlite.file;

import dev.holdfast.application.operation.ProgressMonitor;
import dev.holdfast.domain.problem.ProblemException;
import dev.holdfast.sqlite.io.Deadline;
import dev.holdfast.sqlite.io.FileState;
import dev.holdfast.sqlite.io.LockPage;
import dev.holdfast.sqlite.io.ResourceStack;
import dev.holdfast.sqlite.lock.ForeignLocks;
import dev.holdfast.sqlite.lock.OwnLocks;
import dev.holdfast.tree.FileIdentity;
import dev.holdfast.tree.PathHandle;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import java.util.Set;

/**
 * SQLite's SHARED lock, taken without SQLite: as long as it is held no program can change the main file. Java's file
 * locks are the {@code fcntl} locks that SQLite uses. The process must have no SQLite connection to the file. The bytes
 * are in {@code docs/internals/locks.md#lock-bytes}.
 */
public final class SharedLock implements AutoCloseable {
    private static final long PENDING = LockPage.PENDING_BYTE;
    private static final long RESERVED = PENDING + 1;
    private static final long SHARED = PENDING + 2;
    private static final long SHARED_SIZE = 510;

    private final FileChannel channel;
    private final ForeignLocks others;

    private final FileIdentity identity;

    private SharedLock(FileIdentity identity, FileChannel channel, ForeignLocks others) {
        this.identity = identity;
        this.channel = channel;
        this.others = others;
    }

    public static SharedLock take(LiveFile file, Deadline deadline, ProgressMonitor work) throws IOException {
        ResourceStack opened = new ResourceStack();
        try (PathHandle handle = file.hold(file.path())) {
            FileChannel channel = opened.add(handle.open(StandardOpenOption.READ));
            ForeignLocks others = opened.add(ForeignLocks.on(handle.path()));
            while (!tryShared(channel)) {
                if (deadline.passed()) {
                    throw new ProblemException(SqliteErrors.busy(file.path(), deadline));
                }
                deadline.pause(work);
            }
            return new SharedLock(handle.identity(), channel, others);
        } catch (Throwable e) {
            opened.closeAfter(e);
            throw e;
        }
    }

    /** As SQLite does it: through PENDING, so that a writer that waits for readers to leave is let through. */
    private static boolean tryShared(FileChannel channel) throws IOException {
        try (FileLock pending = channel.tryLock(PENDING, 1, true)) {
            return pending != null && channel.tryLock(SHARED, SHARED_SIZE, true) != null;
        }
    }

    public FileIdentity identity() {
        return identity;
    }

    /** Returns whether it was taken on this file, whatever has its name now. */
    public boolean isOn(FileState file) {
        return identity.equals(new FileIdentity(file.device(), file.inode()));
    }

    /** Whether a program has begun to write. It cannot have changed the main file. */
    public boolean writerAtWork() throws IOException {
        if (ForeignLocks.areVisible()) {
            return others.isHeld(RESERVED, 1);
        }
        try (FileLock reserved = channel.tryLock(RESERVED, 1, true)) {
            return reserved == null;
        }
    }

    /** Returns whether another process has the file open and reads or writes, which in WAL mode it does until it closes. */
    public boolean isSharedByOthers() throws IOException {
        return others.isHeld(SHARED, SHARED_SIZE);
    }

    /**
     * Returns the other processes that read or write, as {@link #isSharedByOthers} does, if they can be seen.
     *
     * @param file as the kernel names it
     */
    public static Set<Long> visibleHolders(String file) throws IOException {
        return OwnLocks.processesOn(file, SHARED, SHARED_SIZE);
    }

    /** The name of the main file in the kernel's lists of locks; empty if there is no such list. */
    public Optional<String> kernelName() throws IOException {
        return others.kernelName();
    }

    /** Returns whether another process writes, or is in exclusive locking mode. Drops every lock of this process. */
    public static boolean isHeldExclusivelyByOthers(LiveFile file) throws IOException {
        try (ForeignLocks others = file.locksOn(file.path())) {
            return others.isHeldExclusively(SHARED, SHARED_SIZE);
        }
    }

    /** As {@link #isSharedByOthers}, without the lock. Drops every lock of this process on the file. */
    public static boolean isHeldByOthers(LiveFile file) throws IOException {
        try (ForeignLocks others = file.locksOn(file.path())) {
            return others.isHeld(SHARED, SHARED_SIZE);
        }
    }

    public FileChannel channel() {
        return channel;
    }

    /** Drops every lock of this process on the file. */
    @Override
    public void close() throws IOException {
        ResourceStack both = new ResourceStack();
        both.add(channel);
        both.add(others);
        both.close();
    }
}
