package dev.holdfast.sqlite.io;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Locale;
import java.util.Properties;
import org.sqlite.SQLiteConfig;
import org.sqlite.SQLiteConnection;
import org.sqlite.SQLiteLimits;

/** How the engine opens a file with SQLite: by URI, so that nothing is created by mistake. */
public final class Connections {
    /** {@code SQLITE_OPEN_NOFOLLOW}, which the driver has no name for. */
    private static final int NO_FOLLOW = 0x01000000;

    private Connections() {}

    /** The file as SQLite's URI, with {@code parameters} such as {@code mode=ro}. */
    public static String uri(Path file, String parameters) {
        StringBuilder uri = new StringBuilder("file:");
        for (byte b : file.toAbsolutePath().toString().getBytes(UTF_8)) {
            char c = (char) (b & 0xff);
            boolean plain = (c < 0x80 && Character.isLetterOrDigit(c)) || "/._-".indexOf(c) >= 0;
            uri.append(plain ? String.valueOf(c) : String.format(Locale.ROOT, "%%%02X", (int) c));
        }
        return uri.append('?').append(parameters).toString();
    }

    /**
     * Takes the file as hostile: no schema function, no mapped memory, every cell's size checked. See {@code
     * docs/internals/checks.md#hostile-files}.
     *
     * @param busyMillis how long one statement waits for a lock
     */
    public static Connection open(Path file, String parameters, int busyMillis) throws SQLException {
        return open(uri(file, parameters), busyMillis);
    }

    /** As {@link #open}; SQLite refuses a path with a link in it. */
    public static Connection openWithoutLinks(Path file, String parameters, int busyMillis) throws SQLException {
        var properties = new Properties();
        properties.setProperty(
                SQLiteConfig.Pragma.OPEN_MODE.pragmaName,
                Integer.toString(new SQLiteConfig().getOpenModeFlags() | NO_FOLLOW));
        return open(uri(file, parameters), busyMillis, new SQLiteConfig(properties));
    }

    /** A database of its own, gone when closed. */
    public static Connection inMemory() throws SQLException {
        return open(":memory:", 0);
    }

    private static Connection open(String name, int busyMillis) throws SQLException {
        return open(name, busyMillis, new SQLiteConfig());
    }

    private static Connection open(String name, int busyMillis, SQLiteConfig config) throws SQLException {
        config.setBusyTimeout(busyMillis);
        config.enableLoadExtension(false);
        Connection connection = config.createConnection("jdbc:sqlite:" + name);
        try {
            execute(connection, "PRAGMA trusted_schema=off");
            execute(connection, "PRAGMA cell_size_check=on");
            execute(connection, "PRAGMA mmap_size=0");
            return connection;
        } catch (SQLException e) {
            connection.close();
            throw e;
        }
    }

    public static void limit(Connection connection, SQLiteLimits limit, int most) throws SQLException {
        ((SQLiteConnection) connection).setLimit(limit, most);
    }

    public static void execute(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    /** {@code name} as SQL names it, whatever it is made of. */
    public static String quoted(String name) {
        return '"' + name.replace("\"", "\"\"") + '"';
    }

    /** The first column of the first row; empty text if there is none. */
    public static String ask(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(sql)) {
            String answer = rows.next() ? rows.getString(1) : null;
            return answer == null ? "" : answer;
        }
    }
}
