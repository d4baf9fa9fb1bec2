package dev.holdfast.endtoend.writers;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.locks.LockSupport;
import org.sqlite.SQLiteErrorCode;

/**
 * A database whose transactions keep what can be checked from outside: the balances' sum never changes, and the counter
 * is the number of entries that were made, of which the newest are kept.
 */
public final class Bank {
    private static final int ACCOUNTS = 100;
    private static final int BALANCE = 1000;
    private static final int MOST_ATTEMPTS = 500_000;

    private Bank() {}

    /** Makes it, for entries that are all kept. Padding brings it to about {@code megabytes}. */
    public static Path create(Path file, String journalMode, int megabytes) throws SQLException {
        return create(file, journalMode, megabytes, Integer.MAX_VALUE);
    }

    /** @param kept how many entries, the newest, stay: the file does not grow for ever, and its pages are used again */
    public static Path create(Path file, String journalMode, int megabytes, int kept) throws SQLException {
        try (Connection connection = open(file, journalMode, 60_000);
                Statement sql = connection.createStatement()) {
            connection.setAutoCommit(false);
            sql.execute("CREATE TABLE account (id INTEGER PRIMARY KEY, balance INTEGER NOT NULL)");
            sql.execute("CREATE TABLE entry (id INTEGER PRIMARY KEY, note TEXT NOT NULL)");
            sql.execute("CREATE INDEX entry_note ON entry (note)");
            sql.execute("CREATE TABLE counter (n INTEGER NOT NULL, kept INTEGER NOT NULL)");
            sql.execute("INSERT INTO counter VALUES (0, " + kept + ")");
            sql.execute("CREATE TABLE padding (data BLOB)");
            sql.execute("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < " + ACCOUNTS
                    + ") INSERT INTO account SELECT i, " + BALANCE + " FROM n");
            sql.execute("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < " + megabytes
                    + ") INSERT INTO padding SELECT randomblob(1 << 20) FROM n LIMIT " + megabytes);
            connection.commit();
        }
        return file;
    }

    public static Connection open(Path file) throws SQLException {
        Connection connection = DriverManager.getConnection("jdbc:sqlite:" + file);
        try (Statement sql = connection.createStatement()) {
            sql.execute("PRAGMA busy_timeout=60000");
        }
        return connection;
    }

    /** Only WAL is kept in the file; any other journal mode is each connection's own. */
    public static Connection open(Path file, String journalMode, int busyMillis) throws SQLException {
        Connection connection = open(file);
        try (Statement sql = connection.createStatement()) {
            sql.execute("PRAGMA journal_mode=" + journalMode);
            sql.execute("PRAGMA busy_timeout=" + busyMillis);
        }
        return connection;
    }

    /** One transaction: money moves, an entry is added, the counter counts it. */
    public static void transact(Connection connection) throws SQLException {
        transact(connection, UUID.randomUUID().toString());
    }

    /** @param note what the entry says; unique */
    public static void transact(Connection connection, String note) throws SQLException {
        var random = ThreadLocalRandom.current();
        int amount = random.nextInt(1, 100);
        try (Statement sql = connection.createStatement()) {
            untilNotBusy(sql, "BEGIN IMMEDIATE");
            sql.execute("UPDATE account SET balance = balance - " + amount + " WHERE id = "
                    + random.nextInt(1, ACCOUNTS + 1));
            sql.execute("UPDATE account SET balance = balance + " + amount + " WHERE id = "
                    + random.nextInt(1, ACCOUNTS + 1));
            sql.execute("INSERT INTO entry (note) VALUES ('" + note + "')");
            sql.execute("UPDATE counter SET n = n + 1");
            sql.execute("DELETE FROM entry WHERE id <= (SELECT n - kept FROM counter)");
            untilNotBusy(sql, "COMMIT");
        }
    }

    /**
     * SQLite's own waiting looks again after up to 100 ms; of several writers without a pause one would then never get
     * its turn.
     */
    private static void untilNotBusy(Statement sql, String statement) throws SQLException {
        for (int attempt = 1; ; attempt++) {
            try {
                sql.execute(statement);
                return;
            } catch (SQLException e) {
                if ((e.getErrorCode() & 0xff) != SQLiteErrorCode.SQLITE_BUSY.code || attempt == MOST_ATTEMPTS) {
                    throw e;
                }
                LockSupport.parkNanos(ThreadLocalRandom.current().nextInt(50_000, 500_000));
            }
        }
    }

    /** Fails unless the file is a whole SQLite database whose invariants hold. @return how many entries were made */
    public static long check(Path file) throws SQLException {
        try (Connection connection = open(file)) {
            assertThat(text(connection, "PRAGMA integrity_check"))
                    .as(file.toString())
                    .isEqualTo("ok");
            assertThat(number(connection, "SELECT sum(balance) FROM account"))
                    .as("sum of balances in %s", file)
                    .isEqualTo((long) ACCOUNTS * BALANCE);
            long made = number(connection, "SELECT n FROM counter");
            assertThat(number(connection, "SELECT count(*) FROM entry"))
                    .as("entries in %s", file)
                    .isEqualTo(Math.min(made, number(connection, "SELECT kept FROM counter")));
            return made;
        }
    }

    public static long entries(Path file) throws SQLException {
        try (Connection connection = open(file)) {
            return number(connection, "SELECT count(*) FROM entry");
        }
    }

    public static List<String> notes(Path file) throws SQLException {
        try (Connection connection = open(file);
                Statement sql = connection.createStatement();
                ResultSet rows = sql.executeQuery("SELECT note FROM entry ORDER BY id")) {
            List<String> notes = new ArrayList<>();
            while (rows.next()) {
                notes.add(rows.getString(1));
            }
            return notes;
        }
    }

    public static long number(Connection connection, String query) throws SQLException {
        return Long.parseLong(text(connection, query));
    }

    public static String text(Connection connection, String query) throws SQLException {
        try (Statement sql = connection.createStatement();
                ResultSet row = sql.executeQuery(query)) {
            return row.next() ? row.getString(1) : "";
        }
    }
}
