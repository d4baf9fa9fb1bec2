package dev.holdfast.sqlite.wal;

import static java.nio.file.LinkOption.NOFOLLOW_LINKS;
import static java.util.Objects.requireNonNull;

import dev.holdfast.domain.problem.Problem;
import dev.holdfast.sqlite.file.LiveFile;
import dev.holdfast.sqlite.file.SharedLock;
import dev.holdfast.sqlite.lock.OwnLocks;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * A main file that took the place of the one that a program still has open in WAL mode. The WAL next to it belongs to the
 * file that is gone, so the two must not be read together. See {@code
 * docs/internals/wal.md#a-main-file-that-was-replaced}.
 */
public final class ReplacedMainFile {
    /** Longer than a tick of the kernel: in one rename, the directory may get the time of the last tick. */
    private static final Duration MARGIN = Duration.ofMillis(12);

    private static final String CERTAIN = " Export the data from the running program if you need it, and stop the"
            + " program. Move the WAL and the wal-index away if they are still there, and try again.";

    private static final String MAYBE = " Let the program close the database, or stop it properly, and try again. Keep"
            + " the WAL if it is still there then: if no file was replaced, it holds committed data.";

    private ReplacedMainFile() {}

    /**
     * Returns the problem of such a file; empty if there is no sign of one. Works inside the file's gate, without a SQLite
     * connection of this process to the file.
     *
     * @param lock on what has the name now
     */
    public static Optional<Problem> find(LiveFile file, SharedLock lock) throws IOException {
        try {
            return switch (evidence(file, lock)) {
                case NONE -> Optional.empty();
                case TIMES -> Optional.of(problem(file, " may have been replaced", MAYBE));
                case OPEN_FILES -> Optional.of(problem(file, " was replaced", CERTAIN));
            };
        } catch (NoSuchFileException e) {
            return Optional.empty(); // the last program that used the wal-index has removed it
        }
    }

    private enum Evidence {
        NONE,
        /** The locks and the times of the files only. */
        TIMES,
        OPEN_FILES
    }

    private static Evidence evidence(LiveFile file, SharedLock lock) throws IOException {
        Optional<String> main = lock.kernelName();
        String name = main.orElse("");
        String system = name.substring(0, name.lastIndexOf(':') + 1);
        Set<Long> users =
                main.isPresent() ? WalIndexHeader.visibleUsers(system + inode(file.sharedMemory())) : Set.of();
        // A process takes the lock first and releases it last, so the wal-index is looked at before and after it.
        Set<Long> suspects = new HashSet<>(users);
        suspects.removeAll(SharedLock.visibleHolders(name));
        suspects.retainAll(
                main.isPresent() ? WalIndexHeader.visibleUsers(system + inode(file.sharedMemory())) : Set.of());
        boolean unknown = users.isEmpty() && isUsedByNoneWithLock(file, lock);
        for (long process : users) {
            if (usesRemoved(process, file, system)) {
                return Evidence.OPEN_FILES;
            }
            if (suspects.contains(process)) {
                Optional<Boolean> same = OwnLocks.hasOpen(process, file.path());
                if (same.isPresent() && !same.get()) {
                    return Evidence.OPEN_FILES;
                }
                unknown |= same.isEmpty();
            }
        }
        return unknown && isNewerThanWalIndex(file) ? Evidence.TIMES : Evidence.NONE;
    }

    private static long inode(Path file) throws IOException {
        return (Long) requireNonNull(Files.getAttribute(file, "unix:ino", NOFOLLOW_LINKS));
    }

    /** Whether the process holds SHARED on a file that had the main file's name. It may have opened the new one as well. */
    private static boolean usesRemoved(long process, LiveFile file, String system) throws IOException {
        for (long inode : OwnLocks.removedFiles(process, file.path().getFileName())) {
            if (SharedLock.visibleHolders(system + inode).contains(process)) {
                return true;
            }
        }
        return false;
    }

    private static boolean isUsedByNoneWithLock(LiveFile file, SharedLock lock) throws IOException {
        return WalIndexHeader.isUsedByOthers(file) && !lock.isSharedByOthers() && WalIndexHeader.isUsedByOthers(file);
    }

    /**
     * Whether the main file was made, or got its name, after the wal-index was made. Without this, a program has dropped
     * its own lock: POSIX does that when a program closes its own copy of the database file. It goes on in the right file.
     */
    static boolean isNewerThanWalIndex(LiveFile file) throws IOException {
        Map<String, Object> main = times(file.path());
        FileTime made = time(times(file.sharedMemory()), "creationTime");
        if (time(main, "creationTime").compareTo(made) > 0) {
            return true;
        }
        // A write changes both times of the file. A rename changes one, and the directory in the same moment.
        FileTime changed = time(main, "ctime");
        Instant directory = time(times(file.directory()), "lastModifiedTime").toInstant();
        return changed.compareTo(time(main, "lastModifiedTime")) > 0
                && changed.compareTo(made) >= 0
                && Duration.between(changed.toInstant(), directory).abs().compareTo(MARGIN) <= 0;
    }

    private static Map<String, Object> times(Path path) throws IOException {
        return Files.readAttributes(path, "unix:creationTime,lastModifiedTime,ctime", NOFOLLOW_LINKS);
    }

    private static FileTime time(Map<String, Object> times, String name) {
        return (FileTime) requireNonNull(times.get(name));
    }

    private static Problem problem(LiveFile file, String what, String advice) {
        return Problem.SourceCorrupt.because(file.path() + what + " while a program has it open in WAL mode: that"
                + " program goes on in the file that had the name before, and " + file.log() + " belongs to that file."
                + " Together they would mix two databases. The operation was refused and all files are unchanged."
                + advice);
    }
}
