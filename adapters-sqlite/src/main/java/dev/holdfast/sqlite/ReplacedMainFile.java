package dev.holdfast.sqlite;

import static java.nio.file.LinkOption.NOFOLLOW_LINKS;
import static java.util.Objects.requireNonNull;

import dev.holdfast.domain.problem.Problem;
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
final class ReplacedMainFile {
    /** Longer than a tick of the kernel: in one rename, the directory may get the time of the last tick. */
    private static final Duration MARGIN = Duration.ofMillis(12);

    private ReplacedMainFile() {}

    /**
     * Returns the problem of such a file; empty if there is no sign of one. Works inside the file's gate, without a SQLite
     * connection of this process to the file.
     *
     * @param lock on what has the name now
     */
    static Optional<Problem> find(LiveFile file, SharedLock lock) throws IOException {
        try {
            return isReplaced(file, lock) ? Optional.of(problem(file)) : Optional.empty();
        } catch (NoSuchFileException e) {
            return Optional.empty(); // the last program that used the wal-index has removed it
        }
    }

    private static boolean isReplaced(LiveFile file, SharedLock lock) throws IOException {
        Set<Long> suspects = visibleUsersWithoutLock(file, lock);
        if (suspects.isEmpty()) {
            return isUsedByNoneWithLock(file, lock) && isNewerThanWalIndex(file);
        }
        boolean unknown = false;
        for (long process : suspects) {
            Optional<Boolean> same = OwnLocks.hasOpen(process, file.path());
            if (same.isPresent() && !same.get()) {
                return true;
            }
            unknown |= same.isEmpty();
        }
        return unknown && isNewerThanWalIndex(file);
    }

    /**
     * The processes that use the wal-index and hold no lock on the main file. A process takes the lock first and releases
     * it last, so the wal-index is looked at before and after the main file.
     */
    private static Set<Long> visibleUsersWithoutLock(LiveFile file, SharedLock lock) throws IOException {
        Optional<String> main = lock.kernelName();
        if (main.isEmpty()) {
            return Set.of();
        }
        String name = main.get();
        long inode = (Long) requireNonNull(Files.getAttribute(file.sharedMemory(), "unix:ino", NOFOLLOW_LINKS));
        String walIndex = name.substring(0, name.lastIndexOf(':') + 1) + inode;
        Set<Long> users = new HashSet<>(LogIndex.visibleUsers(walIndex));
        users.removeAll(SharedLock.visibleHolders(name));
        users.retainAll(LogIndex.visibleUsers(walIndex));
        return users;
    }

    private static boolean isUsedByNoneWithLock(LiveFile file, SharedLock lock) throws IOException {
        return LogIndex.isUsedByOthers(file) && !lock.isSharedByOthers() && LogIndex.isUsedByOthers(file);
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
        // A write changes both times of the file. A rename changes one, and the directory; new permissions do not.
        FileTime changed = time(main, "ctime");
        Instant directory =
                time(times(file.directory()), "lastModifiedTime").toInstant().plus(MARGIN);
        return changed.compareTo(time(main, "lastModifiedTime")) > 0
                && changed.compareTo(made) >= 0
                && !changed.toInstant().isAfter(directory);
    }

    private static Map<String, Object> times(Path path) throws IOException {
        return Files.readAttributes(path, "unix:creationTime,lastModifiedTime,ctime", NOFOLLOW_LINKS);
    }

    private static FileTime time(Map<String, Object> times, String name) {
        return (FileTime) requireNonNull(times.get(name));
    }

    private static Problem problem(LiveFile file) {
        return Problem.SourceCorrupt.because(file.path() + " was replaced while a program has it open in WAL mode: that"
                + " program goes on in the file that had the name before, and " + file.log() + " belongs to that file."
                + " Together they would mix two databases. The operation was refused and all files are unchanged."
                + " Export the data from the running program if you need it, and stop the program. Move " + file.log()
                + " and " + file.sharedMemory() + " away if they are still there, and try again.");
    }
}
