package dev.holdfast.sqlite.restore;

import dev.holdfast.application.operation.FailPoints;
import dev.holdfast.application.operation.ProgressMonitor;
import dev.holdfast.application.store.Artifact;
import dev.holdfast.domain.problem.Problem;
import dev.holdfast.domain.problem.ProblemException;
import dev.holdfast.sqlite.check.PragmaChecks;
import dev.holdfast.sqlite.file.LiveFile;
import dev.holdfast.sqlite.file.Scratch;
import dev.holdfast.sqlite.file.SharedLock;
import dev.holdfast.sqlite.file.SqliteErrors;
import dev.holdfast.sqlite.file.UnlockedWriters;
import dev.holdfast.sqlite.io.Connections;
import dev.holdfast.sqlite.io.DatabaseHeader;
import dev.holdfast.sqlite.io.Deadline;
import dev.holdfast.sqlite.io.FileState;
import dev.holdfast.sqlite.io.ResourceStack;
import dev.holdfast.sqlite.lock.DeadlineBusyHandler;
import dev.holdfast.sqlite.snapshot.HotJournal;
import dev.holdfast.sqlite.wal.LoneMount;
import dev.holdfast.sqlite.wal.ReplacedMainFile;
import dev.holdfast.sqlite.wal.WalIndexHeader;
import dev.holdfast.sqlite.wal.WalScanner;
import dev.holdfast.tree.FileIdentity;
import dev.holdfast.tree.SecureDirectories;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.InstantSource;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.sqlite.SQLiteErrorCode;

/** A file that is there, and the content that is to go into it. Works inside the file's gate. */
final class ExistingTarget implements RestoreTarget {
    private final Path name;
    private final LiveFile file;
    private final Artifact artifact;
    private FileState prepared;
    private RestoreImage image;
    private boolean logged;
    private final boolean emptyWithWal;
    private final InstantSource clock;
    private final Scratch scratch;
    private Scratch.Folder folder;
    private @Nullable InPlaceRestore replacement;

    private ExistingTarget(
            Path name,
            LiveFile file,
            Artifact artifact,
            FileState prepared,
            RestoreImage image,
            boolean logged,
            boolean emptyWithWal,
            InstantSource clock,
            Scratch scratch,
            Scratch.Folder folder) {
        this.name = name;
        this.file = file;
        this.artifact = artifact;
        this.prepared = prepared;
        this.image = image;
        this.logged = logged;
        this.emptyWithWal = emptyWithWal;
        this.clock = clock;
        this.scratch = scratch;
        this.folder = folder;
    }

    /** Before any lock is taken: a copy on pages of another size takes its time. */
    static ExistingTarget prepare(
            Path name,
            LiveFile file,
            Artifact artifact,
            Scratch scratch,
            InstantSource clock,
            Deadline deadline,
            ProgressMonitor work)
            throws IOException, SQLException {
        Scratch.Folder folder = scratch.folder();
        try {
            if (!Files.exists(file.sharedMemory()) || !file.isLogged(head(file))) {
                UnlockedWriters.awaitNoLockFolder(file, deadline, work);
            }
            FileState prepared = FileState.of(file.path());
            refuseForeign(file);
            boolean emptyWithWal = file.isEmptyWithWal();
            if (emptyWithWal) {
                requireUnused(file, deadline, work);
            } else {
                if (file.isLogged(head(file))) {
                    LoneMount.awaitWalIndex(file, deadline, work);
                    requireSameMainFile(file, deadline, work);
                }
                recover(file, deadline, work);
            }
            DatabaseHeader head = head(file);
            boolean logged = !emptyWithWal && file.isLogged(head);
            scratch.require(artifact.size());
            RestoreImage image =
                    RestoreImage.of(artifact, head, logged, folder.database(), new PragmaChecks(scratch), work);
            return new ExistingTarget(
                    name, file, artifact, prepared, image, logged, emptyWithWal, clock, scratch, folder);
        } catch (Throwable e) {
            ResourceStack opened = new ResourceStack();
            opened.closeAfter(e, folder);
            throw e;
        }
    }

    @Override
    public Path name() {
        return name;
    }

    @Override
    public Path directory() {
        return file.directory();
    }

    /** Room for the old pages in the journal, or the new ones in the log, and for growth. */
    @Override
    public long spaceNeeded() throws IOException {
        long old = Files.size(file.path());
        long growth = Math.max(0, image.size() - old);
        return growth + (logged ? image.size() + (long) image.pages() * WalScanner.FRAME_HEADER : old);
    }

    Path path() {
        return file.path();
    }

    /** The file that the replacement was last prepared for. */
    FileIdentity identity() {
        return new FileIdentity(prepared.device(), prepared.inode());
    }

    /** What goes into it, on pages that it can take. */
    RestoreImage image() {
        return image;
    }

    /** @param course is given what is there, under the lock */
    void replace(InPlaceRestore.Course course, Deadline deadline, ProgressMonitor work, FailPoints failPoints)
            throws IOException, SQLException {
        if (!emptyWithWal) {
            replaceContent(course, deadline, work, failPoints);
            return;
        }
        // SQLite deletes a WAL that it finds next to an empty main file.
        SetAside aside = SetAside.sidecarsOf(file, clock);
        try {
            replaceContent(course, deadline, work, failPoints);
        } catch (Throwable e) {
            if (!mayBeChanged()) {
                aside.moveBackAfter(e);
            }
            aside.report(work);
            throw e;
        }
        if (!mayBeChanged()) {
            aside.moveBackAfter(new IllegalStateException("nothing was replaced"));
        }
        aside.report(work);
    }

