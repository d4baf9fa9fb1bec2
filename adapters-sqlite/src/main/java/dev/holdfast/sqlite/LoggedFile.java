package dev.holdfast.sqlite;

import static java.util.Objects.requireNonNull;

import dev.holdfast.application.operation.Work;
import dev.holdfast.domain.problem.Problem;
import dev.holdfast.domain.problem.ProblemException;
import dev.holdfast.sqlite.LogIndex.Committed;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
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
 * restarted since holds exactly what was committed since.
 */
final class LoggedFile implements PinnedFile {
    private final LiveFile file;
    private final Connection transaction;
    private final FileChannel main;
    private final @Nullable FileChannel log;
    private final FileChannel index;
    private final WriterProbe writers;
    private final @Nullable LogScan scan;
    private final LogPages pages;
    private final FileChannel copy;
    private final Scratch.Folder folder;
    private final long longestLog;
    private final boolean whole;
    private boolean escaped;
    private @Nullable PrivateImage image;
    private int pageSize;
    private long size;

    private LoggedFile(
            LiveFile file,
            Connection transaction,
            FileChannel main,
            @Nullable FileChannel log,
            FileChannel index,
            WriterProbe writers,
            Scratch.Folder folder,
            FileChannel copy,
            long longestLog,
            boolean whole) {
        this.file = file;
        this.transaction = transaction;
        this.main = main;
        this.log = log;
        this.index = index;
        this.writers = writers;
        this.scan = log == null ? null : new LogScan(log, new LogIndex(index));
        this.folder = folder;
        this.copy = copy;
        this.pages = new LogPages(copy);
        this.longestLog = longestLog;
        this.whole = whole;
    }

    /** @param transaction has begun to read; closed by this pin */
    static LoggedFile in(Connection transaction, LiveFile file, Scratch scratch, long longestLog)
            throws IOException, SQLException {
        return in(transaction, file, scratch, longestLog, true);
    }

    /**
     * Also of a damaged file, for it is about to be replaced: up to the first page that is nowhere, so that a check of
     * the image finds it cut short, and with what lies behind the last page that the header knows of.
     */
    static LoggedFile asFound(Connection transaction, LiveFile file, Scratch scratch) throws IOException, SQLException {
        return in(transaction, file, scratch, Long.MAX_VALUE, false);
    }

    private static LoggedFile in(Connection transaction, LiveFile file, Scratch scratch, long longestLog, boolean whole)
            throws IOException, SQLException {
        Opened opened = new Opened();
        try {
            Scratch.Folder folder = opened.add(scratch.folder());
            FileChannel copy = opened.add(FileChannel.open(
                    folder.path().resolve("log"),
                    StandardOpenOption.CREATE_NEW,
                    StandardOpenOption.READ,
                    StandardOpenOption.WRITE));
            // After the transaction began, and closed after its connection: rule 33.
            FileChannel main = opened.add(FileChannel.open(file.path(), StandardOpenOption.READ));
            FileChannel log =
                    Files.exists(file.log()) ? opened.add(FileChannel.open(file.log(), StandardOpenOption.READ)) : null;
            FileChannel index = opened.add(FileChannel.open(file.sharedMemory(), StandardOpenOption.READ));
            WriterProbe writers = opened.add(WriterProbe.on(file.sharedMemory()));
            return new LoggedFile(file, transaction, main, log, index, writers, folder, copy, longestLog, whole);
        } catch (Throwable e) {
            opened.closeAfter(e, transaction);
            throw e;
        }
    }

    private boolean isLogTooLong() throws IOException {
        return log != null && log.size() > longestLog;
    }

    @Override
    public void catchUp() throws IOException {
        catchUp(new LogIndex(index).read());
    }

    /** How far its log is committed now; empty if nobody can tell before somebody begins to read. */
    Optional<Committed> committed() throws IOException {
        return new LogIndex(index).read();
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
            throw Faults.ofWriting(folder.path(), e);
        }
    }

    @Override
    public boolean isBeingWritten() throws IOException {
        return writers.seesWriter();
    }

    @Override
    public boolean ready(Work work) throws IOException, SQLException {
        if (isLogTooLong()) {
            copyThroughSqlite(work);
            return true;
        }
        if (escaped || (scan != null && !scan.isCurrent())) {
            return false;
        }
        pages.index();
        FileHead head = FileHead.of(main);
        pageSize = pages.pageSize() > 0 ? pages.pageSize() : pageSize(head);
        size = pages.pages() > 0 ? (long) pages.pages() * pageSize : mainSize(head);
        if (!whole) {
            size = foundSize();
        }
        return true;
    }

    private long foundSize() throws IOException {
        long inMain = main.size() / pageSize;
        long wanted = pages.pages() > 0 ? pages.pages() : Math.max(size / pageSize, inMain);
        long found = Math.min(inMain, wanted);
        while (found < wanted && (pages.has(found + 1) || found + 1 == lockPage())) {
            found++;
        }
        return found * pageSize;
    }

    private long lockPage() {
        return 0x40000000L / pageSize + 1;
    }

    /** Rule 36. The transaction keeps the backup at one state; nothing makes it begin again. */
    private void copyThroughSqlite(Work work) throws IOException, SQLException {
        Scratch.require(folder.path(), main.size() + requireNonNull(log).size());
        work.checkCancelled();
        int result = ((SQLiteConnection) transaction)
                .getDatabase()
                .backup("main", folder.database().toString(), null, 0, 0, 4096);
        if (result != 0) {
            ((SQLiteConnection) transaction).getDatabase().throwex(result);
        }
        image = PrivateImage.of(folder.database());
    }

    private int pageSize(FileHead head) {
        return switch (head) {
            case FileHead.Sqlite known -> known.pageSize();
            case FileHead.Empty() -> 4096;
            case FileHead.Foreign(String why) -> throw new ProblemException(new Problem.SourceCorrupt(why));
        };
    }

    private long mainSize(FileHead head) throws IOException {
        return head instanceof FileHead.Sqlite known ? known.imageSize(main.size()) : 0;
    }

    @Override
    public long size() {
        return image == null ? size : image.size();
    }

    @Override
    public InputStream open() {
        return image == null ? new PageStream(this::read, size) : image.open();
    }

    private void read(ByteBuffer into, long position) throws IOException {
        Channels.read(main, into, position);
        // Pages behind the main file's end are in the log, but for the one that SQLite locks and never writes.
        long lockPage = lockPage();
        long end = position + into.limit();
        for (long at = position + into.position(); at < end; at += pageSize - at % pageSize) {
            long page = at / pageSize + 1;
            if (page != lockPage && !pages.has(page)) {
                throw new ProblemException(new Problem.SourceCorrupt(
                        file.path() + " ends before page " + page + ", and its log lacks it"));
            }
        }
        while (into.hasRemaining()) {
            into.put((byte) 0);
        }
        pages.patch(into, position);
    }

    /** The connection first, the channels after it: closing a channel drops the process's locks (rule 33). */
    @Override
    public void close() throws IOException, SQLException {
        Opened opened = new Opened();
        opened.add(folder);
        opened.add(copy);
        opened.add(main);
        opened.add(index);
        opened.add(writers);
        if (image != null) {
            opened.add(image);
        }
        if (log != null) {
            opened.add(log);
        }
        opened.add(transaction);
        image = null;
        opened.close();
    }
}
