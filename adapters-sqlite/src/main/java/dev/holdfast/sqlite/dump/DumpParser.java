package dev.holdfast.sqlite.dump;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import dev.holdfast.application.archive.DatabaseConverter.UnfitException;
import dev.holdfast.sqlite.dump.TableShape.Column;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Takes only what {@link DumpWriter} writes, member by member in its order. */
final class DumpParser implements AutoCloseable {
    private static final String FOREIGN =
            "It does not begin as a dump that Holdfast made. One that Django's dumpdata made has"
                    + " no schema, so that no database can be made of it.";

    private final JsonParser json;
    private final List<@Nullable Object> row = new ArrayList<>();
    private long sizeLeft;

    private DumpParser(JsonParser json) {
        this.json = json;
    }

    static DumpParser of(InputStream in) throws IOException, UnfitException {
        // With these two bytes in front no JSON library takes it for UTF-16 or UTF-32.
        byte[] head = in.readNBytes(2);
        if (head.length < 2 || head[0] != '[' || head[1] != '\n') {
            throw new UnfitException(FOREIGN);
        }
        DumpParser parser = new DumpParser(
                DumpFormat.json().createParser(new SequenceInputStream(new ByteArrayInputStream(head), in)));
        parser.require(JsonToken.START_ARRAY);
        return parser;
    }

    /** The values of {@link DumpedPragmas#NAMES}. */
    List<@Nullable Object> pragmas() throws IOException, UnfitException {
        List<@Nullable Object> values = new ArrayList<>();
        for (String name : DumpedPragmas.NAMES) {
            if (!DumpFormat.PRAGMA.equals(nextModel())) {
                throw new UnfitException(FOREIGN);
            }
            if (!name.equals(text(DumpFormat.PK))) {
                throw new UnfitException("It does not have the pragma " + name + " where it belongs.");
            }
            beginFields();
            values.add(value(DumpFormat.VALUE));
            endFields();
        }
        return values;
    }

    /** @return the model of the first row, null if there is none */
    @Nullable
    String schema(List<SchemaRow> into) throws IOException, UnfitException {
        String model = nextModel();
        long length = 0;
        while (DumpFormat.SCHEMA.equals(model)) {
            if (!Long.valueOf(into.size() + 1).equals(value(DumpFormat.PK))) {
                throw new UnfitException("The entries of its schema are not numbered.");
            }
            beginFields();
            String type = text("type");
            String name = text("name");
            String table = text("tbl_name");
            Object sql = value("sql");
            endFields();
            if (sql != null && !(sql instanceof String)) {
                throw new UnfitException("Its schema has a statement that is no text.");
            }
            SchemaRow read = SchemaRow.of(type, name, table, (String) sql);
            into.add(read);
            length += read.length();
            SchemaRow.requireFew(into.size(), length);
            model = nextModel();
        }
        return model;
    }

    /** Stands after the model then. */
    @Nullable
    String nextModel() throws IOException, UnfitException {
        JsonToken token = json.nextToken();
        if (token == JsonToken.END_ARRAY) {
            return null;
        }
        if (token != JsonToken.START_OBJECT) {
            throw unexpected();
        }
        return text(DumpFormat.MODEL);
    }

    /** The list is good until the next call. */
    List<@Nullable Object> row(TableShape table) throws IOException, UnfitException {
        row.clear();
        sizeLeft = DumpFormat.MOST_BYTES_OF_A_ROW;
        List<Column> key = table.key();
        int rowids = table.rowid() == null ? 0 : 1;
        if (rowids > 0) {
            row.add(null);
        }
        field(DumpFormat.PK);
        json.nextToken();
        switch (key.size()) {
            case 0 -> readRowid(table);
            case 1 -> add(table, key.getFirst());
            default -> readKey(table);
        }
        if (table.rowidBesideKey()) {
            field(DumpFormat.ROWID);
            json.nextToken();
            readRowid(table);
        }
        if (table.isRowid(0) && !(row.getFirst() instanceof Long)) {
            throw new UnfitException(
                    "A row of " + ContentErrors.shortened(table.name()) + " has no integer for its rowid.");
        }
        beginFields();
        for (Column column : table.fields()) {
            field(column.name());
            json.nextToken();
            add(table, column);
        }
        endFields();
        return row;
    }

    private void readRowid(TableShape table) throws IOException, UnfitException {
        Object rowid = Values.read(json, 0);
        if (table.rowid() != null) {
            row.set(0, rowid);
        } else if (rowid != null) {
            throw new UnfitException(
                    "A row of " + ContentErrors.shortened(table.name()) + " has a key that its table has not.");
        }
    }

    private void readKey(TableShape table) throws IOException, UnfitException {
        if (json.currentToken() != JsonToken.START_ARRAY) {
            throw unexpected();
        }
        for (Column column : table.key()) {
            json.nextToken();
            add(table, column);
        }
        require(JsonToken.END_ARRAY);
    }

    private void add(TableShape table, Column column) throws IOException, UnfitException {
        Object value = Values.read(json, sizeLeft);
        sizeLeft -= Values.size(value);
        if (sizeLeft < 0) {
            throw new UnfitException(ContentErrors.tooLarge("A row"));
        }
        if (!column.affinity().keeps(value)) {
            throw new UnfitException("The column " + ContentErrors.shortened(column.name()) + " of the table "
                    + ContentErrors.shortened(table.name()) + " cannot have such a value.");
        }
        row.add(value);
    }

    private void field(String name) throws IOException, UnfitException {
        if (!name.equals(json.nextFieldName())) {
            throw new UnfitException("Expected the member " + ContentErrors.shortened(name) + " in line "
                    + json.currentLocation().getLineNr() + ".");
        }
    }

    private @Nullable Object value(String name) throws IOException, UnfitException {
        field(name);
        json.nextToken();
        return Values.read(json, DumpFormat.MOST_STATEMENT_TEXT);
    }

    private String text(String name) throws IOException, UnfitException {
        field(name);
        require(JsonToken.VALUE_STRING);
        return Values.text(json);
    }

    private void beginFields() throws IOException, UnfitException {
        field(DumpFormat.FIELDS);
        require(JsonToken.START_OBJECT);
    }

    /** Of the fields and of the element. */
    private void endFields() throws IOException, UnfitException {
        require(JsonToken.END_OBJECT);
        require(JsonToken.END_OBJECT);
    }

    private void require(JsonToken token) throws IOException, UnfitException {
        if (json.nextToken() != token) {
            throw unexpected();
        }
    }

    void requireEnd() throws IOException, UnfitException {
        if (json.nextToken() != null) {
            throw new UnfitException("Something follows its end.");
        }
    }

    private UnfitException unexpected() {
        return new UnfitException("Line " + json.currentLocation().getLineNr() + " is not as a dump has it.");
    }

    @Override
    public void close() throws IOException {
        json.close();
    }
}