    private void replaceContent(
            InPlaceRestore.Course course, Deadline deadline, ProgressMonitor work, FailPoints failPoints)
            throws IOException, SQLException {
        while (true) {
            replacement = new InPlaceRestore(file, prepared, image, course, deadline, work, failPoints);
            try {
                if (logged) {
                    replacement.throughLog(scratch);
                } else {
                    replacement.underExclusiveLock();
                }
                return;
            } catch (InPlaceRestore.SwitchedException e) {
                if (deadline.passed()) {
                    throw new ProblemException(e.problem(), e);
                }
                deadline.pause(work);
                if (file.isEmptyWithWal()) {
                    throw new ProblemException(e.problem(), e);
                }
                prepareAgain(work);
            }
        }
    }

    /** For the journal mode that another program has switched to. */
    private void prepareAgain(ProgressMonitor work) throws IOException, SQLException {
        folder.close();
        folder = scratch.folder();
        prepared = FileState.of(file.path());
        DatabaseHeader head = head(file);
        logged = file.isLogged(head);
        image = RestoreImage.of(artifact, head, logged, folder.database(), new PragmaChecks(scratch), work);
    }

    /** Whether it is not certain any more that it holds the old content. */
    boolean mayBeChanged() {
        return replacement != null && replacement.mayBeIn();
    }

    private static void refuseForeign(LiveFile file) throws IOException {
        if (head(file) instanceof DatabaseHeader.Foreign(String why)) {
            throw new ProblemException(new Problem.NotADatabase(
                    file.path() + " is not a SQLite database: " + why + ". Move it away and restore again."));
        }
    }

    /**
     * Inside the gate and without a SQLite connection, so that closing drops no lock of this process. See {@code
     * docs/internals/locks.md#one-descriptor}.
     */
    private static DatabaseHeader head(LiveFile file) throws IOException {
        try (FileChannel channel = file.open(file.path(), StandardOpenOption.READ)) {
            return DatabaseHeader.of(channel);
        } catch (IOException e) {
            throw LiveFile.unreadable(file.path(), e);
        }
    }

    private static void requireSameMainFile(LiveFile file, Deadline deadline, ProgressMonitor work) throws IOException {
        while (WalIndexHeader.isUsedByOthers(file)) {
            Optional<Problem> replaced;
            try (SharedLock lock = SharedLock.take(file, deadline, work)) {
                replaced = ReplacedMainFile.find(file, lock);
            }
            if (replaced.isEmpty()) {
                return;
            }
            if (deadline.passed()) {
                throw new ProblemException(replaced.get());
            }
            deadline.pause(work);
        }
    }

    /** A program that has the pair open would go on with the WAL that is set aside. */
    private static void requireUnused(LiveFile file, Deadline deadline, ProgressMonitor work) throws IOException {
        while (WalIndexHeader.isUsedByOthers(file) || SharedLock.isHeldByOthers(file)) {
            if (deadline.passed()) {
                throw new ProblemException(SqliteErrors.busy(file.path(), deadline));
            }
            deadline.pause(work);
        }
    }

    static void recoverIfKnown(LiveFile file, Deadline deadline) throws IOException, SQLException {
        // With a lock folder, a journal may belong to a transaction that is under way.
        boolean locked = UnlockedWriters.lockFolder(file).isPresent();
        if (!locked && !file.isEmptyWithWal() && head(file) instanceof DatabaseHeader.Sqlite) {
            recover(file, deadline, ProgressMonitor.UNWATCHED);
        }
    }

    /** Has SQLite do what it does at every first access: roll back a journal, recover a log. */
    private static void recover(LiveFile file, Deadline deadline, ProgressMonitor work)
            throws IOException, SQLException {
        requireReadableSuperJournal(file, deadline, work);
        boolean hadJournal = Files.exists(file.journal());
        try (Connection connection = file.connect("mode=rw", 0)) {
            DeadlineBusyHandler.on(connection, deadline, work);
            Connections.ask(connection, "PRAGMA schema_version");
        } catch (SQLException e) {
            work.checkCancelled();
            // A damaged database is what a restore is for.
            if (SqliteErrors.primaryCode(e) != SQLiteErrorCode.SQLITE_CORRUPT) {
                throw e;
            }
        }
        if (hadJournal && !Files.exists(file.journal())) {
            // SQLite does not sync that: after a power cut the journal would be there again.
            SecureDirectories.sync(file.directory());
        }
    }

    /** SQLite plays a hot journal back before it looks at the super-journal, and fails after that. */
    private static void requireReadableSuperJournal(LiveFile file, Deadline deadline, ProgressMonitor work)
            throws IOException {
        if (Files.exists(file.journal())) {
            try (SharedLock lock = SharedLock.take(file, deadline, work)) {
                HotJournal.requireReadableSuperJournal(file, lock);
            }
        }
    }

    @Override
    public void close() {
        folder.close();
    }
}
