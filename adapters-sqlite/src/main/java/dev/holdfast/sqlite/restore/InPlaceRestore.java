package dev.holdfast.sqlite.restore;

import dev.holdfast.application.operation.FailPoints;
import dev.holdfast.application.operation.ProgressMonitor;
import dev.holdfast.application.snapshot.Image;
import dev.holdfast.disk.FullDisk;
import dev.holdfast.domain.operation.Phase;
import dev.holdfast.domain.problem.Problem;
import dev.holdfast.domain.problem.ProblemException;
import dev.holdfast.sqlite.file.LiveFile;
import dev.holdfast.sqlite.file.Scratch;
import dev.holdfast.sqlite.file.SidecarCheck;
import dev.holdfast.sqlite.file.SourceAccess;
import dev.holdfast.sqlite.file.SqliteErrors;
import dev.holdfast.sqlite.file.UnlockedWriters;
import dev.holdfast.sqlite.io.Channels;
import dev.holdfast.sqlite.io.Connections;
import dev.holdfast.sqlite.io.DatabaseHeader;
import dev.holdfast.sqlite.io.Deadline;
import dev.holdfast.sqlite.io.FileState;
import dev.holdfast.sqlite.io.JournalFormat;
import dev.holdfast.sqlite.io.ResourceStack;
import dev.holdfast.sqlite.io.UncancellableMonitor;
import dev.holdfast.sqlite.lock.DeadlineBusyHandler;
import dev.holdfast.sqlite.lock.OwnDescriptors;
import dev.holdfast.sqlite.snapshot.WalImage;
import dev.holdfast.sqlite.wal.NoOpWalVisitor;
import dev.holdfast.sqlite.wal.WalIndexHeader;
import dev.holdfast.sqlite.wal.WalScanner;
import dev.holdfast.sqlite.wal.WalWriteLock;
import dev.holdfast.tree.FileIdentity;
import dev.holdfast.tree.SecureDirectories;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.NoSuchFileException;
import java.nio.file.StandardOpenOption;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;
import org.sqlite.SQLiteConnection;
import org.sqlite.SQLiteErrorCode;
import org.sqlite.SQLiteException;
import org.sqlite.core.DB;

/** One restore into a file that is there, through SQLite, in one transaction. Works inside the file's gate. */
final class InPlaceRestore {
    private static final System.Logger LOG = System.getLogger(InPlaceRestore.class.getName());

    private static final int PAGES_PER_STEP = 256;
    private static final int RETRY_MILLIS = 2;

    /** The first eight bytes of a rollback journal (sqlite.org/fileformat2, "The Rollback Journal"). */
    private final LiveFile file;

    private final FileState prepared;
    private final RestoreImage image;
    private final Deadline deadline;
    private final Course course;
    private final ProgressMonitor given;
    private final ProgressMonitor work;
    private final FailPoints failPoints;
    private OptionalInt counterBefore = OptionalInt.empty();
    private boolean mayBeIn;

    /** How SQLite refused the replacement; null if it did not. */
    private @Nullable SQLException answer;
    /** Another program has changed the journal mode since the replacement was prepared. Nothing was kept or replaced. */
    static final class SwitchedException extends RuntimeException {
        private static final long serialVersionUID = 1L;

        private final transient Problem problem;

        SwitchedException(Problem problem) {
            super(problem.detail());
            this.problem = problem;
        }

        Problem problem() {
            return problem;
        }
    }

    /** What else happens during a replacement, under the lock that keeps other programs from changing the file. */
    @FunctionalInterface
    interface Course {
        /**
         * Keeps what is about to be replaced.
         *
         * @return whether to replace it
         * @throws ProblemException if nothing may be replaced
         */
        boolean keep(Image current) throws IOException, SQLException;

        /** Records that the file holds the new content: SQLite has committed it, and it was compared. */
        default void compared() {}
    }

    /** What is known about the file after SQLite was asked to put the new content in. */
    private enum Holding {
        OLD,
        NEW,
        /** Neither, so far as can be seen; another program may have written since. */
        UNCERTAIN
    }

