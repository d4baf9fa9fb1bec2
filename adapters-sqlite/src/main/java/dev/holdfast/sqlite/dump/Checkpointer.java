package dev.holdfast.sqlite.dump;

import dev.holdfast.application.archive.DatabaseConverter.UnfitException;
import dev.holdfast.application.operation.ProgressMonitor;
import dev.holdfast.sqlite.file.SqliteErrors;
import dev.holdfast.sqlite.io.Cancellation;
import dev.holdfast.sqlite.io.Connections;
import dev.holdfast.sqlite.io.DatabaseHeader;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import org.sqlite.SQLiteLimits;

/** Lets SQLite recover a log in a private directory. */
final class Checkpointer {
    private Checkpointer() {}

    static void into(Path database, ProgressMonitor work) throws UnfitException {
        work.checkCancelled();
        try {
            if (Files.exists(beside(database, "-journal"), LinkOption.NOFOLLOW_LINKS)) {
                // SQLite would follow it to files elsewhere and delete them.
                throw new UnfitException("It has a rollback journal beside it; expected at most a write-ahead log.");
            }
            Files.deleteIfExists(beside(database, "-shm"));
            requireDatabase(database);
            Path log = beside(database, "-wal");
            if (Files.exists(log, LinkOption.NOFOLLOW_LINKS)) {
                if (!Files.isRegularFile(log, LinkOption.NOFOLLOW_LINKS)) {
                    throw new UnfitException("Its write-ahead log is not a file.");
                }
                if (Files.size(log) > 0) {
                    recover(database, work);
                }
                Files.deleteIfExists(log);
            }
            requireWhole(database);
        } catch (IOException e) {
            throw SqliteErrors.ofScratch(database, e);
        }
    }

    /** In exclusive mode SQLite keeps the log's index in memory, and no other file appears. */
    private static void recover(Path database, ProgressMonitor work) throws UnfitException {
        Cancellation cancellation = new Cancellation(work);
        try (Connection connection = Connections.open(database, "mode=rw", 0)) {
            Connections.limit(connection, SQLiteLimits.SQLITE_LIMIT_ATTACHED, 0);
            Connections.limit(connection, SQLiteLimits.SQLITE_LIMIT_WORKER_THREADS, 0);
            Connections.execute(connection, "PRAGMA locking_mode=exclusive");
            Connections.ask(connection, "PRAGMA user_version");
            work.checkCancelled();
            try (Statement statement = connection.createStatement();
                    ResultSet rows = statement.executeQuery("PRAGMA wal_checkpoint(TRUNCATE)")) {
                if (!rows.next() || rows.getInt(1) != 0 || rows.getInt(2) != rows.getInt(3)) {
                    throw new UnfitException("SQLite could not bring its write-ahead log into it.");
                }
            }
        } catch (SQLException e) {
            throw ContentErrors.because(e, database, cancellation);
        }
    }

    private static void requireDatabase(Path database) throws IOException, UnfitException {
        try (FileChannel channel = FileChannel.open(database, StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS)) {
            if (DatabaseHeader.of(channel) instanceof DatabaseHeader.Foreign(String why)) {
                throw new UnfitException("This is not a SQLite database: " + why + ".");
            }
        }
    }

    /** @throws UnfitException unless it is a database and has all the pages that it says it has */
    static void requireWhole(Path database) throws IOException, UnfitException {
        requireDatabase(database);
        try (FileChannel channel = FileChannel.open(database, StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS)) {
            if (DatabaseHeader.of(channel) instanceof DatabaseHeader.Sqlite known && known.isCutShort(channel.size())) {
                throw new UnfitException("The file is cut short: it has " + channel.size() + " of "
                        + known.imageSize(channel.size()) + " bytes.");
            }
        }
    }

    static Path beside(Path database, String suffix) {
        return database.resolveSibling(database.getFileName() + suffix);
    }
}
