package dev.holdfast.sqlite;

import static java.util.Objects.requireNonNull;

import dev.holdfast.application.operation.Work;
import dev.holdfast.domain.problem.Problem;
import dev.holdfast.domain.problem.ProblemException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.sql.Connection;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;

/**
 * A file that no other process uses, with what its last program may have left next to it. The image is what the first
 * connection would recover; the source stays as it was found, byte for byte. The content of the wal-index is ignored.
 *
 * <p>In WAL mode the SHARED lock alone does not keep writers out, so the files are compared at the end with what they
 * were before: see {@code docs/internals/wal.md#a-wal-that-no-process-uses}.
 */
final class AbandonedFile implements PinnedFile {
    private static final int CHUNK_BYTES = 1 << 20;

    private final LiveFile file;
    private final SharedLock lock;
    private final FoundFiles found;
    private final boolean hot;
    private final Scratch.Folder folder;
    private @Nullable PrivateImage image;

    private AbandonedFile(LiveFile file, SharedLock lock, FoundFiles found, boolean hot, Scratch.Folder folder) {
        this.file = file;
        this.lock = lock;
        this.found = found;
        this.hot = hot;
        this.folder = folder;
    }

    /** @param found before anything of the file was read */
    static AbandonedFile withHotJournal(LiveFile file, SharedLock lock, FoundFiles found, Scratch scratch)
            throws IOException {
        return new AbandonedFile(file, lock, found, true, scratch.folder());
    }

    /** @param found before anything of the file was read */
    static AbandonedFile withWal(LiveFile file, SharedLock lock, FoundFiles found, Scratch scratch) throws IOException {
        return new AbandonedFile(file, lock, found, false, scratch.folder());
    }

    @Override
    public void catchUp() {
        // No process can commit.
    }

    @Override
    public boolean isBeingWritten() {
        return false; // no process has it open
    }

    @Override
    public boolean ready(Work work) throws IOException {
        if (hot) {
            copyAndRecover(work);
        } else {
            copyUnderWal(work);
        }
        if (!found.areUnchanged() || LogIndex.isUsedByOthers(file)) {
            return false;
        }
        image = PrivateImage.of(folder.database());
        return true;
    }

    private void copyAndRecover(Work work) throws IOException {
        Path copy = folder.database();
        long wal = file.hasWal() ? Files.size(file.log()) : 0;
        Scratch.require(folder.path(), lock.channel().size() + Files.size(file.journal()) + wal);
        Scratch.copy(lock.channel(), lock.channel().size(), copy, work);
        HotJournal.copy(file, sibling(copy, "-journal"), work);
        if (wal > 0) {
            try (FileChannel from = FileChannel.open(file.log(), StandardOpenOption.READ)) {
                Scratch.copy(from, from.size(), sibling(copy, "-wal"), work);
            }
        }
        recover(copy);
    }

    private static Path sibling(Path copy, String suffix) {
        return copy.resolveSibling(copy.getFileName() + suffix);
    }

    /** Rolls the journal back and checkpoints the WAL, as each program does that opens and closes a database. */
    private void recover(Path copy) {
        try (Connection connection = Connections.open(copy, "mode=rw", 0)) {
            Connections.ask(connection, "PRAGMA schema_version");
            if ("wal".equals(Connections.ask(connection, "PRAGMA journal_mode"))) {
                Connections.ask(connection, "PRAGMA wal_checkpoint(TRUNCATE)");
            }
        } catch (SQLException e) {
            throw new ProblemException(unrecoverable(e), e);
        }
    }

    private Problem unrecoverable(SQLException failure) {
        return switch (Faults.code(failure)) {
            case 13 -> Faults.full(folder.path());
            case 26 ->
                new Problem.NotADatabase(
                        file.path()
                                + " is not a SQLite database, even after its rollback journal was played back on a private copy.");
            default ->
                Problem.SourceCorrupt.because("SQLite could not play the rollback journal " + file.journal()
                        + " back on a private copy: " + Faults.words(failure)
                        + ". The backup was refused and all files are"
                        + " unchanged. Restore a good backup, or repair a copy of the database and its journal.");
        };
    }

    private void copyUnderWal(Work work) throws IOException {
        if (!file.hasWal()) {
            copyMain(work);
            return;
        }
        try (FileChannel wal = FileChannel.open(file.log(), StandardOpenOption.READ)) {
            LogPages pages = LogPages.within(wal);
            LogScan scan = LogScan.recovering(wal);
            scan.follow(pages);
            if (scan.isOfUnknownVersion()) {
                throw new ProblemException(Problem.SourceCorrupt.because(file.log()
                        + " is of a version of the WAL format that SQLite does not know. The backup was refused and all"
                        + " files are unchanged. Back up with the program that wrote the WAL."));
            }
            pages.index();
            if (pages.pages() == 0) {
                copyMain(work);
            } else {
                copyUnder(pages, work);
            }
        }
    }

    private void copyMain(Work work) throws IOException {
        long size = file.requireImageSize(
                FileHead.of(lock.channel()), lock.channel().size());
        Scratch.require(folder.path(), size);
        Scratch.copy(lock.channel(), size, folder.database(), work);
    }

    private void copyUnder(LogPages pages, Work work) throws IOException {
        OverlaidPages overlaid = new OverlaidPages(file.path(), lock.channel(), pages, pages.pageSize());
        long size = (long) pages.pages() * pages.pageSize();
        Scratch.require(folder.path(), size);
        requireDatabase(overlaid);
        try (FileChannel out =
                FileChannel.open(folder.database(), StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            ByteBuffer chunk = ByteBuffer.allocate(CHUNK_BYTES);
            for (long at = 0; at < size; at += chunk.limit()) {
                work.checkCancelled();
                overlaid.read(chunk.clear().limit((int) Math.min(CHUNK_BYTES, size - at)), at);
                Channels.write(out, chunk.flip(), at);
            }
        } catch (IOException e) {
            throw Faults.ofWriting(folder.path(), e);
        }
    }

    private void requireDatabase(OverlaidPages overlaid) throws IOException {
        ByteBuffer first = ByteBuffer.allocate(overlaid.pageSize());
        overlaid.read(first, 0);
        switch (FileHead.of(first.flip())) {
            case FileHead.Sqlite known when known.pageSize() == overlaid.pageSize() -> {}
            case FileHead.Sqlite known ->
                throw new ProblemException(Problem.SourceCorrupt.because(file.log() + " has pages of "
                        + overlaid.pageSize() + " bytes and " + file.path() + " has pages of " + known.pageSize()
                        + ": the WAL belongs to another database. The backup was refused and all files are unchanged."
                        + " Put the right WAL next to the database, or move the wrong one away."));
            case FileHead.Empty _, FileHead.Foreign _ ->
                throw new ProblemException(new Problem.NotADatabase(
                        file.path() + " is not a SQLite database, even with what its WAL holds."));
        }
    }

    @Override
    public long size() {
        return requireNonNull(image).size();
    }

    @Override
    public InputStream open() {
        return requireNonNull(image).open();
    }

    @Override
    public void close() throws IOException {
        Opened opened = new Opened();
        opened.add(folder);
        opened.add(lock);
        if (image != null) {
            opened.add(image);
        }
        image = null;
        opened.close();
    }
}
