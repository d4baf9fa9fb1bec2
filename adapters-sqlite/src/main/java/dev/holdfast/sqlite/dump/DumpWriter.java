package dev.holdfast.sqlite.dump;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.io.SerializedString;
import dev.holdfast.application.archive.DatabaseConverter.UnfitException;
import dev.holdfast.application.operation.ProgressMonitor;
import dev.holdfast.sqlite.dump.TableShape.Column;
import dev.holdfast.sqlite.file.SqliteErrors;
import dev.holdfast.sqlite.io.Cancellation;
import dev.holdfast.sqlite.io.Connections;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.sqlite.ProgressHandler;
import org.sqlite.SQLiteErrorCode;
import org.sqlite.SQLiteLimits;

/** Writes what {@link DumpFormat} describes; holds one value at a time. */
final class DumpWriter {
    private static final int ROWS_BETWEEN_LOOKS = 256;

    /** What SQLite stores before a row's values. */
    private static final int HEAD_OF_A_ROW = 1 << 20;

    private final JsonGenerator json;
    private final Charset charset;
    private final Cancellation cancellation;
    private final ProgressMonitor work;
    private boolean first = true;

    private DumpWriter(JsonGenerator json, Charset charset, Cancellation cancellation, ProgressMonitor work) {
        this.cancellation = cancellation;
        this.json = json;
        this.charset = charset;
        this.work = work;
    }

