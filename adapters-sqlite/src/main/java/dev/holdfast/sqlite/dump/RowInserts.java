package dev.holdfast.sqlite.dump;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Types;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Puts rows into one table. */
final class RowInserts implements AutoCloseable {
    private final Connection connection;
    private final TableShape table;
    private final PreparedStatement plain;

    RowInserts(Connection connection, TableShape table) throws SQLException {
        this.connection = connection;
        this.table = table;
        this.plain = connection.prepareStatement(table.insert(at -> false));
    }

    /** @param row as {@link TableShape} orders its values */
    void insert(List<@Nullable Object> row) throws SQLException {
        if (row.stream().noneMatch(RawText.class::isInstance)) {
            insert(plain, row);
            return;
        }
        try (PreparedStatement cast = connection.prepareStatement(table.insert(at -> row.get(at) instanceof RawText))) {
            insert(cast, row);
        }
    }

    private static void insert(PreparedStatement statement, List<@Nullable Object> row) throws SQLException {
        for (int at = 0; at < row.size(); at++) {
            switch (row.get(at)) {
                case null -> statement.setNull(at + 1, Types.NULL);
                case Long number -> statement.setLong(at + 1, number);
                case Double real -> statement.setDouble(at + 1, real);
                case String text -> statement.setString(at + 1, text);
                case RawText(byte[] bytes) -> statement.setBytes(at + 1, bytes);
                case byte[] bytes -> statement.setBytes(at + 1, bytes);
                default -> throw new IllegalArgumentException("a value of " + row.get(at));
            }
        }
        statement.executeUpdate();
    }

    @Override
    public void close() throws SQLException {
        plain.close();
    }
}
