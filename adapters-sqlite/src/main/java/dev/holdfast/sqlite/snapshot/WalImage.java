package dev.holdfast.sqlite.snapshot;

import static java.util.Objects.requireNonNull;

import dev.holdfast.application.operation.ProgressMonitor;
import dev.holdfast.disk.FullDisk;
import dev.holdfast.domain.problem.Problem;
import dev.holdfast.domain.problem.ProblemException;
import dev.holdfast.sqlite.file.LiveFile;
import dev.holdfast.sqlite.file.Scratch;
import dev.holdfast.sqlite.file.SqliteErrors;
import dev.holdfast.sqlite.io.DatabaseHeader;
import dev.holdfast.sqlite.io.PageStream;
import dev.holdfast.sqlite.io.ResourceStack;
import dev.holdfast.sqlite.lock.ForeignLocks;
import dev.holdfast.sqlite.wal.CommittedWalPages;
import dev.holdfast.sqlite.wal.OverlaidPages;
import dev.holdfast.sqlite.wal.WalIndexHeader;
import dev.holdfast.sqlite.wal.WalIndexHeader.Committed;
import dev.holdfast.sqlite.wal.WalScanner;
import dev.holdfast.tree.FileIdentity;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.StandardOpenOption;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.sqlite.SQLiteConnection;

/**
 * A file in WAL mode that programs may have open, held by a read transaction. The image is the main file under the
 * committed prefix of the log.
 *
 * <p>Why that is one committed state: the read mark keeps checkpoints from bringing in frames behind it and the log
 * from being restarted, so a prefix that goes further than the mark is just a later state. Without a mark, when all
 * of the log was in the main file, the mark is on the main file itself: nothing is brought in any more, and a log
 * restarted since holds exactly what was committed since. See {@code docs/internals/snapshot.md#bytes-under-a-lock}.
 */
public final class WalImage implements LockedImage {
    private final LiveFile file;
    private final ResourceStack opened;
    private final Connection transaction;
    private final FileChannel main;
    private final @Nullable FileChannel log;
    private final FileChannel index;
    private final ForeignLocks indexLocks;
    private final @Nullable WalScanner scan;
    private final CommittedWalPages pages;
    private final Scratch.Folder folder;
    private final long longestLog;
    private final boolean whole;
    private boolean escaped;
    private @Nullable PrivateImage image;
    private @Nullable OverlaidPages overlaid;
    private long size;

    private WalImage(
            LiveFile file,
            ResourceStack opened,
            Connection transaction,
            FileChannel main,
            @Nullable FileChannel log,
            FileChannel index,
            ForeignLocks indexLocks,
            Scratch.Folder folder,
            FileChannel copy,
            long longestLog,
            boolean whole) {
        this.file = file;
        this.opened = opened;
        this.transaction = transaction;
        this.main = main;
        this.log = log;
        this.index = index;
        this.indexLocks = indexLocks;
        this.scan = log == null ? null : new WalScanner(log, new WalIndexHeader(index));
        this.folder = folder;
        this.pages = CommittedWalPages.copiedTo(copy);
        this.longestLog = longestLog;
        this.whole = whole;
    }

    /**
     * @param transaction has begun to read; closed by this pin
     * @param main which file the transaction reads
     * @param held closed by this pin after the transaction, also if this fails
     */
    static WalImage in(
            Connection transaction,
            LiveFile file,
            FileIdentity main,
            ResourceStack held,
            Scratch scratch,
            long longestLog)
            throws IOException {
        return in(transaction, file, main, held, scratch, longestLog, true);
    }

    /**
     * Also of a damaged file, for it is about to be replaced: up to the first page that is nowhere, so that a check of
     * the image finds it cut short, and with what lies behind the last page that the header knows of.
     */
    public static WalImage asFound(Connection transaction, LiveFile file, FileIdentity main, Scratch scratch)
            throws IOException {
        return in(transaction, file, main, new ResourceStack(), scratch, Long.MAX_VALUE, false);
    }

    private static WalImage in(
            Connection transaction,
            LiveFile file,
            FileIdentity identity,
            ResourceStack opened,
            Scratch scratch,
            long longestLog,
            boolean whole)
            throws IOException {
        try {
            Scratch.Folder folder = opened.add(scratch.folder());
            FileChannel copy = opened.add(FileChannel.open(
                    folder.path().resolve("log"),
                    StandardOpenOption.CREATE_NEW,
                    StandardOpenOption.READ,
                    StandardOpenOption.WRITE));
            // After the transaction began, and closed after its connection: docs/internals/locks.md#order-of-closing.
            FileChannel main = opened.add(file.openMain(identity, StandardOpenOption.READ));
            FileChannel log =
                    Files.exists(file.log()) ? opened.add(file.open(file.log(), StandardOpenOption.READ)) : null;
            FileChannel index = opened.add(file.open(file.sharedMemory(), StandardOpenOption.READ));
            ForeignLocks indexLocks = opened.add(file.locksOn(file.sharedMemory()));
            opened.add(transaction);
            return new WalImage(
                    file, opened, transaction, main, log, index, indexLocks, folder, copy, longestLog, whole);
        } catch (Throwable e) {
            opened.closeAfter(e, transaction);
            throw e;
        }
    }