    /**
     * @param prepared the file that the replacement was prepared for
     * @param work may be cancelled until everything is kept
     */
    InPlaceRestore(
            LiveFile file,
            FileState prepared,
            RestoreImage image,
            Course course,
            Deadline deadline,
            ProgressMonitor work,
            FailPoints failPoints) {
        this.file = file;
        this.prepared = prepared;
        this.image = image;
        this.course = course;
        this.deadline = deadline;
        this.given = work;
        this.work = new UncancellableMonitor(work);
        this.failPoints = failPoints;
    }

    private FileIdentity main() {
        return new FileIdentity(prepared.device(), prepared.inode());
    }

    /** Whether the file may hold the new content. */
    boolean mayBeIn() {
        return mayBeIn;
    }

    /** Into a file without a log: alone with it from before it is kept until the last page is compared. */
    void underExclusiveLock() throws IOException, SQLException {
        Fingerprint before = new Fingerprint();
        try {
            inOrder((connections, channels) -> {
                Connection writer = connections.add(file.connect(main(), "mode=rw", 0));
                FileChannel channel = lockAlone(writer, channels, deadline, given);
                if (file.isLogged(DatabaseHeader.of(channel))) {
                    throw new SwitchedException(switchedMeanwhile());
                }
                UnlockedWriters writers = UnlockedWriters.watch(file, given)
                        .filter(it -> it.since().isSameFile(prepared))
                        .orElseThrow(() -> new ProblemException(UnlockedWriters.changed(file)));
                if (!course.keep(before.taking(ExclusiveImage.of(channel, writers)))) {
                    return;
                }
                writers.requireUnchanged();
                counterBefore = DatabaseHeader.changeCounter(channel);
                Answer said = restore(writer);
                work.enter(Phase.COMPARING, image.size());
                // Compared pages prove nothing while SQLite would roll them back.
                if (!said.isSuccess()
                        || isJournalHot()
                        || !isCounted(channel)
                        || !ImageComparison.hold(channel, image, work)) {
                    throw new InDoubtException(said);
                }
                failPoints.reached("restore.compared");
                course.compared();
                leaveNoJournalIfPossible(writer);
            });
        } catch (IOException | SQLException e) {
            if (!mayBeIn) {
                throw e;
            }
            settle(before, e);
        }
    }

    /** By a transaction that changes nothing else. */
    private void count(Connection writer, FileChannel channel) throws IOException, SQLException {
        Connections.execute(writer, "PRAGMA user_version=" + Connections.ask(writer, "PRAGMA user_version"));
        if (!isCounted(channel)) {
            throw new IOException("the first page of " + file.path() + " cannot be written");
        }
    }

    /** A program that has the file open reads it again only if the change counter is another one. */
    private boolean isCounted(FileChannel channel) throws IOException {
        return counterBefore.isEmpty() || !counterBefore.equals(DatabaseHeader.changeCounter(channel));
    }

    private void leaveNoJournalIfPossible(Connection writer) {
        try {
            leaveNoJournal(writer);
        } catch (SQLException e) {
            LOG.log(Level.INFO, "An emptied journal stays next to " + file.path() + ": " + e.getMessage());
        }
    }

    private FileChannel lockAlone(Connection writer, ResourceStack channels, Deadline until, ProgressMonitor waiting)
            throws IOException, SQLException {
        DeadlineBusyHandler.on(writer, until, waiting);
        tolerateDamage(writer);
        beginExclusive(writer, waiting);
        // Now the lock outlives this transaction, which changes nothing. Before, it would have been a SHARED lock that
        // stays while the EXCLUSIVE one is waited for, and a writer that waits for readers would wait for us.
        Connections.ask(writer, "PRAGMA locking_mode=EXCLUSIVE");
        Connections.execute(writer, "ROLLBACK");
        return channels.add(file.openMain(main(), StandardOpenOption.READ));
    }

