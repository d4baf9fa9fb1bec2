package dev.holdfast.bootstrap;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;

/** A small database to try the server with, where there is none yet. */
final class SampleDatabase {
    private SampleDatabase() {}

    /** @return whether one was made; false where something is there already */
    static boolean makeIfMissing(Path file) {
        if (Files.exists(file)) {
            return false;
        }
        Path directory = file.toAbsolutePath().getParent();
        try {
            if (directory != null) {
                Files.createDirectories(directory);
            }
            // Under a name of its own, so that a start that is cut off leaves no half of a database behind.
            Path unfinished = file.resolveSibling(file.getFileName() + ".new");
            Files.deleteIfExists(unfinished);
            fill(unfinished);
            Files.move(unfinished, file);
            return true;
        } catch (IOException | SQLException e) {
            throw new StartRefused("holdfast.databases.default.file: " + file
                    + " (expected: a SQLite file, or a place where a sample can be made; " + e.getMessage() + ")");
        }
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
