package dev.holdfast.catalogue;

import dev.holdfast.disk.FullDisk;
import dev.holdfast.domain.problem.ProblemException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.DateTimeException;
import java.util.concurrent.locks.ReentrantLock;
import org.sqlite.SQLiteErrorCode;

/** One connection, used by one thread at a time. */
final class Session implements AutoCloseable {
    static final String DAMAGED =
            "is damaged; move it and its -wal and -shm away and put a copy back, or start without it: no backup is lost";

    private final Path file;
    private final Connection connection;

    /** Fair, so that a wait is bounded: by the busy timeout for each caller that came before. */
    private final ReentrantLock turn = new ReentrantLock(true);

    Session(Path file, Connection connection) {
        this.file = file;
        this.connection = connection;
    }

    /** What is done with the connection. */
    @FunctionalInterface
    interface Task<T> {
        T run(Connection connection) throws SQLException;
    }

    /** Runs a single statement, or several that need not belong together. */
    <T> T run(Task<T> task) {
        turn.lock();
        try {
            if (connection.isClosed()) {
                throw new CatalogueException(file, "is closed");
            }
            return task.run(connection);
        } catch (SQLException e) {
            throw failed(e);
        } catch (DateTimeException | UnreadableRowException e) {
            throw new CatalogueException(file, "holds a row that cannot be read (" + e.getMessage() + ")", e);
        } finally {
            turn.unlock();
        }
    }

    /** Runs all of it or nothing, with nobody else writing from its first statement on. */
    <T> T transact(Task<T> task) {
        return run(it -> transact(it, task));
    }

    static <T> T transact(Connection connection, Task<T> task) throws SQLException {
        return transact(connection, "BEGIN IMMEDIATE", task);
    }

    /** All that the task reads is of one moment, whatever other processes write meanwhile. */
    static <T> T readAtOneMoment(Connection connection, Task<T> task) throws SQLException {
        return transact(connection, "BEGIN DEFERRED", task);
    }

    private static <T> T transact(Connection connection, String begin, Task<T> task) throws SQLException {
        Sql.execute(connection, begin);
        try {
            T answer = task.run(connection);
            Sql.execute(connection, "COMMIT");
            return answer;
        } catch (SQLException | RuntimeException e) {
            rollBackAfter(e, connection);
            throw e;
        }
    }

    private static void rollBackAfter(Exception failure, Connection connection) {
        try {
            Sql.execute(connection, "ROLLBACK");
        } catch (SQLException e) {
            // Some failures, a full disk for one, have rolled back already; then this one only says so.
            failure.addSuppressed(e);
        }
    }

    @Override
    public void close() {
        turn.lock();
        try {
            connection.close();
        } catch (SQLException e) {
            throw translated(file, e);
        } finally {
            turn.unlock();
        }
    }

    /** Closes on the way out with {@code failure}, which stays the one that is told. */
    void closeAfter(RuntimeException failure) {
        try {
            close();
        } catch (CatalogueException e) {
            failure.addSuppressed(e);
        }
    }

    /** A full disk is a problem that a caller can solve; anything else needs the person who runs the server. */
    private RuntimeException failed(SQLException e) {
        return FullDisk.problem(file, e)
                .<RuntimeException>map(it -> new ProblemException(it, e))
                .orElseGet(() -> translated(file, e));
    }

    /** Says for a person what SQLite said. */
    static CatalogueException translated(Path file, SQLException e) {
        int primary = e.getErrorCode() & 0xff;
        if (primary == SQLiteErrorCode.SQLITE_NOTADB.code) {
            return new CatalogueException(file, "is not a SQLite database", e);
        }
        if (primary == SQLiteErrorCode.SQLITE_CORRUPT.code) {
            return new CatalogueException(file, DAMAGED + " (" + e.getMessage() + ")", e);
        }
        if (primary == SQLiteErrorCode.SQLITE_BUSY.code) {
            return new CatalogueException(file, "is locked by another process (" + e.getMessage() + ")", e);
        }
        if (primary == SQLiteErrorCode.SQLITE_CANTOPEN.code) {
            return new CatalogueException(file, "cannot be opened (" + e.getMessage() + ")", e);
        }
        return new CatalogueException(file, "cannot be read or written (" + e.getMessage() + ")", e);
    }
}