    /**
     * Ends an attempt of which SQLite reported a failure or which the comparison did not confirm. The failure may have
     * come before or after the commit, and a journal that was left may be rolled back by the next program that opens
     * the file. So SQLite recovers the file here, and its content decides. Does nothing but return if the new content is
     * in.
     */
    private void settle(Fingerprint before, Exception failure) throws IOException, SQLException {
        Deadline again = deadline.restarted();
        Holding[] holds = {Holding.UNCERTAIN};
        try {
            inOrder((connections, channels) -> {
                Connection writer = connections.add(file.connect(main(), "mode=rw", 0));
                FileChannel channel = lockAlone(writer, channels, again, work);
                Image found = ExclusiveImage.of(channel, new UnlockedWriters(file, FileState.of(file.path())));
                if (RestoreEvidence.isEqual(found, RestoreEvidence.Content.of(image))) {
                    if (!isCounted(channel)) {
                        count(writer, channel);
                    }
                    // What failed may have been the sync that makes it last.
                    leaveNoJournal(writer);
                    channels.add(file.openMain(main(), StandardOpenOption.WRITE))
                            .force(true);
                    SecureDirectories.sync(file.directory());
                    holds[0] = Holding.NEW;
                    course.compared();
                } else if (before.isOf(found)) {
                    holds[0] = Holding.OLD;
                    leaveNoJournalIfPossible(writer);
                }
            });
        } catch (IOException | SQLException | ProblemException e) {
            failure.addSuppressed(e);
        }
        end(holds[0], failure);
    }

    private void end(Holding holds, Exception failure) throws IOException, SQLException {
        switch (holds) {
            case NEW ->
                LOG.log(
                        Level.WARNING,
                        "SQLite reported a failure while " + file.path()
                                + " was restored, but the restore took effect: the file holds the backup",
                        failure);
            case OLD -> {
                mayBeIn = false;
                throw failed(failure);
            }
            case UNCERTAIN -> throw failed(failure);
        }
    }

    private ProblemException failed(Exception failure) throws IOException, SQLException {
        return switch (failure) {
            case InDoubtException doubt -> refused(doubt.said);
            case IOException e -> throw e;
            case SQLException e -> throw e;
            default -> throw new IllegalStateException(failure);
        };
    }

    /** Whether the next program that opens the file would roll it back: the journal begins with its mark. */
    private boolean isJournalHot() throws IOException {
        try (FileChannel journal = file.open(file.journal(), StandardOpenOption.READ)) {
            ByteBuffer mark = ByteBuffer.allocate(Long.BYTES);
            Channels.read(journal, mark, 0);
            return mark.position() == Long.BYTES && mark.getLong(0) == JournalFormat.MAGIC;
        } catch (NoSuchFileException e) {
            return false;
        }
    }

    private static void beginExclusive(Connection writer, ProgressMonitor waiting) throws SQLException {
        try {
            Connections.execute(writer, "BEGIN EXCLUSIVE");
        } catch (SQLException e) {
            waiting.checkCancelled();
            throw e;
        }
    }

    /** In exclusive mode SQLite keeps its journal, emptied; nobody needs it any more. */
    private static void leaveNoJournal(Connection writer) throws SQLException {
        Connections.ask(writer, "PRAGMA locking_mode=NORMAL");
        Connections.ask(writer, "PRAGMA journal_mode=PERSIST");
        Connections.ask(writer, "PRAGMA journal_mode=DELETE");
    }

