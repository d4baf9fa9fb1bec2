package dev.holdfast.sqlite.dump;

import dev.holdfast.application.archive.DatabaseConverter.UnfitException;
import dev.holdfast.sqlite.check.StubFunctions;
import dev.holdfast.sqlite.dump.SchemaRow.Kind;
import dev.holdfast.sqlite.file.SqliteErrors;
import dev.holdfast.sqlite.io.Cancellation;
import dev.holdfast.sqlite.io.Connections;
import java.nio.charset.Charset;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.sqlite.ProgressHandler;

/**
 * Makes a dumped schema in a new database: the tables, and when they have their rows, the rest. Statements are run only if
 * SQLite would write them into the schema exactly as they stand, so that nothing follows them and nothing is selected.
 */
final class SchemaBuilder {
    /** For one statement, in SQLite's instructions; it looks through the whole schema once or twice. */
    private static final long MOST_INSTRUCTIONS = 20_000_000;

    private final Connection connection;
    private final List<SchemaRow> schema;
    private final Cancellation cancellation;

    /** The one that is being made. */
    private @Nullable SchemaRow entry;

    SchemaBuilder(Connection connection, List<SchemaRow> schema, Cancellation cancellation) {
        this.connection = connection;
        this.schema = schema;
        this.cancellation = cancellation;
    }

    /**
     * Sees before anything is dumped whether the schema can be made again.
     *
     * @return the tables
     */
    static List<TableShape> rehearse(DumpedPragmas pragmas, List<SchemaRow> schema, Cancellation cancellation)
            throws SQLException, UnfitException {
        try (Connection connection = Connections.inMemory()) {
            cancellation.watch(connection);
            try {
                Connections.execute(connection, "PRAGMA page_size=512");
                Connections.execute(connection, "PRAGMA encoding='" + pragmas.encoding() + "'");
                return rehearse(new SchemaBuilder(connection, schema, cancellation), pragmas.charset());
            } finally {
                ProgressHandler.clearHandler(connection);
            }
        }
    }

    private static List<TableShape> rehearse(SchemaBuilder builder, Charset charset)
            throws SQLException, UnfitException {
        try {
            List<TableShape> tables = builder.makeTables();
            builder.makeRest();
            builder.requireMade(charset);
            return tables;
        } catch (SQLException e) {
            String entry = builder.entry == null
                    ? "The schema"
                    : "The schema's entry " + ContentErrors.shortened(builder.entry.name());
            throw ContentErrors.at(entry, e, builder.cancellation);
        }
    }

    /** @return in the order of the schema */
    List<TableShape> makeTables() throws SQLException, UnfitException {
        if (schema.isEmpty()) {
            // Else the file would not keep its encoding.
            Connections.execute(connection, "CREATE TABLE t(x)");
            Connections.execute(connection, "DROP TABLE t");
        }
        cancellation.allow(MOST_INSTRUCTIONS);
        // Before any table with AUTOINCREMENT, which would make sqlite_sequence itself.
        Connections.execute(connection, "PRAGMA writable_schema=on");
        for (SchemaRow row : schema) {
            if (row.kind() == Kind.INTERNAL_TABLE) {
                Connections.execute(connection, String.valueOf(row.sql()));
            }
        }
        Connections.execute(connection, "PRAGMA writable_schema=off");
        StubFunctions standIns = new StubFunctions();
        for (SchemaRow row : schema) {
            if (row.kind() == Kind.TABLE) {
                make(row, standIns);
            }
        }
        standIns.removeFrom(connection);
        Connections.execute(connection, "PRAGMA ignore_check_constraints=on");
        cancellation.allowAny();
        return shapes();
    }

    private List<TableShape> shapes() throws SQLException, UnfitException {
        List<TableShape> tables = new ArrayList<>();
        for (SchemaRow row : schema) {
            if (row.kind() == Kind.TABLE || row.kind() == Kind.INTERNAL_TABLE) {
                TableShape table = TableShape.of(connection, row.name());
                try (PreparedStatement insert = connection.prepareStatement(table.insert(at -> false))) {
                    insert.clearParameters();
                } catch (SQLException e) {
                    throw missing(row, e);
                }
                tables.add(table);
            }
        }
        return tables;
    }

    /** Indexes, views and triggers; to be called when all rows are there. */
    void makeRest() throws SQLException, UnfitException {
        for (SchemaRow row : schema) {
            switch (row.kind()) {
                case TABLE, INTERNAL_TABLE, AUTOMATIC_INDEX -> {}
                case INDEX -> make(row, null);
                case VIEW, TRIGGER -> {
                    cancellation.allow(MOST_INSTRUCTIONS);
                    make(row, null);
                    cancellation.allowAny();
                }
                case VIRTUAL_TABLE -> note(row);
            }
        }
    }

    /** A virtual table's own tables are ordinary ones, and dumped; what remains of it is its entry. */
    private void note(SchemaRow row) throws SQLException, UnfitException {
        entry = row;
        requireVerbatim(row);
        Connections.execute(connection, "PRAGMA writable_schema=on");
        try (PreparedStatement insert = connection.prepareStatement(
                "INSERT INTO main.sqlite_schema(type, name, tbl_name, rootpage, sql) VALUES ('table', ?, ?, 0, ?)")) {
            insert.setString(1, row.name());
            insert.setString(2, row.table());
            insert.setString(3, row.sql());
            insert.executeUpdate();
        }
        Connections.execute(connection, "PRAGMA writable_schema=off");
    }

    private void make(SchemaRow row, @Nullable StubFunctions standIns) throws SQLException, UnfitException {
        entry = row;
        while (true) {
            try {
                requireVerbatim(row);
                Connections.execute(connection, String.valueOf(row.sql()));
                return;
            } catch (SQLException e) {
                if (standIns == null || !standIns.learn(e)) {
                    throw missing(row, e);
                }
                standIns.installIn(connection);
            }
        }
    }

    /** What a stand-in decides about would not be what the application expects. */
    private static UnfitException missing(SchemaRow row, SQLException failure) throws SQLException {
        if (new StubFunctions().learn(failure)) {
            return new UnfitException(
                    "Keys, indexes or generated columns need what only their application has, so that nobody else can make them: "
                            + ContentErrors.shortened(row.name()) + ": "
                            + ContentErrors.shortened(SqliteErrors.words(failure))
                            + ".",
                    failure);
        }
        throw failure;
    }

    private void requireVerbatim(SchemaRow row) throws SQLException, UnfitException {
        try (Statement statement = connection.createStatement();
                ResultSet program = statement.executeQuery("EXPLAIN " + row.sql())) {
            while (program.next()) {
                if (String.valueOf(row.sql()).equals(program.getString("p4"))) {
                    return;
                }
            }
        }
        throw notVerbatim(row.name());
    }

    private static UnfitException notVerbatim(String name) {
        return new UnfitException("SQLite would not write the schema's entry " + ContentErrors.shortened(name)
                + " as it stands, so that it cannot be dumped or loaded.");
    }

    void requireMade(Charset charset) throws SQLException, UnfitException {
        List<SchemaRow> made = SchemaRow.allOf(connection, charset);
        if (!made.equals(schema)) {
            for (SchemaRow row : schema) {
                if (!made.contains(row)) {
                    throw notVerbatim(row.name());
                }
            }
            throw new UnfitException("Its schema is not complete, or names something twice.");
        }
    }
}
