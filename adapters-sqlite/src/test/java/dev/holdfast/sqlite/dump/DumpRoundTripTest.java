package dev.holdfast.sqlite.dump;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.application.archive.DatabaseConverter.DamagedException;
import dev.holdfast.application.archive.DatabaseConverter.UnfitException;
import dev.holdfast.sqlite.Forms;
import dev.holdfast.sqlite.Shell;
import dev.holdfast.sqlite.io.Connections;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.sqlite.Collation;
import org.sqlite.Function;

@Tag("adapter")
@Tag("slow")
@DisplayNameGeneration(ReplaceUnderscores.class)
class DumpRoundTripTest {
    @TempDir
    Path root;

    private Path database;
    private Forms forms;

    @BeforeEach
    void directory() {
        database = root.resolve("app.db");
        forms = new Forms(root);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "PRAGMA user_version=0",
                "CREATE TABLE t(x)",
                "CREATE TABLE t(x); INSERT INTO t VALUES (9223372036854775807),(-9223372036854775808),(0),(2147483648)",
                "CREATE TABLE t(x); INSERT INTO t VALUES (0.1),(1e300),(5e-324),(1.0),(-0.0),(9e999),(-9e999),(1e16),"
                        + "(123456789012345680.0),(0.30000000000000004)",
                "CREATE TABLE t(x REAL); INSERT INTO t VALUES (1),(2.5),('x'),(x'00'),(NULL),(-0.0),(9007199254740993)",
                "CREATE TABLE t(x INTEGER); INSERT INTO t VALUES ('abc'),(1.5),(x'01'),(''),(' 1 x'),('0x10'),(1e19)",
                "CREATE TABLE t(x TEXT); INSERT INTO t VALUES (1),(1.5),(x''),(x'ff'),(''),(NULL)",
                "CREATE TABLE t(x NUMERIC, y DECIMAL(5,2)); INSERT INTO t VALUES ('1.10', 2),('a', '3.0'),(1e400, '.')",
                "CREATE TABLE t(x); INSERT INTO t VALUES ('a' || char(0) || 'b'),(char(0)),(char(1,8,10,13,34,92,127)),"
                        + "(char(128512, 65533, 65534, 65535, 55295, 57344, 1114111, 8232, 65279, 228))",
                "CREATE TABLE t(x); INSERT INTO t VALUES (CAST(x'61ff62' AS TEXT)),(CAST(x'eda080' AS TEXT)),"
                        + "(CAST(x'c080' AS TEXT)),(CAST(x'f4908080' AS TEXT)),(CAST(x'efbfbd' AS TEXT)),(x'61ff62')",
                "CREATE TABLE t(a TEXT PRIMARY KEY, b) WITHOUT ROWID; INSERT INTO t VALUES ('b', 1),('a', 2),('', 3)",
                "CREATE TABLE t(a, b, c, PRIMARY KEY(c DESC, a)) WITHOUT ROWID; CREATE INDEX i ON t(b);"
                        + "INSERT INTO t VALUES (1,2,3),(2,1,3),(3,0,4),('x',0,x'00')",
                "CREATE TABLE t(a INT, b TEXT, c BLOB, d REAL, e ANY, f INTEGER PRIMARY KEY) STRICT;"
                        + "INSERT INTO t VALUES (1,'2',x'03',4,'5',6),(NULL,NULL,NULL,NULL,5.0,7),(1,'1',x'',1,5,8)",
                "CREATE TABLE t(a, b, c, PRIMARY KEY(b, a)); INSERT INTO t VALUES (1,2,3),(NULL,2,4),(NULL,2,5)",
                "CREATE TABLE t(a TEXT PRIMARY KEY, b); INSERT INTO t(rowid,a,b) VALUES (-5,'x',1),(99,NULL,2),(7,NULL,3)",
                "CREATE TABLE t(a INTEGER PRIMARY KEY DESC, b); INSERT INTO t VALUES (3,'x'),(1,'y')",
                "CREATE TABLE t(a INT PRIMARY KEY, b); INSERT INTO t VALUES (3,'x'),('q','y')",
                "CREATE TABLE t(x); INSERT INTO t(rowid,x) VALUES (-9223372036854775808,1),(9223372036854775807,2),(5,3)",
                "CREATE TABLE t(rowid, x); INSERT INTO t(oid, rowid, x) VALUES (77, 'a', 1)",
                "CREATE TABLE t(ROWID, oid, _rowid_); INSERT INTO t VALUES (3,2,1),(1,2,3)",
                "CREATE TABLE t(rowid TEXT PRIMARY KEY, oid, _rowid_); INSERT INTO t VALUES (3,2,1),(1,2,3)",
                "CREATE TABLE t(rowid INTEGER PRIMARY KEY, oid); INSERT INTO t VALUES (3,2),(1,2)",
                "CREATE TABLE t(a, v AS (a * 2), s AS (a * 3) STORED, b NOT NULL); CREATE INDEX i ON t(v);"
                        + "INSERT INTO t(a,b) VALUES (1,2),(4,5)",
                "CREATE TABLE t(id INTEGER PRIMARY KEY AUTOINCREMENT, x); INSERT INTO t(x) VALUES (1),(2),(3);"
                        + "DELETE FROM t WHERE id=3; CREATE TABLE u(id INTEGER PRIMARY KEY AUTOINCREMENT);"
                        + "INSERT INTO u VALUES (1000); DELETE FROM u",
                "CREATE TABLE t(id INTEGER PRIMARY KEY AUTOINCREMENT); DROP TABLE t",
                "CREATE TABLE t(a,b); CREATE INDEX i ON t(a,b); INSERT INTO t VALUES (1,2),(1,3),(2,3); ANALYZE",
                "CREATE TABLE t(a); INSERT INTO t VALUES (1); CREATE VIEW v AS SELECT * FROM t;"
                        + "CREATE VIEW w(\"x y\") AS SELECT missing FROM nowhere;"
                        + "CREATE TRIGGER g INSTEAD OF INSERT ON v BEGIN INSERT INTO t VALUES (new.a); END",
                "CREATE TABLE t(a); CREATE TABLE log(x); CREATE TRIGGER g AFTER INSERT ON t BEGIN"
                        + " INSERT INTO log VALUES (new.a); SELECT RAISE(ABORT,'no') WHERE new.a='; END'; END;"
                        + "INSERT INTO t VALUES (1),(2); DELETE FROM log WHERE x=1",
                "CREATE TABLE t(a, b COLLATE NOCASE UNIQUE); CREATE UNIQUE INDEX p ON t(a) WHERE b > 'm';"
                        + "CREATE INDEX e ON t(length(b), a || 'x' COLLATE RTRIM DESC);"
                        + "INSERT INTO t VALUES (1,'a'),(1,'B'),(2,'z')",
                "CREATE INDEX IF NOT EXISTS i ON nowhere(a)", // fails in the shell; an empty database remains
                "CREATE TABLE p(id INTEGER PRIMARY KEY); CREATE TABLE c(p REFERENCES p ON DELETE CASCADE);"
                        + "INSERT INTO c VALUES (7),(8)",
                "CREATE TABLE \"a \"\"b\"\" [c] `d` 'e' . é €\"(\"x.\"\"y\", \"select\", [], \"名前\" TEXT PRIMARY KEY);"
                        + "INSERT INTO \"a \"\"b\"\" [c] `d` 'e' . é €\" VALUES (1,2,3,'😀')",
                "CREATE TABLE \"\"(\"\"); INSERT INTO \"\" VALUES ('nameless')",
                "CREATE TABLE \"select\"(\"from\"); CREATE TABLE \"a.b\"(x); CREATE TABLE a_b(x); CREATE TABLE pragma(x);"
                        + "CREATE TABLE schema(x); CREATE TABLE _a(x); CREATE TABLE a_(x); CREATE TABLE sqlite(x);"
                        + "INSERT INTO \"select\" VALUES (1); INSERT INTO \"a.b\" VALUES (2); INSERT INTO a_b VALUES (3);"
                        + "INSERT INTO pragma VALUES (4); INSERT INTO schema VALUES (5); INSERT INTO _a VALUES (6);"
                        + "INSERT INTO a_ VALUES (7); INSERT INTO sqlite VALUES (8)",
                "CREATE VIRTUAL TABLE f USING fts5(a, b, tokenize = 'porter'); INSERT INTO f VALUES ('one two','three');"
                        + "INSERT INTO f VALUES ('four','five'); DELETE FROM f WHERE rowid=1; CREATE TABLE z(x)",
                "CREATE VIRTUAL TABLE f USING fts4(a); INSERT INTO f VALUES ('one two'),('three')",
                "CREATE VIRTUAL TABLE r USING rtree(id, x0, x1); INSERT INTO r VALUES (1,2,3),(4,5.5,6.5)",
                "CREATE TABLE t(a CHECK (a > 0)); PRAGMA ignore_check_constraints=on; INSERT INTO t VALUES (1)",
                "CREATE TABLE t(a INTEGER PRIMARY KEY ON CONFLICT REPLACE, b UNIQUE ON CONFLICT IGNORE,"
                        + " c NOT NULL ON CONFLICT REPLACE DEFAULT 5); INSERT INTO t VALUES (1,2,3),(2,3,4)",
                "CREATE TABLE t(a); INSERT INTO t VALUES (1); ALTER TABLE t ADD COLUMN b TEXT DEFAULT 5;"
                        + "ALTER TABLE t RENAME TO \"new name\"; ALTER TABLE \"new name\" RENAME COLUMN a TO \"c d\"",
                "CREATE TABLE t AS SELECT 1 AS a, 'x' AS \"b c\", 1.5",
                "create table t ( a , -- a comment\n b /* ; */ ) ; create index i on t ( a ) ; create view v as select 1 ;",
                "CREATE INDEX i ON t(a); CREATE TABLE t(a); CREATE VIEW v AS SELECT 1; CREATE TABLE u(a); CREATE INDEX j ON t(a);"
                        + "CREATE TRIGGER g AFTER DELETE ON t BEGIN SELECT 1; END; CREATE TABLE w(a UNIQUE)",
                "CREATE TABLE t(a TEXT DEFAULT (datetime('now')), b DEFAULT 'it''s', c DEFAULT (1+1)); INSERT INTO t DEFAULT VALUES",
                "CREATE TABLE json_each(x); CREATE TABLE pragma_table_list(x); INSERT INTO json_each VALUES (1)",
            })
    void comes_back_as_it_was(String sql) throws Exception {
        Shell.run(database, sql);
        if (!Files.exists(database)) {
            Files.createFile(database);
        }
        forms.assertRoundTrip(database);
        Files.delete(database);
        Shell.run(database, "PRAGMA encoding='UTF-16le'; PRAGMA page_size=1024;" + sql);
        if (Files.exists(database)) {
            forms.assertRoundTrip(database);
        }
    }

    @ParameterizedTest
    @CsvSource({"512, UTF-8, 0", "1024, UTF-16le, 1", "65536, UTF-16be, 2", "4096, UTF-16be, 1"})
    void the_header_comes_back(int pageSize, String encoding, int autoVacuum) throws Exception {
        Shell.run(
                database,
                "PRAGMA page_size=" + pageSize + "; PRAGMA encoding='" + encoding + "'; PRAGMA auto_vacuum="
                        + autoVacuum + "; PRAGMA user_version=-7; PRAGMA application_id=2147483647;"
                        + "CREATE TABLE gone(x); DROP TABLE gone");
        forms.assertRoundTrip(database);
        Shell.run(database, "CREATE TABLE t(x); INSERT INTO t VALUES ('äöü😀'),(CAST(x'00d8' AS TEXT))");
        forms.assertRoundTrip(database);
    }

    @Test
    void looks_as_django_writes_it() throws Exception {
        Shell.run(
                database,
                "CREATE TABLE auth_user(id INTEGER PRIMARY KEY, name TEXT, photo BLOB, height REAL);"
                        + "INSERT INTO auth_user VALUES (1, 'Ada \"A\"', x'0001ff', 9e999),(2, NULL, CAST(x'ff' AS TEXT), 2);"
                        + "CREATE TABLE auth_user_groups(a, b, c, PRIMARY KEY (a, b));"
                        + "INSERT INTO auth_user_groups(rowid, a, b, c) VALUES (5, 1, 2, 3)");
        assertThat(forms.dumped(database).lines().filter(line -> line.contains("auth.")))
                .containsExactly(
                        "{\"model\":\"auth.user\",\"pk\":1,\"fields\":{\"name\":\"Ada \\\"A\\\"\","
                                + "\"photo\":{\"blob\":\"AAH/\"},\"height\":{\"real\":\"Infinity\"}}},",
                        "{\"model\":\"auth.user\",\"pk\":2,\"fields\":{\"name\":null,"
                                + "\"photo\":{\"text\":\"/w==\"},\"height\":2.0}},",
                        "{\"model\":\"auth.user_groups\",\"pk\":[1,2],\"rowid\":5,\"fields\":{\"c\":3}}");
    }

    @Test
    void equal_content_gives_equal_bytes() throws Exception {
        Shell.run(
                database,
                "CREATE TABLE b(x); CREATE INDEX i ON b(x); CREATE VIEW v AS SELECT 1; CREATE TABLE a(id INTEGER PRIMARY KEY,"
                        + " y TEXT); WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n WHERE i<3000)"
                        + " INSERT INTO a SELECT i, hex(randomblob(30)) FROM n; INSERT INTO b(rowid, x) SELECT 5000 - id, y FROM a");
        Path before = forms.dump(database, "before.json");
        Shell.run(database, "UPDATE a SET y = y || 'x'; UPDATE a SET y = substr(y, 1, 60)");
        Shell.run(database, "CREATE TABLE gone AS SELECT * FROM a; DROP TABLE gone");
        assertThat(forms.dump(database, "after.json")).hasSameBinaryContentAs(before);
    }

    @Test
    void a_full_text_index_answers_after_a_load() throws Exception {
        Shell.run(
                database,
                "CREATE VIRTUAL TABLE f USING fts5(a); INSERT INTO f VALUES ('one two'),('two three'),('four')");
        Path again = forms.assertRoundTrip(database);
        assertThat(Shell.run(
                        again,
                        "SELECT rowid FROM f WHERE f MATCH 'two'; INSERT INTO f VALUES ('two');"
                                + "SELECT count(*) FROM f('two')"))
                .isEqualTo("1\n2\n3\n");
    }

    @Test
    void a_value_that_only_an_edited_schema_allows_is_refused() throws Exception {
        Shell.run(database, "CREATE TABLE t(x); INSERT INTO t VALUES ('12')");
        Shell.run(database, "PRAGMA writable_schema=on; UPDATE sqlite_schema SET sql='CREATE TABLE t(x INT)'");
        assertThatThrownBy(() -> forms.dumped(database))
                .isInstanceOf(UnfitException.class)
                .isNotInstanceOf(DamagedException.class)
                .hasMessageContaining("The column x of the table t has a value that cannot be stored there again.");
    }

    private void application(String... statements) throws Exception {
        try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + database)) {
            Collation.create(connection, "APP ORDER", new Collation() {
                @Override
                protected int xCompare(String left, String right) {
                    return right.compareTo(left);
                }
            });
            Function.create(
                    connection,
                    "app_key",
                    new Function() {
                        @Override
                        protected void xFunc() throws java.sql.SQLException {
                            result(value_text(0) + "!");
                        }
                    },
                    1,
                    Function.FLAG_DETERMINISTIC);
            for (String statement : statements) {
                Connections.execute(connection, statement);
            }
        }
    }

    @Test
    void an_applications_own_functions_in_checks_and_views_are_no_hindrance() throws Exception {
        application(
                "CREATE TABLE t(a COLLATE \"APP ORDER\" CHECK (app_key(a) <> ''))",
                "CREATE VIEW v AS SELECT app_key(a) FROM t",
                "CREATE TRIGGER g AFTER INSERT ON t BEGIN SELECT app_key(new.a); END",
                "INSERT INTO t(a) VALUES ('x'), ('y')");
        Path again = root.resolve("again.db");
        String dump = forms.dumped(database);
        forms.load(dump, again);
        assertThat(forms.dumped(again)).isEqualTo(dump);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "CREATE TABLE t(a TEXT COLLATE \"APP ORDER\" PRIMARY KEY) WITHOUT ROWID",
                "CREATE TABLE t(a COLLATE \"APP ORDER\" UNIQUE)",
                "CREATE TABLE t(a, b AS (app_key(a)) STORED)",
                "CREATE TABLE t(a, b AS (app_key(a)))",
                "CREATE INDEX i ON u(app_key(x))",
                "CREATE INDEX i ON u(x COLLATE \"APP ORDER\")",
                "CREATE INDEX i ON u(x) WHERE app_key(x) = 'a'",
            })
    void an_index_that_only_its_application_can_make_is_refused_before_anything_is_written(String sql)
            throws Exception {
        application("CREATE TABLE u(x)", sql);
        assertThatThrownBy(() -> forms.dump(database, "refused.json"))
                .isInstanceOf(UnfitException.class)
                .hasMessageContaining("only their application has");
        assertThat(root.resolve("refused.json")).isEmptyFile();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "[\n  {\n    \"model\": \"auth.user\",\n    \"pk\": 1,\n    \"fields\": {\"username\": \"ada\"}\n  }\n]",
                "[{\"model\": \"auth.user\", \"pk\": 1, \"fields\": {\"username\": \"ada\"}}]",
                "[\n]",
            })
    void a_dump_that_django_made_is_refused_saying_why(String foreign) throws Exception {
        Path dump = Files.writeString(root.resolve("foreign.json"), foreign);
        assertThatThrownBy(() -> forms.load(dump, root.resolve("again.db")))
                .isInstanceOf(UnfitException.class)
                .hasMessageContaining("Django's dumpdata")
                .hasMessageContaining("no schema");
    }

    @Test
    void a_value_too_large_is_refused_and_one_that_just_fits_is_not() throws Exception {
        int most = DumpFormat.MOST_BYTES_OF_A_ROW - 8; // but for the rowid
        try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + database)) {
            Connections.execute(connection, "CREATE TABLE t(x)");
            try (PreparedStatement insert = connection.prepareStatement("INSERT INTO t VALUES (?)")) {
                insert.setBytes(1, new byte[most]);
                insert.executeUpdate();
            }
        }
        Path again = root.resolve("again.db");
        forms.load(forms.dump(database, "large.json"), again);
        assertThat(Shell.run(again, "SELECT length(x) FROM t")).isEqualTo(most + "\n");
        Shell.run(database, "UPDATE t SET x = zeroblob(" + (most + 1) + ")");
        assertThatThrownBy(() -> forms.dump(database, "larger.json"))
                .isInstanceOf(UnfitException.class)
                .isNotInstanceOf(DamagedException.class)
                .hasMessage("A row of the table t is larger than 64 MiB, the limit of a dump.");
        Shell.run(database, "UPDATE t SET x = zeroblob(" + (most + (2 << 20)) + ")");
        assertThatThrownBy(() -> forms.dump(database, "largest.json"))
                .hasMessage("A row of the table t is larger than 64 MiB, the limit of a dump.");
    }

    @Test
    void damage_and_other_files_are_refused() throws Exception {
        Files.writeString(database, "hello ".repeat(1000));
        assertThatThrownBy(() -> forms.dumped(database)).isInstanceOf(UnfitException.class);
        Files.delete(database);
        Shell.run(
                database,
                "CREATE TABLE t(x); WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n WHERE i<3000)"
                        + " INSERT INTO t SELECT hex(randomblob(30)) FROM n");
        byte[] sound = Files.readAllBytes(database);
        byte[] damaged = sound.clone();
        java.util.Arrays.fill(damaged, 4096 * 5, 4096 * 6, (byte) 0x55);
        Files.write(database, damaged);
        assertThatThrownBy(() -> forms.dumped(database)).isInstanceOf(DamagedException.class);
        Files.write(database, java.util.Arrays.copyOf(sound, 4096 * 4));
        assertThatThrownBy(() -> forms.dumped(database)).isInstanceOf(UnfitException.class);
    }
}
