package dev.holdfast.catalogue;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Single statements, closed on every path. */
final class Sql {
    private Sql() {}

    /** Reads one row. */
    @FunctionalInterface
    interface Row<T> {
        T read(ResultSet row) throws SQLException;
    }

    /** One statement without parameters and without rows. */
    static void execute(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    /** Several statements, one after the other; the driver's {@code executeUpdate} runs them all. */
    static void executeScript(Connection connection, String script) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.executeUpdate(script);
        }
    }

    /** The one value that a PRAGMA or an aggregate answers with. */
    static String text(Connection connection, String sql) throws SQLException {
        return one(connection, row -> row.getString(1), sql).orElseThrow(() -> new SQLException("no row: " + sql));
    }

    static long number(Connection connection, String sql) throws SQLException {
        return one(connection, row -> row.getLong(1), sql).orElseThrow(() -> new SQLException("no row: " + sql));
    }

    /** @return how many rows were changed */
    static int update(Connection connection, String sql, @Nullable Object... values) throws SQLException {
        try (PreparedStatement statement = prepared(connection, sql, values)) {
            return statement.executeUpdate();
        }
    }

    static <T> Optional<T> one(Connection connection, Row<T> reader, String sql, @Nullable Object... values)
            throws SQLException {
        return all(connection, reader, sql, values).stream().findFirst();
    }

    /** All rows at once: the statement says how many there can be. */
    static <T> List<T> all(Connection connection, Row<T> reader, String sql, @Nullable Object... values)
            throws SQLException {
        try (PreparedStatement statement = prepared(connection, sql, values);
                ResultSet rows = statement.executeQuery()) {
            List<T> read = new ArrayList<>();
            while (rows.next()) {
                read.add(reader.read(rows));
            }
            return read;
        }
    }

    private static PreparedStatement prepared(Connection connection, String sql, @Nullable Object... values)
            throws SQLException {
        PreparedStatement statement = connection.prepareStatement(sql);
        try {
            for (int i = 0; i < values.length; i++) {
                statement.setObject(i + 1, values[i]);
            }
            return statement;
        } catch (SQLException e) {
            try (statement) {
                throw e;
            }
        }
    }
}
