package dev.holdfast.sqlite;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.application.snapshot.Snapshot;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("adapter")
@DisplayNameGeneration(ReplaceUnderscores.class)
class SnapshotOfLeftoversTest {
    private static final String ROWS = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n WHERE i<500)";

    @TempDir
    Path root;

    private Path live;
    private Path database;

    @BeforeEach
    void directory() throws Exception {
        live = Files.createDirectory(root.resolve("live"));
        database = live.resolve("app.db");
    }

    private void killAWriterWithALog() throws Exception {
        try (Shell shell = Shell.open(database)) {
            shell.say("PRAGMA journal_mode=WAL; CREATE TABLE t(x); PRAGMA wal_checkpoint; INSERT INTO t VALUES (1)");
            shell.say("PRAGMA cache_size=1; PRAGMA cache_spill=1; BEGIN");
            assertThat(shell.say(ROWS + " INSERT INTO t SELECT hex(randomblob(2000)) FROM n"))
                    .isEmpty();
        }
        assertThat(SqliteFixture.contents(live)).containsOnlyKeys("app.db", "app.db-shm", "app.db-wal");
        assertThat(Files.size(live.resolve("app.db-wal"))).isGreaterThan(500_000);
    }

    private void assertCopiesOneRowAndTouchesNothing() throws Exception {
        Map<String, byte[]> before = SqliteFixture.contents(live);
        SqliteFixture fixture = SqliteFixture.in(root);
        Path copy = fixture.copy(database, "copy");
        Map<String, byte[]> after = SqliteFixture.contents(live);
        assertThat(after.keySet()).isEqualTo(before.keySet());
        before.forEach((name, bytes) -> assertThat(after.get(name)).as(name).isEqualTo(bytes));
        assertThat(Shell.run(copy, "PRAGMA integrity_check; SELECT count(*) FROM t"))
                .isEqualTo("ok\n1\n");
        assertThat(root.resolve("scratch")).isEmptyDirectory();
    }

    @Test
    void a_killed_writers_log_and_shared_memory_stay_as_they_are() throws Exception {
        killAWriterWithALog();
        assertCopiesOneRowAndTouchesNothing();
    }

    @Test
    void a_killed_writers_log_without_shared_memory_stays_as_it_is() throws Exception {
        killAWriterWithALog();
        Files.delete(live.resolve("app.db-shm"));
        assertCopiesOneRowAndTouchesNothing();
    }

    @Test
    void a_hot_journal_stays_and_the_copy_is_rolled_back() throws Exception {
        Shell.run(
                database,
                "CREATE TABLE t(x); INSERT INTO t VALUES (1); CREATE TABLE old(x);" + ROWS
                        + " INSERT INTO old SELECT printf('%2000d', 1) FROM n");
        try (Shell shell = Shell.open(database)) {
            shell.say("PRAGMA cache_size=1; PRAGMA cache_spill=1; BEGIN; UPDATE t SET x = 2");
            // Pages that were there before reach the file before the commit, which never comes.
            assertThat(shell.say("UPDATE old SET x = printf('%2000d', 2)")).isEmpty();
        }
        assertThat(SqliteFixture.contents(live)).containsOnlyKeys("app.db", "app.db-journal");
        assertThat(Files.size(database)).isGreaterThan(500_000);
        assertCopiesOneRowAndTouchesNothing();
        assertThat(Shell.run(root.resolve("copy"), "SELECT count(*) FROM old WHERE x LIKE '%2'"))
                .isEqualTo("0\n");
    }

    @Test
    void a_journal_of_a_writer_at_work_is_not_hot() throws Exception {
        Shell.run(database, "CREATE TABLE t(x); INSERT INTO t VALUES (1)");
        try (Shell shell = Shell.open(database)) {
            shell.say("BEGIN; INSERT INTO t VALUES (2)");
            assertThat(SqliteFixture.contents(live)).containsKey("app.db-journal");
            assertCopiesOneRowAndTouchesNothing();
            assertThat(shell.say("COMMIT; SELECT count(*) FROM t")).isEqualTo("2\n");
        }
    }

    @Test
    void a_dormant_database_in_wal_mode_gets_no_sidecars() throws Exception {
        Shell.run(database, "PRAGMA journal_mode=WAL; CREATE TABLE t(x); INSERT INTO t VALUES (1)");
        assertThat(SqliteFixture.contents(live)).containsOnlyKeys("app.db");
        assertCopiesOneRowAndTouchesNothing();
    }

    @Test
    void a_program_that_has_the_database_open_keeps_its_shared_memory_as_it_is() throws Exception {
        try (Shell shell = Shell.open(database)) {
            shell.say("PRAGMA journal_mode=WAL; CREATE TABLE t(x); INSERT INTO t VALUES (1)");
            assertCopiesOneRowAndTouchesNothing();
            assertThat(shell.say("INSERT INTO t VALUES (2); SELECT count(*) FROM t"))
                    .isEqualTo("2\n");
        }
    }

    @Test
    void the_image_can_be_read_again() throws Exception {
        killAWriterWithALog();
        SqliteFixture fixture = SqliteFixture.in(root);
        try (Snapshot snapshot = fixture.pin(database)) {
            Path first = fixture.write(snapshot.images().getFirst(), "first");
            Path second = fixture.write(snapshot.images().getFirst(), "second");
            assertThat(first).hasSameBinaryContentAs(second);
        }
    }
}
