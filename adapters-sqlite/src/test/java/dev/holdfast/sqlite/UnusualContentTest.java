package dev.holdfast.sqlite;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.application.Outcome;
import dev.holdfast.application.check.ImageChecks.Finding;
import dev.holdfast.application.operation.ProgressMonitor;
import dev.holdfast.application.restore.RestoreDrills.Tried;
import dev.holdfast.domain.backup.Depth;
import dev.holdfast.sqlite.io.Channels;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What SQLite reads and writes every day is no damage, although its checks say something of it or stop at it. */
@Tag("adapter")
@Tag("slow")
@DisplayNameGeneration(ReplaceUnderscores.class)
class UnusualContentTest {
    private static final Outcome<Optional<String>> DONE = Outcome.done(Optional.of("kept"));
    private static final int PAGE = 4096;

    @TempDir
    Path root;

    private Path image;
    private SqliteFixture fixture;

    @BeforeEach
    void directory() throws Exception {
        image = Files.createDirectory(root.resolve("store")).resolve("image.db");
        fixture = SqliteFixture.in(root);
    }

    private static String rewritten(String name, String sql) {
        return "; PRAGMA writable_schema=on; UPDATE sqlite_schema SET sql='" + sql.replace("'", "''") + "' WHERE name='"
                + name + "'";
    }

    /** A tokenizer of another name in the place of one that SQLite has. */
    private static String tokenized(String module) {
        return "CREATE VIRTUAL TABLE words USING " + module + "(x, tokenize=porter); INSERT INTO words VALUES"
                + " ('running tests'), ('b c d'); PRAGMA writable_schema=on;"
                + " UPDATE sqlite_schema SET sql=replace(sql, 'porter', 'mytok') WHERE name='words'";
    }

