package dev.holdfast.sqlite;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.application.archive.DatabaseConverter;
import dev.holdfast.application.operation.ProgressMonitor;
import dev.holdfast.sqlite.dump.SqliteDatabaseConverter;
import dev.holdfast.sqlite.io.Connections;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;

/** Dumps and loads in a test's own directory, and compares what comes of it without the code under test. */
public record Forms(Path root) {
    private static final DatabaseConverter FORMS = new SqliteDatabaseConverter();

    public Path dump(Path database, String name) throws Exception {
        Path dump = root.resolve(name);
        try (OutputStream out = Files.newOutputStream(dump)) {
            FORMS.dump(database, out, ProgressMonitor.UNWATCHED);
        }
        return dump;
    }

    public String dumped(Path database) throws Exception {
        return Files.readString(dump(database, "dumped.json"));
    }

    public void load(Path dump, Path database) throws Exception {
        try (InputStream in = Files.newInputStream(dump)) {
            FORMS.load(in, database, ProgressMonitor.UNWATCHED);
        }
    }

    public void load(String dump, Path database) throws Exception {
        FORMS.load(new ByteArrayInputStream(dump.getBytes(UTF_8)), database, ProgressMonitor.UNWATCHED);
    }

    /** There and back; returns the second database. */
    public Path assertRoundTrip(Path database) throws Exception {
        Path again = root.resolve("again.db");
        Files.deleteIfExists(again);
        Path first = dump(database, "first.json");
        load(first, again);
        assertThat(dump(again, "second.json")).hasSameBinaryContentAs(first);
        assertThat(Shell.run(again, "PRAGMA integrity_check")).isEqualTo("ok\n");
        assertThat(Shell.run(again, ".sha3sum --schema")).isEqualTo(Shell.run(database, ".sha3sum --schema"));
        assertThat(facts(again)).isEqualTo(facts(database));
        return again;
    }

    /** Every value with its type, every rowid, every entry of the schema, as SQLite itself says it. */
    static List<String> facts(Path database) throws Exception {
        List<String> facts = new ArrayList<>();
        try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + database);
                Statement statement = connection.createStatement()) {
            for (String pragma : List.of("page_size", "encoding", "auto_vacuum", "user_version", "application_id")) {
                facts.add(pragma + "=" + Connections.ask(connection, "PRAGMA " + pragma));
            }
            List<String> tables = new ArrayList<>();
            try (ResultSet rows = statement.executeQuery(
                    "SELECT type || char(9) || name || char(9) || tbl_name || char(9) || coalesce(sql, '-'), name,"
                            + " type = 'table' AND rootpage > 0 FROM sqlite_schema ORDER BY type, name")) {
                while (rows.next()) {
                    facts.add(rows.getString(1));
                    if (rows.getBoolean(3)) {
                        tables.add(rows.getString(2));
                    }
                }
            }
            for (String table : tables) {
                rows(statement, table, facts);
            }
        }
        return facts;
    }

    private static void rows(Statement statement, String table, List<String> facts) throws Exception {
        List<String> columns = new ArrayList<>();
        boolean rowid;
        try (ResultSet rows = statement.executeQuery("PRAGMA table_list(" + Connections.quoted(table) + ")")) {
            rowid = rows.next() && !rows.getBoolean("wr");
        }
        try (ResultSet rows = statement.executeQuery("PRAGMA table_xinfo(" + Connections.quoted(table) + ")")) {
            while (rows.next()) {
                String name = "t." + Connections.quoted(rows.getString("name"));
                columns.add("typeof(" + name + ") || '=' || CASE typeof(" + name
                        + ") WHEN 'real' THEN printf('%!.20g', " + name + ") ELSE hex(CAST(" + name + " AS BLOB)) END");
                rowid &= !rows.getString("name").equalsIgnoreCase("_rowid_");
            }
        }
        if (rowid) {
            columns.add("t._rowid_");
        }
        try (ResultSet rows = statement.executeQuery(
                "SELECT " + String.join(" || ' ' || ", columns) + " FROM " + Connections.quoted(table) + " AS t")) {
            while (rows.next()) {
                facts.add(table + ": " + rows.getString(1));
            }
        }
    }
}