    /** @throws UncheckedIOException if {@code out} cannot be written */
    static void write(Path database, OutputStream out, ProgressMonitor work) throws UnfitException {
        work.checkCancelled();
        Cancellation cancellation = new Cancellation(work);
        try {
            requireAlone(database);
            Checkpointer.requireWhole(database);
            try (Connection connection = Connections.open(database, "mode=ro&immutable=1", 0)) {
                Connections.limit(connection, SQLiteLimits.SQLITE_LIMIT_ATTACHED, 0);
                Connections.limit(connection, SQLiteLimits.SQLITE_LIMIT_WORKER_THREADS, 0);
                Connections.limit(
                        connection, SQLiteLimits.SQLITE_LIMIT_LENGTH, DumpFormat.MOST_BYTES_OF_A_ROW + HEAD_OF_A_ROW);
                cancellation.watch(connection);
                try {
                    write(connection, new ProgressStreams.Output(out, work), cancellation, work);
                } finally {
                    ProgressHandler.clearHandler(connection);
                }
            }
        } catch (SQLException e) {
            throw ContentErrors.because(e, database, cancellation);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void requireAlone(Path database) throws IOException, UnfitException {
        for (String suffix : List.of("-wal", "-journal")) {
            Path log = Checkpointer.beside(database, suffix);
            if (Files.exists(log) && Files.size(log) > 0) {
                throw new UnfitException("A log lies beside it that was not brought into it: " + log.getFileName());
            }
        }
    }

    private static void write(
            Connection connection, ProgressStreams.Output out, Cancellation cancellation, ProgressMonitor work)
            throws SQLException, IOException, UnfitException {
        DumpedPragmas pragmas = DumpedPragmas.of(connection);
        List<SchemaRow> schema = SchemaRow.allOf(connection, pragmas.charset());
        List<TableShape> tables = SchemaBuilder.rehearse(pragmas, schema, cancellation);
        try (JsonGenerator json = DumpFormat.json().createGenerator(out)) {
            DumpWriter writer = new DumpWriter(json, pragmas.charset(), cancellation, work);
            json.writeRaw('[');
            writer.writePragmas(pragmas);
            writer.writeSchema(schema);
            for (TableShape table : tables) {
                writer.writeRows(connection, table);
            }
            json.writeRaw("\n]\n");
        }
        out.report();
    }

    private void begin(String model) throws IOException {
        json.writeRaw(first ? "\n" : ",\n");
        first = false;
        json.writeStartObject();
        json.writeStringField(DumpFormat.MODEL, model);
    }

    private void writePragmas(DumpedPragmas pragmas) throws IOException {
        List<Object> values = pragmas.values();
        for (int at = 0; at < values.size(); at++) {
            begin(DumpFormat.PRAGMA);
            json.writeStringField(DumpFormat.PK, DumpedPragmas.NAMES.get(at));
            json.writeObjectFieldStart(DumpFormat.FIELDS);
            json.writeFieldName(DumpFormat.VALUE);
            Values.write(json, values.get(at));
            json.writeEndObject();
            json.writeEndObject();
        }
    }

    private void writeSchema(List<SchemaRow> schema) throws IOException {
        int number = 0;
        for (SchemaRow row : schema) {
            begin(DumpFormat.SCHEMA);
            json.writeNumberField(DumpFormat.PK, ++number);
            json.writeObjectFieldStart(DumpFormat.FIELDS);
            json.writeStringField("type", row.type());
            json.writeStringField("name", row.name());
            json.writeStringField("tbl_name", row.table());
            json.writeFieldName("sql");
            Values.write(json, row.sql());
            json.writeEndObject();
            json.writeEndObject();
        }
    }

    private void writeRows(Connection connection, TableShape table) throws SQLException, IOException, UnfitException {
        boolean asBytes = !charset.equals(StandardCharsets.UTF_8);
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(asBytes ? table.selectBytes() : table.select())) {
            Rows written = new Rows(rows, table, asBytes);
            for (int number = 1; rows.next(); number++) {
                written.write();
                if (number % ROWS_BETWEEN_LOOKS == 0) {
                    work.checkCancelled();
                }
            }
        } catch (SQLException e) {
            throw SqliteErrors.primaryCode(e) == SQLiteErrorCode.SQLITE_CORRUPT
                    ? e
                    : ContentErrors.at(rowOf(table), e, cancellation);
        }
    }

    private static String rowOf(TableShape table) {
        return "A row of the table " + ContentErrors.shortened(table.name());
    }

    /** The row that the cursor of one table's query stands at. */
    private final class Rows {
        private final ResultSet rows;
        private final TableShape table;
        private final boolean asBytes;
        private final List<Column> columns;
        private final List<SerializedString> names;
        private long size;

        Rows(ResultSet rows, TableShape table, boolean asBytes) {
            this.rows = rows;
            this.table = table;
            this.asBytes = asBytes;
            this.columns = table.columns();
            this.names = table.fields().stream()
                    .map(column -> new SerializedString(column.name()))
                    .toList();
        }

        void write() throws SQLException, IOException, UnfitException {
            size = 0;
            begin(table.model());
            json.writeFieldName(DumpFormat.PK);
            int at = table.rowid() == null ? 0 : 1;
            switch (table.key().size()) {
                case 0 -> writeRowid();
                case 1 -> writeValue(at++);
                default -> {
                    json.writeStartArray();
                    for (int part = 0; part < table.key().size(); part++) {
                        writeValue(at++);
                    }
                    json.writeEndArray();
                }
            }
            if (table.rowidBesideKey()) {
                json.writeFieldName(DumpFormat.ROWID);
                writeValue(0);
            }
            json.writeObjectFieldStart(DumpFormat.FIELDS);
            for (SerializedString name : names) {
                json.writeFieldName(name);
                writeValue(at++);
            }
            json.writeEndObject();
            json.writeEndObject();
        }

        private void writeRowid() throws SQLException, IOException, UnfitException {
            if (table.rowid() == null) {
                json.writeNull();
            } else {
                writeValue(0);
            }
        }

        private void writeValue(int at) throws SQLException, IOException, UnfitException {
            Object value = value(at);
            size += Values.size(value);
            if (size > DumpFormat.MOST_BYTES_OF_A_ROW) {
                throw new UnfitException(ContentErrors.tooLarge(rowOf(table)));
            }
            if (!columns.get(at).affinity().keeps(value)) {
                throw new UnfitException("The column "
                        + ContentErrors.shortened(columns.get(at).name()) + " of the table "
                        + ContentErrors.shortened(table.name()) + " has a value that cannot be stored there again.");
            }
            Values.write(json, value);
        }

        private @Nullable Object value(int at) throws SQLException, UnfitException {
            Object value = rows.getObject(at + 1);
            if (asBytes) {
                return value instanceof byte[] bytes && rows.getBoolean(columns.size() + at + 1) ? text(bytes) : value;
            }
            // Either the text has this character, or its bytes are not valid and the driver has put it there.
            boolean doubtful = value instanceof String text && text.indexOf('\uFFFD') >= 0;
            return doubtful ? text(rows.getBytes(at + 1)) : value;
        }

        private Object text(byte[] bytes) throws UnfitException {
            try {
                return charset.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
            } catch (CharacterCodingException e) {
                if (asBytes && bytes.length % 2 != 0) {
                    throw new UnfitException(
                            "The table " + ContentErrors.shortened(table.name()) + " has a text of half a character.");
                }
                return new RawText(bytes);
            }
        }
    }
}