    /** Content, and what the finding says of it. */
    enum Unusual {
        FTS3_TOKENIZER(tokenized("fts3"), "Table words was left out", "mytok"),
        FTS4_TOKENIZER(tokenized("fts4"), "Table words was left out", "mytok"),
        FTS5_TOKENIZER(tokenized("fts5"), "Table words was left out"),
        FTS4_TOKENIZER_WITH_ARGUMENTS(
                tokenized("fts4").replace("'mytok'", "'mytok \"é\" b'"), "Table words was left out", "mytok"),
        TOKENIZERS_OF_SEVERAL_MODULES(
                tokenized("fts4") + ";" + tokenized("fts5").replace("words", "others") + ";"
                        + tokenized("fts3").replace("words", "last").replace("mytok", "second"),
                "Table words was left out",
                "Table others was left out",
                "Table last was left out"),
        TOKENIZER_NEXT_TO_AN_INDEX_OUT_OF_STEP(
                tokenized("fts5") + "; CREATE VIRTUAL TABLE odd USING fts4(x); INSERT INTO odd VALUES ('a b');"
                        + " UPDATE odd_content SET c0x='other'",
                "Table words was left out",
                "malformed inverted index for FTS4 table main.odd"),
        UNKNOWN_MODULE(
                "CREATE VIRTUAL TABLE words USING fts4(x); INSERT INTO words VALUES ('a')"
                        + rewritten("words", "CREATE VIRTUAL TABLE words USING appmodule(x)"),
                "Table words was left out",
                "appmodule"),
        NEWER_FTS5(
                "CREATE VIRTUAL TABLE words USING fts5(x); INSERT INTO words VALUES ('a');"
                        + " UPDATE words_config SET v=77 WHERE k='version'",
                "Table words was left out",
                "invalid fts5 file format"),
        UNKNOWN_OPTION(
                "CREATE VIRTUAL TABLE words USING fts5(x)"
                        + rewritten("words", "CREATE VIRTUAL TABLE words USING fts5(x, newoption=1)"),
                "Table words was left out",
                "newoption"),
        FTS4_OUT_OF_STEP(
                "CREATE VIRTUAL TABLE words USING fts4(x); INSERT INTO words VALUES ('running');"
                        + " UPDATE words_content SET c0x='other words'",
                "malformed inverted index for FTS4 table main.words"),
        FTS5_OUT_OF_STEP(
                "CREATE VIRTUAL TABLE words USING fts5(x); INSERT INTO words VALUES ('running');"
                        + " UPDATE words_content SET c0='other words'",
                "malformed inverted index for FTS5 table main.words"),
        FTS4_WITHOUT_ITS_CONTENT_TABLE(
                "CREATE TABLE c(x); CREATE VIRTUAL TABLE words USING fts4(content='c', x);"
                        + " INSERT INTO words(docid, x) VALUES (1, 'a b'); DROP TABLE c",
                "words"),
        FTS4_COMPRESSED_BY_THE_APPLICATION(
                "CREATE VIRTUAL TABLE words USING fts4(x); INSERT INTO words VALUES ('running')"
                        + rewritten(
                                "words", "CREATE VIRTUAL TABLE words USING fts4(x, compress=zip, uncompress=unzip)"),
                "words"),
        RTREE_OUT_OF_STEP(
                "CREATE VIRTUAL TABLE boxes USING rtree(id, a, b); INSERT INTO boxes VALUES (1, 1, 2), (2, 3, 4);"
                        + " DELETE FROM boxes_rowid WHERE rowid=1",
                "boxes",
                "missing from"),
        NULL_IN_A_NOT_NULL_COLUMN(
                "CREATE TABLE n(a, b TEXT); INSERT INTO n VALUES (1, NULL)"
                        + rewritten("n", "CREATE TABLE n(a, b TEXT NOT NULL)"),
                "NULL value in n.b"),
        TEXT_IN_A_NUMERIC_COLUMN(
                "CREATE TABLE n(a, b); INSERT INTO n VALUES ('12', 'x')"
                        + rewritten("n", "CREATE TABLE n(a INTEGER, b NUMERIC)"),
                "TEXT value in n.a"),
        NUMBER_IN_A_TEXT_COLUMN(
                "CREATE TABLE n(a, b); INSERT INTO n VALUES (5, 3.5)"
                        + rewritten("n", "CREATE TABLE n(a TEXT, b TEXT)"),
                "NUMERIC value in n.a"),
        WRONG_TYPE_IN_A_STRICT_TABLE(
                "CREATE TABLE n(a, b); INSERT INTO n VALUES ('abc', x'00')"
                        + rewritten("n", "CREATE TABLE n(a INTEGER, b TEXT) STRICT"),
                "value in n.a",
                "value in n.b"),
        NULL_IN_A_TABLE_WITHOUT_ROWID(
                "CREATE TABLE n(a PRIMARY KEY, b) WITHOUT ROWID; INSERT INTO n VALUES (1, NULL)"
                        + rewritten("n", "CREATE TABLE n(a PRIMARY KEY, b NOT NULL) WITHOUT ROWID"),
                "NULL value in n.b");

        final String sql;

        @SuppressWarnings("ImmutableEnumChecker") // made by List.of
        final List<String> said;

        Unusual(String sql, String... said) {
            this.sql = sql;
            this.said = List.of(said);
        }

        private void make(Path file) throws Exception {
            Shell.run(file, sql);
            Shell.run(
                    file,
                    "CREATE TABLE plain(id INTEGER PRIMARY KEY, x NOT NULL); CREATE INDEX by_x ON plain(x);"
                            + "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n WHERE i<300)"
                            + " INSERT INTO plain(x) SELECT hex(randomblob(50)) FROM n;"
                            + " DELETE FROM plain WHERE id > 200");
        }
    }

    private Finding check(Path file, Depth depth) {
        return fixture.engine().checks().check(SqliteFixture.artifact(file), depth, ProgressMonitor.UNWATCHED);
    }

