package dev.holdfast.sqlite.snapshot;

import dev.holdfast.application.operation.ProgressMonitor;
import dev.holdfast.domain.problem.Problem;
import dev.holdfast.domain.problem.ProblemException;
import dev.holdfast.sqlite.file.LiveFile;
import dev.holdfast.sqlite.file.Scratch;
import dev.holdfast.sqlite.file.SharedLock;
import dev.holdfast.sqlite.file.SidecarCheck;
import dev.holdfast.sqlite.file.SqliteErrors;
import dev.holdfast.sqlite.file.UnlockedWriters;
import dev.holdfast.sqlite.io.Connections;
import dev.holdfast.sqlite.io.DatabaseHeader;
import dev.holdfast.sqlite.io.Deadline;
import dev.holdfast.sqlite.io.FileState;
import dev.holdfast.sqlite.io.ResourceStack;
import dev.holdfast.sqlite.lock.FileGate;
import dev.holdfast.sqlite.lock.OwnDescriptors;
import dev.holdfast.sqlite.wal.LoneMount;
import dev.holdfast.sqlite.wal.ReplacedMainFile;
import dev.holdfast.sqlite.wal.WalIndexHeader;
import dev.holdfast.tree.FileIdentity;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.sqlite.SQLiteErrorCode;

/** Finds out how the files of one snapshot can be held, and holds them. Works inside their gate. */
final class ImageOpener {
    /** One attempt of SQLite's; between two of them cancellation and the deadline are looked at. */
    private static final int ATTEMPT_MILLIS = 100;

    private final Scratch scratch;
    private final FileGate gate;
    private final Deadline deadline;
    private final ProgressMonitor work;
    private final long longestLog;
    private final boolean mayWriteIndex;

    /**
     * What was looked at in {@code /proc} by an earlier attempt is not looked at again: a program that writes without pause
     * lets only short attempts succeed.
     */
    private final Set<FoundFiles.Identity> unmounted = new HashSet<>();

    private final Set<Set<FoundFiles.Identity>> unreplaced = new HashSet<>();

    /** Whether the next attempt may write to the wal-index of the file that is being pinned. */
    private boolean writesIndex;

    private final Map<Path, FileIdentity> pinned = new LinkedHashMap<>();

    /** Why the last attempt failed, if that is known. */
    private @Nullable Problem obstacle;

    /** @param mayWriteIndex whether all programs see what is written to the wal-index, and the locks on it */
    ImageOpener(
            Scratch scratch,
            FileGate gate,
            Deadline deadline,
            ProgressMonitor work,
            long longestLog,
            boolean mayWriteIndex) {
        this.scratch = scratch;
        this.gate = gate;
        this.deadline = deadline;
        this.work = work;
        this.longestLog = longestLog;
        this.mayWriteIndex = mayWriteIndex;
    }

    /** Returns which file was held at the last {@link #pin} of each of these. */
    Map<Path, FileIdentity> pinned() {
        return pinned;
    }

    /**
     * @throws NoSuchFileException if a file is gone for a moment
     * @throws ProblemException with {@code SourceBusy} if a program keeps it from being held, or exchanges its folder
     */
    LockedImage pin(LiveFile file) throws IOException, SQLException {
        writesIndex = false;
        while (true) {
            LockedImage held = tryToPin(file);
            if (held != null) {
                return held;
            }
            if (deadline.passed()) {
                throw new ProblemException(obstacle == null ? SqliteErrors.busy(file.path(), deadline) : obstacle);
            }
            deadline.pause(work);
        }
    }

    /** Null if the file has to be looked at again: a program came or left meanwhile, or the wal-index has to be written. */
    private @Nullable LockedImage tryToPin(LiveFile file) throws IOException, SQLException {
        obstacle = null;
        SidecarCheck.require(file);
        if (file.isEmptyWithWal()) {
            throw new ProblemException(emptyWithWal(file));
        }
        FileState found;
        SharedLock lock;
        try {
            gate.follow(file.path(), work);
            found = FileState.of(file.path());
            if (!gate.covers(found)) {
                obstacle = UnlockedWriters.changed(file);
                return null;
            }
            lock = SharedLock.take(file, deadline, work);
        } catch (NoSuchFileException e) {
            throw e;
        } catch (IOException e) {
            throw LiveFile.unreadable(file.path(), e);
        }
        ResourceStack opened = new ResourceStack();
        opened.add(lock);
        try {
            LockedImage held = pinUnder(lock, file, found, opened);
            if (held == null) {
                opened.close();
            } else {
                pinned.put(file.path(), lock.identity());
            }
            return held;
        } catch (Throwable e) {
            opened.closeAfter(e);
            throw e;
        }
    }