    /**
     * Into a file with a log. Others may write as soon as the restore has committed, so the log is the evidence; a
     * read transaction from before keeps checkpoints from removing it.
     *
     * @param scratch for the log's copy
     */
    void throughLog(Scratch scratch) throws IOException, SQLException {
        inOrder((connections, channels) -> {
            OwnDescriptors logs = OwnDescriptors.of(file.log());
            OwnDescriptors indexes = OwnDescriptors.of(file.sharedMemory());
            Connection guard = connections.add(file.connect(main(), "mode=rw", deadline.millisLeft()));
            tolerateDamage(guard);
            file.readFirst(guard, "PRAGMA schema_version", logs);
            if (!"wal".equals(Connections.ask(guard, "PRAGMA journal_mode"))) {
                throw new SwitchedException(switchedMeanwhile());
            }
            // Each further connection of this process uses the same wal-index as long as this one is open.
            file.requireOpened(file.sharedMemory(), indexes);
            file.requireOpened(file.log(), logs);
            FileChannel sharedMemory = channels.add(openSharedMemory());
            WalWriteLock.take(file, sharedMemory, guard, deadline, given);
            Connections.execute(guard, "BEGIN");
            Connections.ask(guard, "PRAGMA schema_version");
            WalImage current = channels.add(WalImage.asFound(guard, file, main(), scratch));
            requireSameFile();
            current.catchUp();
            if (!current.ready(given)) {
                throw new IllegalStateException(file.log() + " was restarted while its write lock was held");
            }
            if (!course.keep(current)) {
                return;
            }
            WalScanner scan = new WalScanner(
                    channels.add(file.open(file.log(), StandardOpenOption.READ)), new WalIndexHeader(sharedMemory));
            scan.follow(NoOpWalVisitor.END);
            int before = scan.frames();
            logs = OwnDescriptors.of(file.log());
            Connection writer = connections.add(file.connect(main(), "mode=rw", 0));
            tolerateDamage(writer);
            Connections.ask(writer, "PRAGMA wal_autocheckpoint=0");
            file.readFirst(writer, "PRAGMA schema_version", logs);
            file.requireOpened(file.log(), logs);
            Answer said = restore(writer);
            work.enter(Phase.COMPARING, image.size());
            if (!isIn(scan)) {
                if (scan.frames() == before && scan.isCurrent()) {
                    if (said.isFault()) {
                        coverUncommitted(writer);
                    }
                    mayBeIn = false;
                }
                throw refused(said);
            }
            failPoints.reached("restore.compared");
            course.compared();
        });
    }

    /** All was opened by its name, which a new file may have got since the replacement was prepared. */
    private void requireSameFile() throws IOException {
        if (!FileState.of(file.path()).isSameFile(prepared)) {
            throw new ProblemException(UnlockedWriters.changed(file));
        }
    }

    /**
     * Commits a change of nothing. A failed commit may have left all of its frames in the WAL, which no program reads
     * now, but which SQLite would take for committed if it had to recover the WAL. The next frame breaks their chain of
     * checksums.
     */
    private static void coverUncommitted(Connection writer) throws SQLException {
        try {
            String version = Connections.ask(writer, "PRAGMA user_version");
            Connections.execute(writer, "PRAGMA user_version=" + version);
        } catch (SQLException e) {
            if (!SqliteErrors.isBusy(e)) { // if it is, another program writes over the frames
                throw e;
            }
        }
    }

    private FileChannel openSharedMemory() throws IOException {
        try {
            return file.open(file.sharedMemory(), StandardOpenOption.READ, StandardOpenOption.WRITE);
        } catch (NoSuchFileException _) {
            throw new SwitchedException(switchedMeanwhile());
        }
    }

    private Problem switchedMeanwhile() {
        return new Problem.SourceBusy(
                file.path() + " was switched to another journal mode by another program meanwhile; restore again.");
    }

    /** What opens connections, and channels to the same file. */
    private interface Steering {
        void run(ResourceStack connections, ResourceStack channels) throws IOException, SQLException;
    }

    /**
     * Closes every connection before the first channel, whatever happens. See {@code
     * docs/internals/locks.md#order-of-closing}.
     */
    private static void inOrder(Steering steering) throws IOException, SQLException {
        ResourceStack connections = new ResourceStack();
        ResourceStack channels = new ResourceStack();
        try {
            steering.run(connections, channels);
            // The content is in and was compared: what fails from here on changes nothing about that.
            Exception closing = new IllegalStateException("closing a restored database");
            connections.closeAfter(closing);
            channels.closeAfter(closing);
            if (closing.getSuppressed().length > 0) {
                LOG.log(Level.WARNING, "The restore is done, but not all that it used could be closed", closing);
            }
        } catch (Throwable e) {
            // Errors too: whatever stays open here locks everybody out.
            connections.closeAfter(e);
            channels.closeAfter(e);
            throw e;
        }
    }

    private boolean isIn(WalScanner scan) throws IOException {
        try (FileChannel wanted = FileChannel.open(image.file(), StandardOpenOption.READ)) {
            CommittedImageFinder proof = new CommittedImageFinder(image, wanted);
            scan.follow(proof);
            return proof.proven();
        }
    }

