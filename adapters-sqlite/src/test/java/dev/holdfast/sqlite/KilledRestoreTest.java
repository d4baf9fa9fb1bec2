package dev.holdfast.sqlite;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.application.Outcome;
import dev.holdfast.application.operation.FailPoints;
import dev.holdfast.testkit.JavaProcess;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A process that dies in the middle of a restore leaves the old content or the new. */
@Tag("process")
@Tag("slow")
@DisplayNameGeneration(ReplaceUnderscores.class)
class KilledRestoreTest {
    private static final int HALTED = 86;
    private static final String CONTENT = "SELECT count(*), min(x), max(x) FROM t; PRAGMA integrity_check";

    @TempDir
    Path root;

    private Path live;
    private Path target;
    private Path image;

    @BeforeEach
    void directory() throws Exception {
        live = Files.createDirectory(root.resolve("live"));
        target = live.resolve("app.db");
        image = Files.createDirectory(root.resolve("store")).resolve("image.db");
        fill(image, "WAL", 4000, "new");
    }

    private static void fill(Path database, String mode, int rows, String word) throws Exception {
        Shell.run(
                database,
                "PRAGMA journal_mode=" + mode + "; CREATE TABLE t(x, y);"
                        + "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n WHERE i<" + rows + ")"
                        + " INSERT INTO t SELECT '" + word + "', hex(randomblob(1000)) FROM n");
    }

    private void dieAt(String step) throws Exception {
        Process process = JavaProcess.start(
                KilledRestoreTest.class,
                List.of(root.resolve("dying").toString(), target.toString(), image.toString(), step));
        assertThat(process.waitFor()).as("reached " + step).isEqualTo(HALTED);
    }

    @ParameterizedTest
    @CsvSource({
        "WAL,restore.replacing,old",
        "WAL,restore.pages,old",
        "WAL,restore.committed,new",
        "WAL,restore.compared,new",
        "DELETE,restore.replacing,old",
        "DELETE,restore.pages,old",
        "DELETE,restore.committed,new",
        "DELETE,restore.compared,new"
    })
    void whoever_opens_it_next_sees_one_or_the_other(String mode, String step, String expected) throws Exception {
        fill(target, mode, 3000, "old");
        Path settled = Files.createDirectory(root.resolve("settled")).resolve("app.db");
        dieAt(step);
        for (Path file : List.of(target, live.resolve("app.db-wal"), live.resolve("app.db-journal"))) {
            if (Files.exists(file)) {
                Files.copy(file, settled.resolveSibling(file.getFileName()));
            }
        }
        String old = "3000|old|old\nok\n";
        String fresh = "4000|new|new\nok\n";
        assertThat(Shell.run(target, CONTENT)).isEqualTo(expected.equals("old") ? old : fresh);
        SqliteFixture fixture = SqliteFixture.in(root);
        fixture.settle(settled);
        assertThat(SqliteFixture.contents(settled.resolveSibling(""))).doesNotContainKey("app.db-wal");
        assertThat(Shell.run(settled, CONTENT)).isEqualTo(expected.equals("old") ? old : fresh);
        assertThat(fixture.restore(target, image)).isEqualTo(Outcome.done(Optional.of("kept")));
        assertThat(Shell.run(target, CONTENT)).isEqualTo(fresh);
    }

    @ParameterizedTest
    @ValueSource(strings = {"restore.replacing", "restore.new.written", "restore.new.linked"})
    void a_missing_target_stays_missing_or_is_whole(String step) throws Exception {
        dieAt(step);
        SqliteFixture fixture = SqliteFixture.in(root);
        fixture.settle(target);
        if (step.equals("restore.new.linked")) {
            assertThat(SqliteFixture.contents(live)).containsOnlyKeys("app.db");
            assertThat(target).hasSameBinaryContentAs(image);
        } else {
            assertThat(live).isEmptyDirectory();
        }
        assertThat(fixture.restore(target, image)).isInstanceOf(Outcome.Done.class);
        assertThat(Shell.run(target, CONTENT)).isEqualTo("4000|new|new\nok\n");
    }

    /** Restores and dies on the way. */
    public static void main(String[] arguments) throws Exception {
        FailPoints dying = step -> {
            if (step.equals(arguments[3])) {
                Runtime.getRuntime().halt(HALTED);
            }
        };
        SqliteFixture fixture = SqliteFixture.in(Path.of(arguments[0]), 1 << 20, Duration.ofSeconds(10), dying);
        System.err.println(fixture.restore(Path.of(arguments[1]), Path.of(arguments[2])));
    }
}