    /** The lock keeps the journal mode and the sidecars: to change the one or remove the others takes an EXCLUSIVE lock. */
    private @Nullable LockedImage pinUnder(SharedLock lock, LiveFile file, FileState before, ResourceStack opened)
            throws IOException, SQLException {
        FoundFiles found = FoundFiles.of(file);
        if (!lock.isOn(before) || !found.hasMainFile(before)) {
            obstacle = UnlockedWriters.changed(file);
            return null;
        }
        DatabaseHeader head = DatabaseHeader.of(lock.channel());
        Optional<LoneMount> lone = loneMount(file, found);
        if (!file.isLogged(head)) {
            return unlogged(file, before, lock, lone.map(LoneMount::remark));
        }
        if (lone.isPresent()) {
            throw new ProblemException(lone.get().inWalMode());
        }
        boolean hot = HotJournal.isThere(file, lock);
        if (!WalIndexHeader.isUsedByOthers(file)) {
            Optional<Problem> lockFolder = UnlockedWriters.lockFolder(file);
            if (lockFolder.isPresent()) {
                obstacle = lockFolder.get();
                return null;
            }
            if (lock.isSharedByOthers()) {
                // A first connection holds SHARED for a moment before it uses the wal-index.
                obstacle = LoneMount.withoutWalIndex(file);
                return null;
            }
            return hot
                    ? RecoveredImage.withHotJournal(file, lock, found, scratch)
                    : new UnusedWalFile(file, lock, found);
        }
        Optional<Problem> replaced = replaced(file, lock, found);
        if (replaced.isPresent()) {
            obstacle = replaced.get();
            return null;
        }
        if (hot) {
            throw new ProblemException(hotInWalMode(file));
        }
        if (!Files.exists(file.log())) {
            obstacle = withoutWal(file);
            return null;
        }
        Connection transaction = beginToRead(file, lock.identity(), found);
        if (transaction == null) {
            return null;
        }
        WalImage logged = WalImage.in(transaction, file, lock.identity(), opened, scratch, longestLog);
        // All was opened by its name: a new file may have got the name meanwhile.
        return logged.isLocked() && found.hasMainFile(FileState.of(file.path())) ? logged : null;
    }

    private Optional<LoneMount> loneMount(LiveFile file, FoundFiles found) throws IOException {
        Set<FoundFiles.Identity> identities = found.identities();
        if (unmounted.containsAll(identities)) {
            return Optional.empty();
        }
        Optional<LoneMount> lone = LoneMount.of(file);
        if (lone.isEmpty()) {
            unmounted.addAll(identities);
        }
        return lone;
    }

    private Optional<Problem> replaced(LiveFile file, SharedLock lock, FoundFiles found) throws IOException {
        Set<FoundFiles.Identity> identities = found.mainFileAndWalIndex();
        if (unreplaced.contains(identities)) {
            return Optional.empty();
        }
        Optional<Problem> replaced = ReplacedMainFile.find(file, lock);
        if (replaced.isEmpty()) {
            unreplaced.add(identities);
        }
        return replaced;
    }

    private static Problem emptyWithWal(LiveFile file) {
        return Problem.SourceCorrupt.because(file.path() + " is empty, but its WAL " + file.log()
                + " has content, which may be all the data there is. The backup was refused and all files are unchanged,"
                + " because SQLite deletes the WAL when it opens the database. Keep a copy of the WAL; then restore a"
                + " backup, or put the lost main file back next to the WAL.");
    }

    /** Null if a program that keeps no locks is at work. */
    private @Nullable LockedImage unlogged(LiveFile file, FileState found, SharedLock lock, Optional<String> remark)
            throws IOException {
        Optional<Problem> lockFolder = UnlockedWriters.lockFolder(file);
        if (lockFolder.isPresent()) {
            obstacle = lockFolder.get();
            return null;
        }
        UnlockedWriters writers = UnlockedWriters.from(file);
        boolean whole = isComplete(lock) || writers.staysQuiet(work).isPresent();
        if (!whole || !writers.since().isSameFile(found)) {
            obstacle = UnlockedWriters.changed(file);
            return null;
        }
        // Before the journal is looked at: a writer that rolls back meanwhile removes it.
        FoundFiles before = FoundFiles.of(file);
        LockedImage pinned = HotJournal.isThere(file, lock)
                ? RecoveredImage.withHotJournal(file, lock, before, scratch)
                : unchanging(file, lock);
        return new WatchedFile(pinned, writers, remark);
    }

