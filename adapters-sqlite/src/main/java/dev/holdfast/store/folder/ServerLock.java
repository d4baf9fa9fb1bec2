package dev.holdfast.store.folder;

import static java.nio.file.LinkOption.NOFOLLOW_LINKS;
import static java.nio.file.StandardOpenOption.CREATE;
import static java.nio.file.StandardOpenOption.WRITE;

import dev.holdfast.domain.problem.Problem;
import dev.holdfast.domain.problem.ProblemException;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Lets one server at a time change or delete backups of a directory that several servers use. Threads of this server share
 * it: {@link KeyLocks} keeps them apart. A file system that has no locks, or does not share them, excludes no server.
 */
public final class ServerLock {
    /** Far more than another server's change takes, unless it is stopped in the middle. */
    private static final Duration MAX_WAIT = Duration.ofSeconds(20);

    private static final long PAUSE_NANOS = Duration.ofMillis(2).toNanos();

    private final Folders folders;
    private final Path file;

    // Both guarded by this.
    private int holders;
    private @Nullable FileChannel held;

    public ServerLock(Folders folders) {
        this(folders, folders.serverLock());
    }

    /** @param file that is locked; it has no content */
    public ServerLock(Folders folders, Path file) {
        this.folders = folders;
        this.file = file;
    }

    public <T> T holding(FileWork<T> change) throws IOException {
        acquire();
        try {
            return change.run();
        } finally {
            release();
        }
    }

    private synchronized void acquire() {
        if (holders == 0) {
            held = locked();
        }
        holders++;
    }

    private synchronized void release() throws IOException {
        holders--;
        if (holders == 0 && held != null) {
            FileChannel channel = held;
            held = null;
            channel.close();
        }
    }

    /** Null if the file system has no locks, or the file cannot be made: a full disk must not prevent a deletion. */
    private @Nullable FileChannel locked() {
        FileChannel channel = null;
        boolean locked = false;
        try {
            channel = open();
            await(channel);
            locked = true;
            return channel;
        } catch (IOException e) {
            return null;
        } finally {
            if (!locked && channel != null) {
                closeQuietly(channel);
            }
        }
    }

    private FileChannel open() throws IOException {
        try {
            return FileChannel.open(file, Set.of(WRITE, NOFOLLOW_LINKS));
        } catch (NoSuchFileException e) {
            FileChannel made = FileChannel.open(
                    file,
                    Set.of(CREATE, WRITE, NOFOLLOW_LINKS),
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
            Folders.sync(file.resolveSibling(""));
            return made;
        }
    }

    private void await(FileChannel channel) throws IOException {
        long deadline = System.nanoTime() + MAX_WAIT.toNanos();
        while (!isLocked(channel)) {
            if (System.nanoTime() > deadline) {
                throw new ProblemException(new Problem.StoreUnavailable(
                        "Another server changes backups in " + folders.artifacts() + " and has not ended for "
                                + MAX_WAIT.toSeconds() + " s. Nothing was changed. Look whether that server still runs,"
                                + " and try again."));
            }
            LockSupport.parkNanos(PAUSE_NANOS);
        }
    }

    private static boolean isLocked(FileChannel channel) throws IOException {
        try {
            return channel.tryLock() != null;
        } catch (OverlappingFileLockException e) {
            return false; // held by another store of this process
        }
    }

    private static void closeQuietly(FileChannel channel) {
        try {
            channel.close();
        } catch (IOException e) {
            // Nothing was written to it.
        }
    }
}
