package dev.holdfast.sqlite;

import static java.nio.charset.StandardCharsets.UTF_16LE;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.application.archive.DatabaseConverter.UnfitException;
import dev.holdfast.application.operation.ProgressMonitor;
import dev.holdfast.sqlite.dump.SqliteDatabaseConverter;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@Tag("adapter")
@DisplayNameGeneration(ReplaceUnderscores.class)
class HostileDumpTest {
    private static final String PRAGMAS = """
            [
            {"model":"sqlite.sqlite_pragma","pk":"page_size","fields":{"value":4096}},
            {"model":"sqlite.sqlite_pragma","pk":"encoding","fields":{"value":"UTF-8"}},
            {"model":"sqlite.sqlite_pragma","pk":"auto_vacuum","fields":{"value":0}},
            {"model":"sqlite.sqlite_pragma","pk":"user_version","fields":{"value":0}},
            {"model":"sqlite.sqlite_pragma","pk":"application_id","fields":{"value":0}}""";

    private static final String SOUND = PRAGMAS + """
            ,
            {"model":"sqlite.sqlite_schema","pk":1,"fields":{"type":"table","name":"a_b","tbl_name":"a_b","sql":"CREATE TABLE a_b(id INTEGER PRIMARY KEY, x INT, y)"}},
            {"model":"sqlite.sqlite_schema","pk":2,"fields":{"type":"table","name":"c_d","tbl_name":"c_d","sql":"CREATE TABLE c_d(p, q, r, PRIMARY KEY(p, q)) WITHOUT ROWID"}},
            {"model":"sqlite.sqlite_schema","pk":3,"fields":{"type":"index","name":"i","tbl_name":"a_b","sql":"CREATE UNIQUE INDEX i ON a_b(x)"}},
            {"model":"a.b","pk":1,"fields":{"x":5,"y":{"blob":"AAH/"}}},
            {"model":"a.b","pk":2,"fields":{"x":6,"y":1.5}},
            {"model":"c.d","pk":["k",1],"fields":{"r":null}}
            ]
            """;

    @TempDir
    Path root;

    private Path database;
    private Forms forms;

    @BeforeEach
    void directory() throws Exception {
        forms = new Forms(root);
        database = Files.createDirectory(root.resolve("fresh")).resolve("new.db");
    }

    private void assertRefused(String dump) {
        assertThatThrownBy(() -> forms.load(dump, database)).isInstanceOf(UnfitException.class);
        assertThat(database.getParent()).isEmptyDirectory();
    }

    private static String changed(String from, String to) {
        String changed = SOUND.replace(from, to);
        assertThat(changed).isNotEqualTo(SOUND);
        return changed;
    }

    @Test
    void what_the_others_are_made_of_is_sound() throws Exception {
        forms.load(SOUND, database);
        assertThat(forms.dumped(database)).isEqualTo(SOUND);
    }

