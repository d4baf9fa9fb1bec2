package dev.holdfast.sqlite;

import dev.holdfast.application.operation.Work;
import dev.holdfast.domain.problem.Problem;
import dev.holdfast.domain.problem.ProblemException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.StandardOpenOption;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Finds out how a file can be held, and holds it. Works inside the file's gate. */
final class Pinning {
    /** One attempt of SQLite's; between two of them cancellation and the deadline are looked at. */
    private static final int ATTEMPT_MILLIS = 100;

    /** A program that comes or goes needs a few milliseconds for its sidecars. */
    private static final int MOST_INCOMPLETE = 200;

    private final Scratch scratch;
    private final Deadline deadline;
    private final Work work;
    private final long longestLog;
    private int incomplete;

    /** Why the last attempt failed, if that is known. */
    private @Nullable Problem obstacle;

    Pinning(Scratch scratch, Deadline deadline, Work work, long longestLog) {
        this.scratch = scratch;
        this.deadline = deadline;
        this.work = work;
        this.longestLog = longestLog;
    }

    PinnedFile pin(LiveFile file) throws IOException, SQLException {
        while (true) {
            PinnedFile pinned = tryToPin(file);
            if (pinned != null) {
                return pinned;
            }
            if (deadline.passed()) {
                throw new ProblemException(obstacle == null ? Faults.busy(file.path(), deadline) : obstacle);
            }
            deadline.pause(work);
        }
    }

    /** Null if the last program that had the file open has left meanwhile: then it is another case. */
    private @Nullable PinnedFile tryToPin(LiveFile file) throws IOException, SQLException {
        obstacle = null;
        SidecarCheck.require(file);
        FileState found;
        SharedLock lock;
        try {
            found = FileState.of(file.path());
            lock = SharedLock.take(file.path(), deadline, work);
        } catch (IOException e) {
            throw LiveFile.unreadable(file.path(), e);
        }
        Opened opened = new Opened();
        opened.add(lock);
        try {
            if (file.isEmptyWithWal()) {
                throw new ProblemException(emptyWithWal(file));
            }
            FileHead head = FileHead.of(lock.channel());
            Optional<LoneMount> lone = LoneMount.of(file);
            if (!file.isLogged(head)) {
                PinnedFile pinned = unlogged(file, found, lock, lone.map(LoneMount::remark));
                if (pinned == null) {
                    lock.close();
                }
                return pinned;
            }
            if (lone.isPresent()) {
                throw new ProblemException(lone.get().inWalMode());
            }
            if (!Files.exists(file.sharedMemory())) {
                Optional<Problem> lockFolder = UnlockedWriters.lockFolder(file);
                if (lockFolder.isPresent()) {
                    obstacle = lockFolder.get();
                    lock.close();
                    return null;
                }
                return AbandonedFile.withLog(file, lock, scratch);
            }
            // Before SQLite opens the file: later, closing this channel would drop SQLite's locks (rule 3).
            lock.close();
        } catch (Throwable e) {
            opened.closeAfter(e);
            throw e;
        }
        Connection transaction = beginToRead(file);
        return transaction == null ? null : LoggedFile.in(transaction, file, scratch, longestLog);
    }

    private static Problem emptyWithWal(LiveFile file) {
        return Problem.SourceCorrupt.because(file.path() + " is empty, but its WAL " + file.log()
                + " has content, which may be all the data there is. The backup was refused and all files are unchanged,"
                + " because SQLite deletes the WAL when it opens the database. Keep a copy of the WAL; then restore a"
                + " backup, or put the lost main file back next to the WAL.");
    }

