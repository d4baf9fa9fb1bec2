package dev.holdfast.sqlite;

import static java.util.Objects.requireNonNull;

import dev.holdfast.application.operation.Work;
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
 * A file that no program has open, with the journal or log that the last one may have left. It is copied under the
 * SHARED lock, and SQLite recovers the copy: the source stays as it was found, byte for byte.
 *
 * <p>In WAL mode the lock alone does not keep writers out. Every program that opens the file makes a {@code -shm},
 * though, and cannot remove it before it gets an EXCLUSIVE lock: no {@code -shm} at the end, nobody was there.
 */
final class AbandonedFile implements PinnedFile {
    private final LiveFile file;
    private final SharedLock lock;
    private final Path companion;
    private final boolean wal;
    private final Scratch.Folder folder;
    private @Nullable PrivateImage image;

    private AbandonedFile(LiveFile file, SharedLock lock, boolean wal, Scratch.Folder folder) {
        this.file = file;
        this.lock = lock;
        this.wal = wal;
        this.companion = wal ? file.log() : file.journal();
        this.folder = folder;
    }

    static AbandonedFile withJournal(LiveFile file, SharedLock lock, Scratch scratch) throws IOException {
        return new AbandonedFile(file, lock, false, scratch.folder());
    }

    static AbandonedFile withLog(LiveFile file, SharedLock lock, Scratch scratch) throws IOException {
        return new AbandonedFile(file, lock, true, scratch.folder());
    }

    @Override
    public void catchUp() {
        // Nobody can commit.
    }

    @Override
    public boolean isBeingWritten() {
        return false; // nobody has it open
    }

    @Override
    public boolean ready(Work work) throws IOException, SQLException {
        long size = lock.channel().size();
        boolean accompanied = Files.exists(companion) && Files.size(companion) > 0;
        Scratch.require(folder.path(), 2 * size + (accompanied ? Files.size(companion) : 0));
        Path copy = folder.database();
        Scratch.copy(lock.channel(), size, copy, work);
        if (accompanied) {
            try (FileChannel from = FileChannel.open(companion, StandardOpenOption.READ)) {
                Path to = copy.resolveSibling(copy.getFileName() + (wal ? "-wal" : "-journal"));
                Scratch.copy(from, from.size(), to, work);
            }
        }
        if (wal && Files.exists(file.sharedMemory())) {
            return false;
        }
        if (accompanied) {
            recover(copy);
        }
        image = PrivateImage.of(copy);
        return true;
    }

    /** Rolls a journal back, or brings a log into the copy: whoever opens and closes a database does. */
    private static void recover(Path copy) throws SQLException {
        try (Connection connection = Connections.open(copy, "mode=rw", 0)) {
            Connections.ask(connection, "SELECT count(*) FROM sqlite_schema");
            if ("wal".equals(Connections.ask(connection, "PRAGMA journal_mode"))) {
                Connections.ask(connection, "PRAGMA wal_checkpoint(TRUNCATE)");
            }
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
