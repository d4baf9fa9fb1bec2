package dev.holdfast.sqlite.snapshot;

import static java.util.Objects.requireNonNull;

import dev.holdfast.application.operation.ProgressMonitor;
import dev.holdfast.disk.FullDisk;
import dev.holdfast.domain.problem.Problem;
import dev.holdfast.domain.problem.ProblemException;
import dev.holdfast.sqlite.file.LiveFile;
import dev.holdfast.sqlite.file.Scratch;
import dev.holdfast.sqlite.file.SharedLock;
import dev.holdfast.sqlite.file.SqliteErrors;
import dev.holdfast.sqlite.io.Connections;
import dev.holdfast.sqlite.io.ResourceStack;
import dev.holdfast.sqlite.wal.WalIndexHeader;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.sql.Connection;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;

/**
 * A file that no other process uses, with a hot journal. The image is a private copy that SQLite has recovered; the
 * source stays as it was found, byte for byte. See {@code docs/internals/journals.md#hot-journals}.
 */
final class RecoveredImage implements LockedImage {
    private final LiveFile file;
    private final SharedLock lock;
    private final FoundFiles found;
    private final Scratch.Folder folder;
    private @Nullable PrivateImage image;

    private RecoveredImage(LiveFile file, SharedLock lock, FoundFiles found, Scratch.Folder folder) {
        this.file = file;
        this.lock = lock;
        this.found = found;
        this.folder = folder;
    }

    /** @param found before anything of the file was read */
    static RecoveredImage withHotJournal(LiveFile file, SharedLock lock, FoundFiles found, Scratch scratch)
            throws IOException {
        return new RecoveredImage(file, lock, found, scratch.folder());
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
    public boolean ready(ProgressMonitor work) throws IOException {
        try {
            copyAndRecover(work);
        } catch (IOException | ProblemException e) {
            // A fault in what was read says nothing about a file that changed meanwhile.
            if (isUnchanged()) {
                throw e;
            }
        }
        if (!isUnchanged()) {
            return false;
        }
        image = PrivateImage.of(folder.database());
        return true;
    }

    /** In WAL mode the SHARED lock alone does not keep writers out. */
    private boolean isUnchanged() throws IOException {
        return found.areUnchanged() && !WalIndexHeader.isUsedByOthers(file);
    }

    private void copyAndRecover(ProgressMonitor work) throws IOException {
        Path copy = folder.database();
        long wal = file.walSize();
        FullDisk.require(folder.path(), lock.channel().size() + Files.size(file.journal()) + wal);
        Scratch.copy(lock.channel(), lock.channel().size(), copy, work);
        HotJournal.copy(file, sibling(copy, "-journal"), work);
        if (wal > 0) {
            try (FileChannel from = file.open(file.log(), StandardOpenOption.READ)) {
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
        return switch (SqliteErrors.primaryCode(failure)) {
            case SQLITE_FULL -> FullDisk.at(folder.path());
            case SQLITE_NOTADB ->
                new Problem.NotADatabase(
                        file.path()
                                + " is not a SQLite database, even after its rollback journal was played back on a private copy.");
            default ->
                Problem.SourceCorrupt.because("SQLite could not play the rollback journal " + file.journal()
                        + " back on a private copy: " + SqliteErrors.words(failure)
                        + ". The backup was refused and all files are"
                        + " unchanged. Restore a good backup, or repair a copy of the database and its journal.");
        };
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
        ResourceStack opened = new ResourceStack();
        opened.add(folder);
        opened.add(lock);
        if (image != null) {
            opened.add(image);
        }
        image = null;
        opened.close();
    }
}