    /** Null if a program that keeps no locks is at work. */
    private @Nullable PinnedFile unlogged(LiveFile file, FileState found, SharedLock lock, Optional<String> remark)
            throws IOException {
        Optional<Problem> lockFolder = UnlockedWriters.lockFolder(file);
        if (lockFolder.isPresent()) {
            obstacle = lockFolder.get();
            return null;
        }
        Optional<UnlockedWriters> watched =
                UnlockedWriters.watch(file, work).filter(it -> it.since().isSameFile(found));
        if (watched.isPresent() && !isComplete(lock)) {
            watched = watched.get().staysQuiet(work);
        }
        if (watched.isEmpty()) {
            obstacle = UnlockedWriters.changed(file);
            return null;
        }
        PinnedFile pinned = isHot(file, lock) ? AbandonedFile.withJournal(file, lock, scratch) : unchanging(file, lock);
        return new WatchedFile(pinned, watched.get(), remark);
    }

    private static PinnedFile unchanging(LiveFile file, SharedLock lock) throws IOException {
        long fileSize = lock.channel().size();
        return switch (FileHead.of(lock.channel())) {
            case FileHead.Empty() -> new UnchangingFile(lock, 0);
            case FileHead.Foreign(String why) ->
                throw new ProblemException(
                        new Problem.NotADatabase(file.path() + " is not a SQLite database: " + why + "."));
            case FileHead.Sqlite known
            when known.imageSize(fileSize) > fileSize ->
                throw new ProblemException(new Problem.SourceCorrupt(
                        file.path() + " has " + fileSize + " of " + known.imageSize(fileSize) + " bytes"));
            case FileHead.Sqlite known -> new UnchangingFile(lock, known.imageSize(fileSize));
        };
    }

    /** Whether it is a database that has all the pages of its header. A program that rewrites a file truncates it first. */
    private static boolean isComplete(SharedLock lock) throws IOException {
        long size = lock.channel().size();
        return FileHead.of(lock.channel()) instanceof FileHead.Sqlite known && known.imageSize(size) <= size;
    }

    /** A journal is hot if its writer is gone: then the main file may be half-written. */
    private static boolean isHot(LiveFile file, SharedLock lock) throws IOException {
        try (FileChannel journal = FileChannel.open(file.journal(), StandardOpenOption.READ)) {
            ByteBuffer first = ByteBuffer.allocate(1);
            Channels.read(journal, first, 0);
            return first.position() == 1 && first.get(0) != 0 && !lock.writerAtWork();
        } catch (NoSuchFileException e) {
            return false;
        }
    }

    /** Without writing to the shared memory if that is possible, which it is unless a reader must leave a new mark. */
    private @Nullable Connection beginToRead(LiveFile file) throws SQLException {
        while (true) {
            try {
                return beginToRead(file, "mode=ro&readonly_shm=1");
            } catch (SQLException e) {
                if (!needsSharedMemory(e) && !Faults.isBusy(e)) {
                    throw Faults.of(file.path(), deadline, e);
                }
            }
            // Without both, SQLite would make them, and a reader never takes them away again. Where one stays alone, it
            // has to be so: it is what somebody's reader left.
            boolean both = Files.exists(file.log()) && Files.exists(file.sharedMemory());
            if (!both && ++incomplete < MOST_INCOMPLETE) {
                return null;
            }
            try {
                return beginToRead(file, "mode=ro");
            } catch (SQLException e) {
                if (!Faults.isBusy(e) || deadline.passed()) {
                    throw Faults.of(file.path(), deadline, e);
                }
            }
            deadline.pause(work);
        }
    }

    /** READONLY_CANTINIT, READONLY_RECOVERY, CANTOPEN and PROTOCOL, by their primary codes. */
    private static boolean needsSharedMemory(SQLException failure) {
        int code = Faults.code(failure);
        return code == 8 || code == 14 || code == 15;
    }

    private static Connection beginToRead(LiveFile file, String mode) throws SQLException {
        Connection connection = Connections.open(file.path(), mode, ATTEMPT_MILLIS);
        try {
            Connections.execute(connection, "PRAGMA query_only=on");
            Connections.execute(connection, "BEGIN");
            Connections.ask(connection, "SELECT count(*) FROM sqlite_schema");
            return connection;
        } catch (Throwable e) {
            connection.close();
            throw e;
        }
    }
}
