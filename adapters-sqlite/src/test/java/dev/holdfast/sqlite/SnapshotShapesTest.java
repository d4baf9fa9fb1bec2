package dev.holdfast.sqlite;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

@Tag("adapter")
@DisplayNameGeneration(ReplaceUnderscores.class)
class SnapshotShapesTest {
    private static final String CONTENT = "CREATE TABLE plain(a, b TEXT, c AS (a * 2) STORED);"
            + "CREATE TABLE keyed(k TEXT PRIMARY KEY, v) WITHOUT ROWID;"
            + "CREATE VIRTUAL TABLE words USING fts5(text);"
            + "CREATE VIRTUAL TABLE boxes USING rtree(id, x0, x1);"
            + "CREATE INDEX by_b ON plain(b);"
            + "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n WHERE i<300)"
            + " INSERT INTO plain(a, b) SELECT i, 'zoë ' || i || hex(zeroblob(i * 3)) FROM n;"
            + "INSERT INTO keyed SELECT b, a FROM plain;"
            + "INSERT INTO words SELECT 'the quick brown fox ' || a FROM plain;"
            + "INSERT INTO boxes SELECT a, a, a + 1 FROM plain;"
            + "DELETE FROM plain WHERE a % 7 = 0;";

    @TempDir
    Path root;

    static Stream<Arguments> shapes() {
        return Stream.of("WAL", "DELETE")
                .flatMap(mode -> Stream.of(
                                "page_size=512",
                                "page_size=1024",
                                "page_size=8192",
                                "page_size=65536",
                                "auto_vacuum=FULL",
                                "auto_vacuum=INCREMENTAL",
                                "encoding='UTF-16be'")
                        .map(shape -> Arguments.of(mode, shape)));
    }

    @ParameterizedTest
    @MethodSource("shapes")
    void the_copy_has_the_same_content(String mode, String shape) throws Exception {
        Path database = Files.createDirectory(root.resolve("live")).resolve("app #1%20ü?.db");
        try (Shell shell = Shell.open(database)) {
            shell.say("PRAGMA " + shape + "; PRAGMA journal_mode=" + mode);
            shell.say("PRAGMA wal_autocheckpoint=20");
            assertThat(shell.say(CONTENT)).isEmpty();
            Path copy = SqliteFixture.in(root).copy(database, "copy.db");
            assertThat(Shell.run(copy, "PRAGMA integrity_check")).isEqualTo("ok\n");
            assertThat(Shell.run(copy, ".dump")).isEqualTo(shell.say(".dump\nSELECT 1 WHERE 0"));
            String header = "PRAGMA page_size; PRAGMA auto_vacuum; PRAGMA encoding; PRAGMA journal_mode";
            assertThat(Shell.run(copy, header)).isEqualTo(shell.say(header));
        }
    }
}
