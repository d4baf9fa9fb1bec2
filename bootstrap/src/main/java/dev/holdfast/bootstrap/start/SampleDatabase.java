package dev.holdfast.bootstrap.start;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.stream.Stream;

/** A small database to try the server with, where there is none yet. */
public final class SampleDatabase {
    private SampleDatabase() {}

    /**
     * @return whether one was made; false where something is there already, be it only the journal or log of a database
     *     that is gone, or a restore that a killed server did not finish: SQLite would mix those into the sample. See
     *     {@code docs/internals/restore.md#journals-of-another-database}
     */
    public static boolean makeIfMissing(Path file) {
        if (isSomethingThere(file)) {
            return false;
        }
        Path directory = file.toAbsolutePath().getParent();
        try {
            if (directory != null) {
                Files.createDirectories(directory);
            }
            // Under a name of its own, so that a start that is cut off leaves no half of a database behind.
            Path unfinished = Files.createTempFile(file.toAbsolutePath().getParent(), ".holdfast-sample", ".db");
            try {
                fill(unfinished);
                Files.createLink(file, unfinished);
            } finally {
                Files.deleteIfExists(unfinished);
            }
            return true;
        } catch (IOException | SQLException e) {
            throw new StartupException("holdfast.databases.default.file: " + file
                    + " (expected: a SQLite file, or a place where a sample can be made; " + e.getMessage() + ")");
        }
    }

    private static boolean isSomethingThere(Path file) {
        return Stream.of("", "-wal", "-journal", "-shm")
                        .anyMatch(it ->
                                Files.exists(file.resolveSibling(file.getFileName() + it), LinkOption.NOFOLLOW_LINKS))
                || Files.exists(file.resolveSibling(".holdfast-" + file.getFileName() + ".restoring"));
    }

    private static void fill(Path file) throws SQLException {
        try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + file);
                Statement statement = connection.createStatement()) {
            statement.execute("CREATE TABLE note (id INTEGER PRIMARY KEY, text TEXT NOT NULL)");
            statement.execute("""
                    INSERT INTO note (text) VALUES
                      ('This is a sample database.'),
                      ('Back it up, change it, restore it.')
                    """);
        }
    }
}