    /**
     * Returns whether the transaction holds a read lock on the wal-index. It holds none if no other process used the
     * wal-index when the connection was opened: then SQLite reads the WAL by itself, and nothing keeps other processes
     * from changing what it reads.
     */
    boolean isLocked() throws IOException {
        return indexLocks.isHeldByThisProcess(WalIndexHeader.READ_LOCKS, WalIndexHeader.READ_LOCK_COUNT);
    }

    private boolean isLogTooLong() throws IOException {
        return log != null && log.size() > longestLog;
    }

    @Override
    public void catchUp() throws IOException {
        catchUp(new WalIndexHeader(index).read());
    }

    /** How far its log is committed now; empty if nobody can tell before somebody begins to read. */
    Optional<Committed> committed() throws IOException {
        return new WalIndexHeader(index).read();
    }

    /** Moves the moment to that commit. */
    void catchUp(Optional<Committed> committed) throws IOException {
        if (scan == null || isLogTooLong()) {
            return;
        }
        if (committed.isEmpty()) {
            escaped = true;
            return;
        }
        try {
            scan.follow(pages, committed.get());
        } catch (IOException e) {
            throw SqliteErrors.ofWriting(folder.path(), e);
        }
        requireAllOf(committed.get(), scan);
    }

    /** A WAL that lacks what its wal-index calls committed is not the one that the other processes write to. */
    private void requireAllOf(Committed committed, WalScanner scan) throws IOException {
        boolean complete =
                scan.salts() == committed.salts() ? scan.frames() >= committed.frames() : committed.frames() == 0;
        // SQLite writes the frames before the wal-index, so only a restart meanwhile explains another WAL.
        if (!complete && scan.isCurrent() && committed().equals(Optional.of(committed))) {
            throw new ProblemException(Problem.SourceCorrupt.because(file.log()
                    + " lacks transactions that programs which have " + file.path()
                    + " open have committed: the WAL was replaced or damaged while they use it. The operation was"
                    + " refused and all files are unchanged. Export the data from the running program before you stop"
                    + " it; then restore a backup, or start from the export."));
        }
    }

    @Override
    public boolean isBeingWritten() throws IOException {
        return indexLocks.isHeld(WalIndexHeader.WRITE_LOCK, 1);
    }

    @Override
    public boolean ready(ProgressMonitor work) throws IOException, SQLException {
        if (isLogTooLong()) {
            copyThroughSqlite(work);
            return true;
        }
        if (escaped || (scan != null && !scan.isCurrent())) {
            return false;
        }
        pages.index();
        DatabaseHeader head = DatabaseHeader.of(main);
        int pageSize = pages.pages() > 0 ? pages.pageSize() : pageSize(head);
        overlaid = new OverlaidPages(file.path(), main, pages, pageSize);
        size = pages.pages() > 0 ? (long) pages.pages() * pageSize : mainSize(head);
        if (!whole) {
            size = foundSize(overlaid);
        }
        return true;
    }

    private long foundSize(OverlaidPages overlaid) throws IOException {
        int pageSize = overlaid.pageSize();
        long inMain = main.size() / pageSize;
        long wanted = pages.pages() > 0 ? pages.pages() : Math.max(size / pageSize, inMain);
        long found = Math.min(inMain, wanted);
        while (found < wanted && (pages.has(found + 1) || found + 1 == overlaid.lockPage())) {
            found++;
        }
        return found * pageSize;
    }

    /** For a WAL longer than the bound. The transaction keeps the backup at one state; nothing makes it begin again. */
    private void copyThroughSqlite(ProgressMonitor work) throws IOException, SQLException {
        FullDisk.require(folder.path(), main.size() + requireNonNull(log).size());
        work.checkCancelled();
        try {
            int result = ((SQLiteConnection) transaction)
                    .getDatabase()
                    .backup("main", folder.database().toString(), null, 0, 0, 4096);
            if (result != 0) {
                ((SQLiteConnection) transaction).getDatabase().throwex(result);
            }
        } catch (SQLException e) {
            if (FullDisk.problem(folder.path(), e).isPresent()) {
                throw SqliteErrors.ofScratch(folder.path(), e);
            }
            throw e;
        }
        image = opened.add(PrivateImage.of(folder.database()));
    }

    private int pageSize(DatabaseHeader head) {
        return switch (head) {
            case DatabaseHeader.Sqlite known -> known.pageSize();
            case DatabaseHeader.Empty() -> 4096;
            case DatabaseHeader.Foreign(String why) -> throw new ProblemException(new Problem.SourceCorrupt(why));
        };
    }

    private long mainSize(DatabaseHeader head) throws IOException {
        if (!(head instanceof DatabaseHeader.Sqlite known)) {
            return 0;
        }
        return whole ? file.requireImageSize(head, main.size()) : known.imageSize(main.size());
    }

    @Override
    public long size() {
        return image == null ? size : image.size();
    }

    @Override
    public InputStream open() {
        return image == null ? new PageStream(requireNonNull(overlaid)::read, size) : image.open();
    }

    /** The connection first, the channels after it: closing a channel drops the process's locks. */
    @Override
    public void close() throws IOException {
        image = null;
        opened.close();
    }
}