    private static LockedImage unchanging(LiveFile file, SharedLock lock) throws IOException {
        DatabaseHeader head = DatabaseHeader.of(lock.channel());
        long size = file.requireImageSize(head, lock.channel().size());
        return head instanceof DatabaseHeader.Sqlite known
                ? new RollbackModeImage(file, lock, known.pageSize(), size)
                : RollbackModeImage.empty(file, lock);
    }

    /** Whether it is a database that has all the pages of its header. A program that rewrites a file truncates it first. */
    private static boolean isComplete(SharedLock lock) throws IOException {
        long size = lock.channel().size();
        return DatabaseHeader.of(lock.channel()) instanceof DatabaseHeader.Sqlite known
                && known.imageSize(size) <= size;
    }

    private static Problem hotInWalMode(LiveFile file) {
        return Problem.SourceCorrupt.because(file.path() + " is in use in WAL mode, and next to it is the rollback"
                + " journal " + file.journal() + " of an interrupted transaction. SQLite does not open the database"
                + " until no program uses it, and then it plays the journal back. The backup was refused and all files"
                + " are unchanged. If the journal is from another time or place, move it away; otherwise stop the"
                + " programs that use the database. Then try again.");
    }

    private static Problem withoutWal(LiveFile file) {
        return Problem.SourceCorrupt.because(file.path() + " is in use in WAL mode, but its WAL " + file.log()
                + " was removed: committed data may be only in the removed file, which the running programs still use."
                + " The backup was refused and all files are unchanged. Export the data from a running program before"
                + " you stop it; then restore a backup, or start from the export.");
    }

    /**
     * Begins to read, without writing to the wal-index if that is possible, which it is unless a reader must leave a new
     * mark. Null if it was not possible; then the connection has taken the SHARED lock with it.
     */
    private @Nullable Connection beginToRead(LiveFile file, FileIdentity main, FoundFiles found)
            throws IOException, SQLException {
        try {
            return beginToRead(file, main, writesIndex ? "mode=ro" : "mode=ro&readonly_shm=1");
        } catch (ProblemException e) {
            if (!(e.problem() instanceof Problem.SourceBusy)) {
                throw e;
            }
            obstacle = e.problem();
            return null;
        } catch (SQLException e) {
            if (SqliteErrors.isMissing(e) && !found.hasMainFile(FileState.of(file.path()))) {
                obstacle = UnlockedWriters.changed(file);
                return null;
            }
            if (!SqliteErrors.isBusy(e)
                    && (writesIndex
                            ? SqliteErrors.primaryCode(e) != SQLiteErrorCode.SQLITE_PROTOCOL
                            : !needsSharedMemory(e))) {
                throw SqliteErrors.of(file.path(), deadline, e);
            }
            writesIndex |= mayWriteIndex && needsSharedMemory(e);
            return null;
        }
    }

    /** READONLY_CANTINIT, READONLY_RECOVERY, CANTOPEN, or PROTOCOL: other programs kept changing the wal-index. */
    private static boolean needsSharedMemory(SQLException failure) {
        return switch (SqliteErrors.primaryCode(failure)) {
            case SQLITE_READONLY, SQLITE_CANTOPEN, SQLITE_PROTOCOL -> true;
            default -> false;
        };
    }

    private static Connection beginToRead(LiveFile file, FileIdentity main, String mode)
            throws IOException, SQLException {
        OwnDescriptors logs = OwnDescriptors.of(file.log());
        Connection connection = file.connect(main, mode, ATTEMPT_MILLIS);
        try {
            Connections.execute(connection, "PRAGMA query_only=on");
            Connections.execute(connection, "BEGIN");
            file.readFirst(connection, "SELECT count(*) FROM sqlite_schema", logs);
            file.requireOpened(file.log(), logs);
            return connection;
        } catch (Throwable e) {
            connection.close();
            throw e;
        }
    }
}