    @Test
    void cut_short_anywhere_it_is_refused() {
        String sound = SOUND.stripTrailing();
        for (int length = 0; length < sound.length(); length += length < 700 ? 41 : 7) {
            assertRefused(sound.substring(0, length));
        }
        assertRefused(sound.substring(0, sound.length() - 1));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '\0',
            value = {
                // what is no row of these tables
                "\"a.b\",\"pk\":2 | \"a.x\",\"pk\":2",
                "\"a.b\",\"pk\":2 | \"sqlite.a_b\",\"pk\":2",
                "\"a.b\",\"pk\":1 | \"c.d\",\"pk\":1",
                "\"a.b\",\"pk\":2 | \"a.b\",\"pk\":1",
                "\"a.b\",\"pk\":2 | \"a.b\",\"pk\":\"2\"",
                "\"a.b\",\"pk\":2 | \"a.b\",\"pk\":2.0",
                "\"a.b\",\"pk\":2 | \"a.b\",\"pk\":null",
                "\"a.b\",\"pk\":2 | \"a.b\",\"pk\":[2]",
                "\"a.b\",\"pk\":2 | \"a.b\",\"pk\":2,\"rowid\":2",
                "\"a.b\",\"pk\":2 | \"a.b\",\"pk\":92233720368547758070",
                "\"pk\":[\"k\",1] | \"pk\":[\"k\"]",
                "\"pk\":[\"k\",1] | \"pk\":[\"k\",1,2]",
                "\"pk\":[\"k\",1] | \"pk\":[\"k\",null]",
                "\"pk\":[\"k\",1] | \"pk\":[\"k\",[1]]",
                "\"pk\":[\"k\",1] | \"pk\":\"k\"",
                // columns
                "\"x\":6 | \"z\":6",
                "\"x\":6, | ",
                "\"x\":6 | \"x\":6,\"x\":6",
                "\"y\":1.5} | \"y\":1.5,\"id\":2}",
                "\"x\":6,\"y\":1.5 | \"y\":1.5,\"x\":6",
                // values
                "\"x\":6 | \"x\":5",
                "\"x\":6 | \"x\":6.0",
                "\"x\":6 | \"x\":\"6\"",
                "\"x\":6 | \"x\":true",
                "\"x\":6 | \"x\":[6]",
                "\"x\":6 | \"x\":{}",
                "\"x\":6 | \"x\":NaN",
                "1.5 | 1e999",
                "1.5 | \"\\ud800\"",
                "1.5 | \"\\udc00\\ud800\"",
                "1.5 | {\"real\":\"NaN\"}",
                "1.5 | {\"real\":1.5}",
                "1.5 | {\"blob\":\"A\"}",
                "1.5 | {\"blob\":\"A===\"}",
                "1.5 | {\"blob\":\"**\"}",
                "1.5 | {\"blob\":\"AAH/\",\"text\":\"AAH/\"}",
                "1.5 | {\"blob\":{\"blob\":\"\"}}",
                "1.5 | {\"date\":\"AAH/\"}",
                "1.5 | [[[[[[[[]]]]]]]]",
                // pragmas
                "4096 | 4095",
                "4096 | 1",
                "4096 | \"4096; ATTACH 'x' AS y\"",
                "UTF-8 | UTF-7",
                "UTF-8 | UTF-8' ",
                "\"auto_vacuum\" | \"journal_mode\"",
                "\"auto_vacuum\",\"fields\":{\"value\":0 | \"auto_vacuum\",\"fields\":{\"value\":3",
                "\"user_version\",\"fields\":{\"value\":0 | \"user_version\",\"fields\":{\"value\":4294967296",
                "\"application_id\",\"fields\":{\"value\":0 | \"application_id\",\"fields\":{\"value\":null",
                // the schema
                "\"pk\":3, | \"pk\":4,",
                "\"type\":\"index\" | \"type\":\"table\"",
                "\"type\":\"index\" | \"type\":\"thing\"",
                "\"name\":\"i\" | \"name\":\"j\"",
                "\"name\":\"i\" | \"name\":\"sqlite_i\"",
                "\"name\":\"i\",\"tbl_name\":\"a_b\" | \"name\":\"i\",\"tbl_name\":\"c_d\"",
                "CREATE UNIQUE INDEX i ON a_b(x) | CREATE UNIQUE INDEX i ON a_b(nowhere)",
                "CREATE UNIQUE INDEX i ON a_b(x) | CREATE UNIQUE INDEX i ON a_b(random())",
                "CREATE UNIQUE INDEX i ON a_b(x) | CREATE UNIQUE INDEX i ON a_b(x); DROP TABLE a_b",
                "CREATE UNIQUE INDEX i ON a_b(x) | CREATE UNIQUE INDEX IF NOT EXISTS i ON a_b(x)",
                "CREATE UNIQUE INDEX i ON a_b(x) | CREATE UNIQUE INDEX main.i ON a_b(x)",
                "CREATE UNIQUE INDEX i ON a_b(x) | CREATE UNIQUE INDEX i ON a_b(load_extension(x))",
                "CREATE UNIQUE INDEX i ON a_b(x) | CREATE UNIQUE INDEX i ON a_b(not_known(x))",
                "CREATE UNIQUE INDEX i ON a_b(x) | CREATE UNIQUE INDEX i ON a_b(x COLLATE not_known)",
                "CREATE UNIQUE INDEX i ON a_b(x) | ATTACH 'elsewhere.db' AS e",
                "CREATE UNIQUE INDEX i ON a_b(x) | DROP TABLE a_b",
                "CREATE UNIQUE INDEX i ON a_b(x) | CREATE INDEX",
                "CREATE TABLE c_d(p, q, r, PRIMARY KEY(p, q)) WITHOUT ROWID | CREATE TABLE c_d AS SELECT 1 AS p, 2 AS q, 3 AS r",
                "CREATE TABLE c_d( | CREATE TEMP TABLE c_d(",
                "CREATE TABLE c_d( | CREATE TABLE main.c_d(",
                "CREATE TABLE c_d( | CREATE TABLE temp.c_d(",
                "CREATE TABLE c_d( | CREATE TABLE a_b(",
                "CREATE TABLE c_d( | backup to 'elsewhere.db' -- (",
                "WITHOUT ROWID\" | WITHOUT ROWID; ATTACH 'elsewhere.db' AS e\"",
                "WITHOUT ROWID\" | WITHOUT ROWID\\u0000\"",
                "\"sql\":\"CREATE UNIQUE INDEX i ON a_b(x)\" | \"sql\":null",
                "\"sql\":\"CREATE UNIQUE INDEX i ON a_b(x)\" | \"sql\":5",
                // the frame
                "[\\n{ | [{",
                "]\\n | ]x",
                "{\"model\":\"a.b\",\"pk\":1 | {\"pk\":1,\"model\":\"a.b\"",
                "{\"model\":\"a.b\",\"pk\":1 | {\"model\":5,\"pk\":1",
                "\"fields\":{\"r\":null} | \"fields\":{\"r\":null},\"more\":1",
                "\"fields\":{\"r\":null} | \"fields\":null",
            })
    void is_refused_and_leaves_nothing(String from, String to) {
        assertRefused(changed(from.replace("\\n", "\n"), to == null ? "" : to));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " ",
                "[]",
                "[\n]\n",
                "{}",
                "[\n{}\n]\n",
                "[\n[\n]\n]\n",
                "null",
                "SQLite format 3\0",
            })
    void what_is_no_dump_at_all_is_refused(String dump) {
        assertRefused(dump);
    }

    @Test
    void what_follows_the_end_is_refused() {
        assertRefused(SOUND + "[]");
        assertRefused(SOUND + SOUND);
    }

    @Test
    void schema_after_rows_and_rows_out_of_order_are_refused() {
        String[] lines = SOUND.split("\n", -1);
        assertRefused(changed(lines[8] + "\n" + lines[9], lines[9] + "\n" + lines[8]));
        assertRefused(changed(lines[10] + "\n" + lines[11], lines[11] + ",\n" + lines[10].replaceAll(",$", "")));
    }

    private static String schema(String... entries) {
        StringBuilder dump = new StringBuilder(PRAGMAS);
        for (int at = 0; at < entries.length; at++) {
            String[] words = entries[at].split("\\|", 3);
            dump.append(",\n{\"model\":\"sqlite.sqlite_schema\",\"pk\":").append(at + 1);
            dump.append(",\"fields\":{\"type\":\"")
                    .append(words[0])
                    .append("\",\"name\":\"")
                    .append(words[1]);
            dump.append("\",\"tbl_name\":\"")
                    .append(words[1])
                    .append("\",\"sql\":\"")
                    .append(words[2])
                    .append("\"}}");
        }
        return dump.append("\n]\n").toString();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "table|t|CREATE TABLE t AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n) SELECT i FROM n",
                "table|sqlite_stat1|CREATE TABLE sqlite_stat1(x)",
                "table|sqlite_schema|CREATE TABLE sqlite_schema(x)",
                "table|sqlite_sequence|CREATE TABLE sqlite_stat1(tbl,idx,stat)",
                "table|t|CREATE TABLE t(id INTEGER PRIMARY KEY AUTOINCREMENT)",
                "table|f|CREATE VIRTUAL TABLE g USING fts5(a)",
                "table|f|CREATE VIRTUAL TABLE IF NOT EXISTS f USING fts5(a)",
                "table|f|CREATE VIRTUAL TABLE f USING fts5(a); DROP TABLE t",
                "table|f|CREATE VIRTUAL TABLE f",
                "view|v|CREATE VIEW v AS SELECT 1; SELECT 2",
                "view|v|CREATE VIEW v",
                "view|v|CREATE TEMP VIEW v AS SELECT 1",
                "trigger|g|CREATE TRIGGER g AFTER INSERT ON nowhere BEGIN SELECT 1; END",
            })
    void a_schema_that_no_database_has_is_refused(String entry) {
        assertRefused(schema(entry));
    }

    @Test
    void an_entry_twice_and_an_unordered_schema_are_refused() {
        assertRefused(schema("table|t|CREATE TABLE t(x)", "table|t|CREATE TABLE t(x)"));
        assertRefused(schema("view|v|CREATE VIEW v AS SELECT 1", "table|t|CREATE TABLE t(x)"));
    }

    @Test
    void a_virtual_table_of_an_unknown_kind_is_only_an_entry() throws Exception {
        String dump = schema("table|f|CREATE VIRTUAL TABLE f USING nothing_known('/etc/hostname')");
        forms.load(dump, database);
        assertThat(forms.dumped(database)).isEqualTo(dump);
    }

    @Test
    void triggers_do_not_fire_while_rows_are_loaded() throws Exception {
        Path other = root.resolve("other.db");
        Shell.run(
                other,
                "CREATE TABLE t(x); INSERT INTO t VALUES (1); CREATE TABLE log(x);"
                        + "CREATE TRIGGER g BEFORE INSERT ON t BEGIN INSERT INTO log VALUES (1); SELECT RAISE(ABORT, 'no'); END");
        forms.load(forms.dumped(other), database);
        assertThat(Shell.run(database, "SELECT count(*) FROM t; SELECT count(*) FROM log"))
                .isEqualTo("1\n0\n");
    }

    @Test
    void a_schema_that_makes_much_of_little_is_refused() {
        StringBuilder dump = new StringBuilder(schema("table|t|CREATE TABLE t(x, y AS (zeroblob(10000000 + x)) STORED)")
                .replace("\n]\n", ""));
        for (int row = 0; row < 100; row++) {
            dump.append(",\n{\"model\":\"sqlite.t\",\"pk\":").append(row).append(",\"fields\":{\"x\":1}}");
        }
        assertThatThrownBy(() -> forms.load(dump + "\n]\n", database))
                .isInstanceOf(UnfitException.class)
                .hasMessageContaining("times as large");
        assertThat(database.getParent()).isEmptyDirectory();
    }

    @Test
    void another_encoding_is_refused() {
        assertThatThrownBy(() -> new SqliteDatabaseConverter()
                        .load(new ByteArrayInputStream(SOUND.getBytes(UTF_16LE)), database, ProgressMonitor.UNWATCHED))
                .isInstanceOf(UnfitException.class);
        assertThat(database.getParent()).isEmptyDirectory();
    }

    @Test
    void a_value_without_end_is_refused_before_it_fills_the_memory() {
        String head = SOUND.substring(0, SOUND.indexOf("1.5"));
        for (String begun : List.of("\"", "{\"blob\":\"", "1", "{\"")) {
            InputStream endless = new SequenceInputStream(
                    new ByteArrayInputStream((head + begun).getBytes(UTF_8)), new InputStream() {
                        @Override
                        public int read() {
                            return '1';
                        }

                        @Override
                        public int read(byte[] into, int offset, int length) {
                            Arrays.fill(into, offset, offset + length, (byte) '1');
                            return length;
                        }
                    });
            assertThatThrownBy(() -> new SqliteDatabaseConverter().load(endless, database, ProgressMonitor.UNWATCHED))
                    .isInstanceOf(UnfitException.class);
        }
        assertThat(database.getParent()).isEmptyDirectory();
    }

    @Test
    void a_failure_of_the_stream_is_the_streams() {
        InputStream broken = new SequenceInputStream(
                new ByteArrayInputStream(SOUND.substring(0, 900).getBytes(UTF_8)), new InputStream() {
                    @Override
                    public int read() throws IOException {
                        throw new IOException("broken");
                    }

                    @Override
                    public int read(byte[] into, int offset, int length) throws IOException {
                        throw new IOException("broken");
                    }
                });
        assertThatThrownBy(() -> new SqliteDatabaseConverter().load(broken, database, ProgressMonitor.UNWATCHED))
                .isInstanceOf(UncheckedIOException.class)
                .hasRootCauseMessage("broken");
        assertThat(database.getParent()).isEmptyDirectory();
    }

    @Test
    void a_file_that_is_there_stays_as_it_is() throws Exception {
        Files.writeString(database, "mine");
        assertThatThrownBy(() -> forms.load(SOUND, database)).isNotInstanceOf(UnfitException.class);
        assertThat(database).hasContent("mine");
    }
}
