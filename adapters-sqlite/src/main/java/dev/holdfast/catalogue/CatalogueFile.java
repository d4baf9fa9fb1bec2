package dev.holdfast.catalogue;

import static java.nio.file.attribute.PosixFilePermissions.asFileAttribute;
import static java.nio.file.attribute.PosixFilePermissions.fromString;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.concurrent.locks.ReentrantLock;
import org.sqlite.SQLiteConfig;
import org.sqlite.SQLiteErrorCode;
import org.sqlite.SQLiteOpenMode;

/** Makes the catalogue's file and connects to it. */
record CatalogueFile(Path path) {
    private static final int BUSY_TIMEOUT_MILLIS = 5_000;
    private static final int PREPARE_ATTEMPTS = 100;
    private static final int PREPARE_PAUSE_MILLIS = 50;

    /**
     * Making a file opens and closes it, which must not happen while this process has a connection to it. See {@code
     * docs/internals/locks.md#one-descriptor}.
     */
    private static final ReentrantLock CREATING = new ReentrantLock();

    /** SQLite makes {@code -wal} and {@code -shm} with the mode of the file itself. */
    void createIfMissing() {
        CREATING.lock();
        try {
            Files.createFile(path, asFileAttribute(fromString("rw-------")));
            syncFolder();
        } catch (FileAlreadyExistsException e) {
            // The usual case. Looking first would be no safer: another process may make it in between.
        } catch (IOException e) {
            throw new CatalogueException(path, "cannot be made (" + e + ")", e);
        } finally {
            CREATING.unlock();
        }
    }

    /**
     * A new name outlives a power cut only once its folder is synced. See {@code
     * docs/internals/store-layout.md#synced-folders}.
     */
    private void syncFolder() throws IOException {
        try (FileChannel folder = FileChannel.open(path.resolveSibling("."), StandardOpenOption.READ)) {
            folder.force(true);
        }
    }

    Session connectForWriting() {
        Session session = connect();
        try {
            prepare(session);
            return session;
        } catch (RuntimeException e) {
            session.closeAfter(e);
            throw e;
        }
    }

    Session connectForReading() {
        Session session = connect();
        try {
            session.run(connection -> {
                Sql.execute(connection, "PRAGMA query_only = ON");
                return session;
            });
            return session;
        } catch (RuntimeException e) {
            session.closeAfter(e);
            throw e;
        }
    }

    private Session connect() {
        SQLiteConfig config = new SQLiteConfig();
        // Never through SQLite's own creation, which would give the file the umask's mode.
        config.resetOpenMode(SQLiteOpenMode.CREATE);
        config.setBusyTimeout(BUSY_TIMEOUT_MILLIS);
        config.setSynchronous(SQLiteConfig.SynchronousMode.FULL);
        config.enforceForeignKeys(true);
        try {
            // As a URI, because the driver takes a question mark in a plain path for the beginning of settings.
            return new Session(path, config.createConnection("jdbc:sqlite:" + path.toUri()));
        } catch (SQLException e) {
            throw Session.translated(path, e);
        }
    }

    /**
     * Several processes may do this to one new file at the same moment. SQLite then answers some steps with BUSY at
     * once, whatever the timeout, because waiting inside of them could be a deadlock; beginning again is safe.
     */
    private void prepare(Session session) {
        for (int attempt = 1; ; attempt++) {
            try {
                session.run(connection -> {
                    prepare(connection);
                    return session;
                });
                return;
            } catch (CatalogueException e) {
                if (!isBusy(e) || attempt == PREPARE_ATTEMPTS) {
                    throw e;
                }
                pause(e);
            }
        }
    }

    private void prepare(Connection connection) throws SQLException {
        Schema schema = Schema.current(path);
        schema.check(connection);
        if (!Sql.text(connection, "PRAGMA journal_mode").equals("wal")) {
            String mode = Sql.text(connection, "PRAGMA journal_mode = WAL");
            if (!mode.equals("wal")) {
                throw new CatalogueException(path, "journal mode: " + mode + " (expected: wal)");
            }
        }
        schema.migrate(connection);
        String finding = Sql.text(connection, "PRAGMA quick_check(1)");
        if (!finding.equals("ok")) {
            throw new CatalogueException(path, Session.DAMAGED + " (" + finding + ")");
        }
    }

    private static boolean isBusy(CatalogueException e) {
        return e.getCause() instanceof SQLException sql
                && (sql.getErrorCode() & 0xff) == SQLiteErrorCode.SQLITE_BUSY.code;
    }

    private static void pause(CatalogueException busy) {
        try {
            Thread.sleep(PREPARE_PAUSE_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            busy.addSuppressed(e);
            throw busy;
        }
    }
}