    /** A damaged database is what a restore is for: SQLite must not refuse to write over it. */
    private static void tolerateDamage(Connection connection) throws SQLException {
        Connections.execute(connection, "PRAGMA writable_schema=on");
    }

    /**
     * Runs SQLite's backup into the target. {@code synchronous} stays at its default, FULL: {@code
     * docs/internals/restore.md#synced-writes}.
     *
     * @return what SQLite says of it: the driver's own result is that of the file it reads from
     */
    private Answer restore(Connection writer) throws SQLException, IOException {
        work.enter(Phase.REPLACING, image.size());
        // SQLite makes its journal now, over whatever has that name.
        SidecarCheck.require(file);
        failPoints.reached("restore.replacing");
        DB database = ((SQLiteConnection) writer).getDatabase();
        Steps steps = new Steps();
        mayBeIn = true;
        String from = Connections.uri(image.file(), "mode=ro&immutable=1");
        int result = database.restore(
                "main", from, steps, RETRY_MILLIS, deadline.millisLeft() / RETRY_MILLIS + 1, PAGES_PER_STEP);
        Answer said = answer(database, result);
        if (steps.failure != null) {
            throw steps.failure;
        }
        failPoints.reached("restore.committed");
        return said;
    }

    /** What SQLite says about the last call on a connection, for a person. */
    private record Answer(String text) {
        /** The text of SQLite's result code 0. */
        boolean isSuccess() {
            return text.contains("not an error");
        }

        /** Whether something may have been written before it failed. */
        boolean isFault() {
            return text.contains("I/O") || text.contains("is full");
        }
    }

    private Answer answer(DB database, int result) {
        try {
            database.throwex(result);
            return new Answer("");
        } catch (SQLException e) {
            answer = coded(e);
            return new Answer(SqliteErrors.words(e));
        }
    }

    /** The new content may be in, and may be rolled back. */
    private static final class InDoubtException extends SQLException {
        private static final long serialVersionUID = 1L;

        private final transient Answer said;

        InDoubtException(Answer said) {
            super("a restore is in doubt; SQLite said: " + said.text());
            this.said = said;
        }
    }

    private ProblemException refused(Answer answer) {
        String said = answer.text();
        Problem problem;
        if (said.contains("is full")) {
            problem = FullDisk.at(file.path());
        } else if (said.contains("locked") || said.contains("busy")) {
            problem = SqliteErrors.busy(file.path(), deadline);
        } else {
            problem = explained()
                    .orElseGet(() -> new Problem.Internal(new SQLException(
                            file.path() + " could not be proven to hold the backup now; SQLite said: " + said)));
        }
        return new ProblemException(problem);
    }

    /** The driver has lost the code by then, and only SQLite's words are left. */
    private static SQLException coded(SQLException said) {
        String words = SqliteErrors.words(said);
        if (words.contains("unable to open")) {
            return new SQLiteException(words, SQLiteErrorCode.SQLITE_CANTOPEN);
        }
        if (words.contains("readonly database")) {
            return new SQLiteException(words, SQLiteErrorCode.SQLITE_READONLY);
        }
        return words.contains("I/O error") ? new SQLiteException(words, SQLiteErrorCode.SQLITE_IOERR) : said;
    }

    /** Missing rights, a full disk that SQLite reported as another failure, or a file that was moved away. */
    private Optional<Problem> explained() {
        SQLException failure = answer;
        return failure == null
                ? Optional.empty()
                : SourceAccess.toRestore(file.path())
                        .or(() -> FullDisk.problem(file.path(), failure))
                        .or(() -> SourceAccess.vanished(List.of(file.path()), failure));
    }

    /** Reports the steps. Called from inside SQLite, where nothing may be thrown. */
    private final class Steps implements DB.ProgressObserver {
        private boolean begun;
        private int left = image.pages();
        private @Nullable RuntimeException failure;

        @Override
        public void progress(int remaining, int pageCount) {
            try {
                work.advance((long) Math.max(0, left - remaining) * image.pageSize());
                left = remaining;
                if (!begun) {
                    begun = true;
                    failPoints.reached("restore.pages");
                }
            } catch (RuntimeException e) {
                failure = e;
            }
        }
    }
}
