package dev.holdfast.sqlite.dump;

import dev.holdfast.application.archive.DatabaseConverter.UnfitException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.Charset;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A row of sqlite_schema, but for where its pages lie.
 *
 * @param sql null for the index that a constraint brings along
 */
record SchemaRow(
        Kind kind,
        String type,
        String name,
        String table,
        @Nullable String sql) {
    /** In the order in which they are made; {@code step} is what dumps are sorted by, as VACUUM does. */
    enum Kind {
        TABLE(0),
        AUTOMATIC_INDEX(0),
        INTERNAL_TABLE(1),
        INDEX(2),
        VIEW(3),
        TRIGGER(3),
        VIRTUAL_TABLE(3);

        final int step;

        Kind(int step) {
            this.step = step;
        }
    }

    /** What SQLite makes for itself, and how it writes them. */
    private static final Set<String> INTERNAL = Set.of(
            "CREATE TABLE sqlite_sequence(name,seq)",
            "CREATE TABLE sqlite_stat1(tbl,idx,stat)",
            "CREATE TABLE sqlite_stat2(tbl,idx,sampleno,sample)",
            "CREATE TABLE sqlite_stat3(tbl,idx,neq,nlt,ndlt,sample)",
            "CREATE TABLE sqlite_stat4(tbl,idx,neq,nlt,ndlt,sample)");

    private static final Comparator<SchemaRow> ORDER = Comparator.<SchemaRow>comparingInt(row -> row.kind.step)
            .thenComparing(row -> row.kind == Kind.INTERNAL_TABLE ? row.name : "");

    static SchemaRow of(String type, String name, String table, @Nullable String sql) throws UnfitException {
        return new SchemaRow(kind(type, name, sql), type, name, table, sql);
    }

    private static Kind kind(String type, String name, @Nullable String sql) throws UnfitException {
        if (sql == null) {
            if ("index".equals(type) && name.startsWith("sqlite_autoindex_")) {
                return Kind.AUTOMATIC_INDEX;
            }
        } else if (name.startsWith("sqlite_")) {
            if ("table".equals(type) && INTERNAL.contains(sql) && sql.startsWith("CREATE TABLE " + name + "(")) {
                return Kind.INTERNAL_TABLE;
            }
        } else if ("table".equals(type) && sql.startsWith("CREATE TABLE ")) {
            return Kind.TABLE;
        } else if ("table".equals(type) && sql.startsWith("CREATE VIRTUAL TABLE ")) {
            return Kind.VIRTUAL_TABLE;
        } else if ("index".equals(type)
                && (sql.startsWith("CREATE INDEX ") || sql.startsWith("CREATE UNIQUE INDEX "))) {
            return Kind.INDEX;
        } else if ("view".equals(type) && sql.startsWith("CREATE VIEW ")) {
            return Kind.VIEW;
        } else if ("trigger".equals(type) && sql.startsWith("CREATE TRIGGER ")) {
            return Kind.TRIGGER;
        }
        throw new UnfitException(
                "The schema's entry " + ContentErrors.shortened(name) + " is not as SQLite writes it.");
    }

    /** All of them in a dump's order. */
    static List<SchemaRow> allOf(Connection connection, Charset charset) throws SQLException, UnfitException {
        List<SchemaRow> all = new ArrayList<>();
        long text = 0;
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("SELECT CAST(type AS BLOB), CAST(name AS BLOB),"
                        + " CAST(tbl_name AS BLOB), CAST(sql AS BLOB) FROM main.sqlite_schema ORDER BY rowid")) {
            while (rows.next()) {
                byte[] sql = rows.getBytes(4);
                SchemaRow row = of(
                        text(rows.getBytes(1), charset),
                        text(rows.getBytes(2), charset),
                        text(rows.getBytes(3), charset),
                        sql == null ? null : text(sql, charset));
                text += row.length();
                all.add(row);
                requireFew(all.size(), text);
            }
        }
        all.sort(ORDER);
        return all;
    }

    static void requireOrdered(List<SchemaRow> rows) throws UnfitException {
        List<SchemaRow> ordered = new ArrayList<>(rows);
        ordered.sort(ORDER);
        if (!ordered.equals(rows)) {
            throw new UnfitException("Its schema is not in a dump's order.");
        }
    }

    static void requireFew(int rows, long text) throws UnfitException {
        if (rows > DumpFormat.MOST_SCHEMA_ROWS || text > DumpFormat.MOST_SCHEMA_TEXT) {
            throw new UnfitException("Its schema is larger than " + DumpFormat.MOST_SCHEMA_ROWS + " entries or "
                    + DumpFormat.MOST_SCHEMA_TEXT + " characters, the limits of a dump.");
        }
    }

    int length() throws UnfitException {
        int length = sql == null ? 0 : sql.length();
        if (length > DumpFormat.MOST_STATEMENT_TEXT) {
            throw new UnfitException("The statement of the schema's entry " + ContentErrors.shortened(name)
                    + " is longer than " + DumpFormat.MOST_STATEMENT_TEXT + " characters, the limit of a dump.");
        }
        return length + type.length() + name.length() + table.length();
    }

    private static String text(byte @Nullable [] bytes, Charset charset) throws UnfitException {
        try {
            if (bytes != null) {
                return charset.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
            }
        } catch (CharacterCodingException e) {
            throw new UnfitException("The schema has a name or statement that is no valid text.", e);
        }
        throw new UnfitException("The schema has an entry without a name.");
    }
}