    @ParameterizedTest
    @EnumSource(Unusual.class)
    void what_sqlite_accepts_passes_with_a_finding_wherever_it_is_checked(Unusual content) throws Exception {
        content.make(image);

        for (Depth depth : List.of(Depth.QUICK, Depth.FULL)) {
            assertThat(check(image, depth)).isInstanceOfSatisfying(Finding.Sound.class, it -> {
                assertThat(it.depth()).isEqualTo(depth);
                assertThat(it.remark().orElse("")).contains(content.said);
            });
        }
        assertThat(fixture.engine().checks().check(SqliteFixture.remote(image), Depth.FULL, ProgressMonitor.UNWATCHED))
                .isEqualTo(check(image, Depth.FULL));
        assertThat(fixture.engine()
                        .trials()
                        .tryOut(SqliteFixture.artifact(image), Optional.empty(), ProgressMonitor.UNWATCHED))
                .isInstanceOfSatisfying(
                        Tried.Proven.class,
                        it -> assertThat(it.remark().orElse("")).contains(content.said));
        assertThat(SqliteFixture.contents(root.resolve("store"))).containsOnlyKeys("image.db");
        assertThat(root.resolve("scratch")).isEmptyDirectory();
    }

    @ParameterizedTest
    @EnumSource(Unusual.class)
    void damage_to_another_table_is_found_next_to_it(Unusual content) throws Exception {
        content.make(image);
        zero(lastPageOf("plain", 1));
        for (Depth depth : List.of(Depth.QUICK, Depth.FULL)) {
            assertThat(check(image, depth)).isInstanceOf(Finding.Damaged.class);
        }
    }

