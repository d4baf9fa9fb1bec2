package dev.holdfast.sqlite.dump;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonFactoryBuilder;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.StreamWriteFeature;

/**
 * A dump: a JSON array in UTF-8, one element a line, each as Django's {@code dumpdata} writes them.
 *
 * <pre>
 * [
 * {"model":"sqlite.sqlite_pragma","pk":"page_size","fields":{"value":4096}},
 * {"model":"sqlite.sqlite_schema","pk":1,"fields":{"type":"table","name":"auth_user","tbl_name":"auth_user","sql":"CREATE TABLE …"}},
 * {"model":"auth.user","pk":1,"fields":{"name":"Ada","photo":{"blob":"iVBORw0K"}}}
 * ]
 * </pre>
 *
 * <p>First the pragmas, then the schema, then the rows: table by table in the order of the schema, by rowid or as their
 * primary key orders them. {@code pk} is the primary key's value, an array of values if it has several columns, the rowid
 * if there is none; columns of the primary key are not repeated in {@code fields}. {@code rowid} follows {@code pk} where it
 * is neither a column nor the {@code pk}. Generated columns are left out.
 *
 * <p>An integer has neither point nor exponent, a real has; what JSON lacks is an object with one member: {@code blob}
 * (base64), {@code text} (base64 of text whose bytes are not valid in the database's encoding), {@code real}
 * ({@code Infinity}, {@code -Infinity}).
 */
final class DumpFormat {
    /** Names that no table can have, so that no row is taken for one of these. */
    static final String PRAGMA = "sqlite.sqlite_pragma";

    static final String SCHEMA = "sqlite.sqlite_schema";

    static final int MOST_BYTES_OF_A_ROW = 64 << 20;
    static final int MOST_SCHEMA_ROWS = 20_000;
    static final int MOST_SCHEMA_TEXT = 16 << 20;

    /** SQLite's own default for the length of a statement. */
    static final int MOST_STATEMENT_TEXT = 1_000_000;

    static final String MODEL = "model";
    static final String PK = "pk";
    static final String ROWID = "rowid";
    static final String FIELDS = "fields";
    static final String VALUE = "value";
    static final String BLOB = "blob";
    static final String TEXT = "text";
    static final String REAL = "real";

    private DumpFormat() {}

    static JsonFactory json() {
        return new JsonFactoryBuilder()
                .rootValueSeparator("")
                .disable(StreamReadFeature.AUTO_CLOSE_SOURCE)
                .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
                .disable(StreamWriteFeature.AUTO_CLOSE_TARGET)
                .disable(StreamWriteFeature.AUTO_CLOSE_CONTENT)
                .disable(StreamWriteFeature.FLUSH_PASSED_TO_STREAM)
                .streamReadConstraints(StreamReadConstraints.builder()
                        .maxNestingDepth(5)
                        .maxNumberLength(400)
                        .maxNameLength(1_000_000)
                        .maxStringLength(MOST_BYTES_OF_A_ROW)
                        .maxDocumentLength(-1)
                        .build())
                .build();
    }

    /** As Django names the model of a table {@code app_model}; other tables are under {@code sqlite}. */
    static String model(String table) {
        int split = table.indexOf('_');
        boolean splits = split > 0 && split < table.length() - 1 && table.indexOf('.') < 0;
        if (!splits || table.startsWith("sqlite_")) {
            return "sqlite." + table;
        }
        return table.substring(0, split) + '.' + table.substring(split + 1);
    }
}
