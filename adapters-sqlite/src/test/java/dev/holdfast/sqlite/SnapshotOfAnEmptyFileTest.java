package dev.holdfast.sqlite;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.domain.database.Source;
import dev.holdfast.domain.problem.Problem;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Arrays;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A main file without content next to sidecars that have some. */
@Tag("adapter")
@DisplayNameGeneration(ReplaceUnderscores.class)
public class SnapshotOfAnEmptyFileTest {
    @TempDir
    Path root;

    private Path live;
    private Path database;
    private SqliteFixture fixture;

    @BeforeEach
    void a_killed_writer_leaves_committed_rows_in_its_WAL() throws Exception {
        live = Files.createDirectory(root.resolve("live"));
        database = live.resolve("app.db");
        fixture = SqliteFixture.impatient(root);
        try (Shell shell = Shell.open(database)) {
            shell.say("PRAGMA journal_mode=WAL; CREATE TABLE t(x); INSERT INTO t VALUES (1)");
        }
        assertThat(live.resolve("app.db-wal")).isNotEmptyFile();
    }

    private void assertRefusedAndUntouched(Source source) throws Exception {
        Map<String, byte[]> before = SqliteFixture.contents(live);
        assertThat(fixture.refusal(source))
                .isInstanceOfSatisfying(
                        Problem.SourceCorrupt.class,
                        it -> assertThat(it.detail())
                                .contains(database + " is empty", database + "-wal", "unchanged", "Keep"));
        assertSame(before, SqliteFixture.contents(live));
        assertThat(root.resolve("scratch")).isEmptyDirectory();
    }

    public static void assertSame(Map<String, byte[]> before, Map<String, byte[]> after) {
        assertThat(after.keySet()).isEqualTo(before.keySet());
        before.forEach((name, bytes) -> assertThat(after.get(name)).as(name).isEqualTo(bytes));
    }

    /** SQLite treats a main file of one byte as an empty one, and deletes the WAL next to it as well. */
    @ParameterizedTest
    @ValueSource(ints = {0, 1})
    void a_main_file_without_content_keeps_its_WAL(int bytes) throws Exception {
        Files.write(database, new byte[bytes]);
        assertRefusedAndUntouched(Source.of(database));
    }

    @Test
    void without_a_wal_index_the_WAL_is_kept_as_well() throws Exception {
        Files.write(database, new byte[0]);
        Files.delete(live.resolve("app.db-shm"));
        assertRefusedAndUntouched(Source.of(database));
    }

    @Test
    void while_a_program_has_the_database_open_the_WAL_is_kept_as_well() throws Exception {
        try (Shell shell = Shell.open(database)) {
            assertThat(shell.say("INSERT INTO t VALUES (2)")).isEmpty();
            Files.write(database, new byte[0]);
            assertRefusedAndUntouched(Source.of(database));
        }
    }

    @Test
    void a_missing_main_file_keeps_its_WAL() throws Exception {
        Files.delete(database);
        Map<String, byte[]> before = SqliteFixture.contents(live);
        assertThat(fixture.refusal(database)).isInstanceOfAny(Problem.SourceNotFound.class, Problem.NotADatabase.class);
        assertSame(before, SqliteFixture.contents(live));
    }

    @Test
    void an_empty_WAL_is_no_reason_to_refuse() throws Exception {
        Files.write(database, new byte[0]);
        Files.write(live.resolve("app.db-wal"), new byte[0]);
        Map<String, byte[]> before = SqliteFixture.contents(live);
        assertThat(fixture.copy(database, "copy")).isEmptyFile();
        assertSame(before, SqliteFixture.contents(live));
    }

    /** The WAL has the first page, so SQLite does not need that of the main file. */
    @ParameterizedTest
    @ValueSource(ints = {2, 99, 100, 2048})
    void a_main_file_cut_within_its_first_page_gives_what_SQLite_shows(int bytes) throws Exception {
        Files.write(database, Arrays.copyOf(Files.readAllBytes(database), bytes));
        Path copy = Files.createDirectory(root.resolve("private")).resolve("app.db");
        Files.copy(database, copy);
        Files.copy(live.resolve("app.db-wal"), root.resolve("private/app.db-wal"));
        assertThat(Shell.run(copy, "SELECT count(*) FROM t")).isEqualTo("1\n");
        Map<String, byte[]> before = SqliteFixture.contents(live);
        assertThat(Shell.run(fixture.copy(database, "copy"), "SELECT count(*) FROM t"))
                .isEqualTo("1\n");
        assertSame(before, SqliteFixture.contents(live));
    }

    /** SQLite deletes such a journal. The transaction that filled the empty file never ended. */
    @Test
    void an_empty_main_file_with_a_journal_is_an_empty_database_and_keeps_its_journal() throws Exception {
        Files.delete(live.resolve("app.db-wal"));
        Files.delete(live.resolve("app.db-shm"));
        Files.delete(database);
        Shell.run(database, "CREATE TABLE t(x)");
        try (Shell shell = Shell.open(database)) {
            shell.say("BEGIN; INSERT INTO t VALUES (1)");
            Files.copy(live.resolve("app.db-journal"), root.resolve("journal"));
        }
        Files.move(root.resolve("journal"), live.resolve("app.db-journal"), StandardCopyOption.REPLACE_EXISTING);
        Files.write(database, new byte[0]);
        Map<String, byte[]> before = SqliteFixture.contents(live);
        assertThat(fixture.copy(database, "copy")).isEmptyFile();
        assertSame(before, SqliteFixture.contents(live));
    }
}