    /** Of tables that the application alone can open, and in every table that such a one is stored in. */
    @ParameterizedTest
    @EnumSource(
            value = Unusual.class,
            names = {"FTS3_TOKENIZER", "FTS4_TOKENIZER", "FTS5_TOKENIZER", "NEWER_FTS5", "UNKNOWN_MODULE"})
    void damage_to_the_b_trees_that_store_it_is_found(Unusual content) throws Exception {
        content.make(image);
        Path sound = Files.copy(image, root.resolve("sound.db"));
        List<String> stored = Shell.run(
                        sound, "SELECT name FROM sqlite_schema WHERE name LIKE 'words_%' AND rootpage > 0")
                .lines()
                .toList();
        assertThat(stored).hasSizeGreaterThan(2);
        for (String name : stored) {
            Files.copy(sound, image, StandardCopyOption.REPLACE_EXISTING);
            zero(lastPageOf(name, 0));
            assertThat(check(image, Depth.QUICK)).as(name).isInstanceOf(Finding.Damaged.class);
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = Unusual.class,
            names = {"FTS4_TOKENIZER", "FTS5_TOKENIZER", "NEWER_FTS5", "NULL_IN_A_NOT_NULL_COLUMN"})
    void damage_to_the_freelist_is_found_next_to_it(Unusual content) throws Exception {
        content.make(image);
        try (FileChannel channel = FileChannel.open(image, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            ByteBuffer trunk = ByteBuffer.allocate(4);
            Channels.read(channel, trunk, 32);
            assertThat(trunk.getInt(0)).isPositive();
            Channels.write(
                    channel, ByteBuffer.allocate(8).putInt(0, 0).putInt(4, 1 << 20), (trunk.getInt(0) - 1L) * PAGE);
        }
        assertThat(check(image, Depth.QUICK)).isInstanceOf(Finding.Damaged.class);
    }

    /** Root or last leaf. */
    private int lastPageOf(String table, int skip) throws Exception {
        return Shell.run(
                        image,
                        "SELECT pageno FROM dbstat WHERE name='" + table
                                + "' AND pagetype='leaf' ORDER BY pageno DESC LIMIT 1 OFFSET " + skip)
                .lines()
                .mapToInt(Integer::parseInt)
                .findFirst()
                .orElseThrow();
    }

    private void zero(int page) throws IOException {
        try (FileChannel channel = FileChannel.open(image, StandardOpenOption.WRITE)) {
            Channels.write(channel, ByteBuffer.allocate(PAGE), (page - 1L) * PAGE);
        }
    }

    @Test
    void damage_behind_more_findings_than_are_listed_is_found() throws Exception {
        Shell.run(
                image,
                "CREATE TABLE a(x, y); WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n WHERE i<200)"
                        + " INSERT INTO a SELECT i, NULL FROM n;"
                        + "CREATE TABLE z(x); INSERT INTO z VALUES (1), (2); CREATE INDEX i ON z(x);"
                        + "CREATE TABLE o(x); INSERT INTO o VALUES (3), (4); CREATE INDEX j ON o(x)"
                        + rewritten("a", "CREATE TABLE a(x, y NOT NULL)")
                        + "; UPDATE sqlite_schema SET rootpage=(SELECT sum(rootpage) FROM sqlite_schema WHERE name IN ('i', 'j'))"
                        + " - rootpage WHERE name IN ('i', 'j')");
        assertThat(check(image, Depth.FULL))
                .isInstanceOfSatisfying(
                        Finding.Damaged.class, it -> assertThat(it.what()).contains("missing from index"));
        Shell.run(image, "DROP INDEX i; DROP INDEX j");
        assertThat(check(image, Depth.FULL)).isEqualTo(new Finding.Sound(Depth.FULL, Optional.of("NULL value in a.y")));
    }

    @Test
    void an_index_that_lacks_a_row_is_damage_and_not_a_finding_about_rows() throws Exception {
        Shell.run(
                image,
                "CREATE TABLE t(x); INSERT INTO t VALUES (1), (2); CREATE INDEX i ON t(x); CREATE TABLE u(y)"
                        + rewritten("i", "CREATE INDEX i ON t(x, 1)"));
        assertThat(check(image, Depth.FULL)).isInstanceOf(Finding.Damaged.class);
    }

    @Test
    void foreign_keys_that_fit_no_parent_are_a_finding_and_the_others_are_checked() throws Exception {
        Shell.run(
                image,
                "CREATE TABLE p(a); CREATE TABLE c(b REFERENCES p(a)); INSERT INTO c VALUES (1);"
                        + "CREATE TABLE q(a INTEGER PRIMARY KEY); CREATE TABLE d(b REFERENCES q); INSERT INTO d VALUES (7)");
        assertThat(check(image, Depth.FULL))
                .isInstanceOfSatisfying(
                        Finding.Sound.class,
                        it -> assertThat(it.remark().orElse(""))
                                .contains("table c cannot be checked", "row 1 of table d refers"));
    }

    @Test
    void views_and_triggers_that_need_the_application_are_of_no_concern() throws Exception {
        Shell.run(
                image,
                "CREATE TABLE t(a); CREATE VIEW v AS SELECT nofn(a) FROM t; CREATE VIEW w AS SELECT * FROM nope;"
                        + "CREATE TRIGGER g AFTER INSERT ON t BEGIN SELECT nofn(new.a); END");
        assertThat(check(image, Depth.FULL)).isEqualTo(new Finding.Sound(Depth.FULL));
    }

    @ParameterizedTest
    @EnumSource(
            value = Unusual.class,
            names = {
                "FTS3_TOKENIZER",
                "FTS4_TOKENIZER",
                "FTS5_TOKENIZER",
                "NEWER_FTS5",
                "UNKNOWN_MODULE",
                "NULL_IN_A_NOT_NULL_COLUMN",
                "TEXT_IN_A_NUMERIC_COLUMN",
                "FTS4_OUT_OF_STEP",
                "RTREE_OUT_OF_STEP"
            })
    void it_is_restored_over_another_database_also_on_pages_of_another_size(Unusual content) throws Exception {
        content.make(image);
        String tables =
                "SELECT name, sql FROM sqlite_schema ORDER BY name; SELECT count(*), sum(id), min(x), max(x) FROM plain";
        for (String pragmas :
                List.of("journal_mode=WAL", "journal_mode=DELETE", "page_size=1024; PRAGMA journal_mode=WAL")) {
            Path target = Files.createDirectories(root.resolve("live")).resolve("app.db");
            Files.deleteIfExists(target);
            Shell.run(target, "PRAGMA " + pragmas + "; CREATE TABLE old(x); INSERT INTO old VALUES (1)");
            assertThat(fixture.restore(target, image)).isEqualTo(DONE);
            assertThat(Shell.run(target, tables)).isEqualTo(Shell.run(image, tables));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"WAL", "DELETE"})
    void a_snapshot_of_it_passes_too(String mode) throws Exception {
        Path live = root.resolve("app.db");
        Unusual.FTS5_TOKENIZER.make(live);
        Shell.run(live, "PRAGMA journal_mode=" + mode);
        assertThat(check(fixture.copy(live, "copy.db"), Depth.FULL)).isInstanceOf(Finding.Sound.class);
    }
}
