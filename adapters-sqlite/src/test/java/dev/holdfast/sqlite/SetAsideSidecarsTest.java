package dev.holdfast.sqlite;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.application.Outcome;
import dev.holdfast.application.operation.ProgressMonitor;
import dev.holdfast.application.operation.RemarkedWork;
import dev.holdfast.domain.problem.Problem;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Restores where the main file is empty or missing, and a WAL or journal holds what is left. */
@Tag("adapter")
@DisplayNameGeneration(ReplaceUnderscores.class)
class SetAsideSidecarsTest {
    private static final String MARK = ".set-aside-20261121T080000.000000Z";

    @TempDir
    Path root;

    private Path live;
    private Path database;
    private Path backup;
    private SqliteFixture fixture;
    private final RemarkedWork work = new RemarkedWork(ProgressMonitor.UNWATCHED);

    @BeforeEach
    void a_killed_writer_with_a_wal() throws Exception {
        live = Files.createDirectory(root.resolve("live"));
        database = live.resolve("app.db");
        backup = root.resolve("backup.db");
        fixture = SqliteFixture.in(root);
        Shell.run(backup, "CREATE TABLE t(x); INSERT INTO t VALUES ('backup')");
        try (Shell shell = Shell.open(database)) {
            shell.say("PRAGMA journal_mode=WAL; CREATE TABLE t(x); INSERT INTO t VALUES ('only in the WAL')");
        }
    }

    private void emptyMain() throws IOException {
        Files.write(database, new byte[0]);
    }

    private Outcome<?> restore() {
        return fixture.restore(database, SqliteFixture.artifact(backup), work);
    }

    private void assertRestoredAndSetAside(byte[] wal) throws Exception {
        assertThat(Shell.run(database, "PRAGMA integrity_check; SELECT x FROM t"))
                .isEqualTo("ok\nbackup\n");
        Path aside = live.resolve("app.db-wal" + MARK);
        assertThat(aside).hasBinaryContent(wal);
        assertThat(work.remarks())
                .anySatisfy(it -> assertThat(it).contains(live.resolve("app.db-wal") + " belonged", aside + " now"));
    }

    @Test
    void a_wal_next_to_an_empty_main_file_is_set_aside_and_its_place_reported() throws Exception {
        emptyMain();
        byte[] wal = Files.readAllBytes(live.resolve("app.db-wal"));
        Object inode = Files.getAttribute(database, "unix:ino");
        assertThat(restore()).isInstanceOf(Outcome.Done.class);
        assertRestoredAndSetAside(wal);
        assertThat(Files.getAttribute(database, "unix:ino")).isEqualTo(inode);
    }

    @Test
    void a_wal_next_to_a_missing_main_file_is_set_aside_and_its_place_reported() throws Exception {
        Files.delete(database);
        byte[] wal = Files.readAllBytes(live.resolve("app.db-wal"));
        assertThat(restore()).isInstanceOf(Outcome.Done.class);
        assertRestoredAndSetAside(wal);
    }

    @Test
    void a_journal_next_to_an_empty_main_file_goes_with_its_wal() throws Exception {
        emptyMain();
        Files.writeString(live.resolve("app.db-journal"), "of another time");
        assertThat(restore()).isInstanceOf(Outcome.Done.class);
        assertThat(live.resolve("app.db-journal" + MARK)).hasContent("of another time");
        assertThat(work.remarks()).hasSize(3);
    }

    @Test
    void a_restore_that_is_refused_leaves_the_pair_as_it_was() throws Exception {
        emptyMain();
        Map<String, byte[]> before = SqliteFixture.contents(live);
        assertThat(fixture.replace(
                        database,
                        SqliteFixture.artifact(backup),
                        _ -> Outcome.refused(new Problem.StoreUnavailable("no")),
                        work))
                .isInstanceOf(Outcome.Refused.class);
        Map<String, byte[]> after = SqliteFixture.contents(live);
        assertThat(after.keySet()).isEqualTo(before.keySet());
        before.forEach((name, bytes) -> assertThat(after.get(name)).as(name).isEqualTo(bytes));
        assertThat(work.remarks()).isEmpty();
    }

    @Test
    void a_pair_that_a_program_has_open_is_left_to_it() throws Exception {
        Files.delete(database);
        Files.delete(live.resolve("app.db-wal"));
        Files.delete(live.resolve("app.db-shm"));
        try (Shell application = Shell.open(database)) {
            application.say("PRAGMA journal_mode=WAL; CREATE TABLE t(x); INSERT INTO t VALUES ('only in the WAL')");
            emptyMain();
            assertThat(SqliteFixture.impatient(root).restore(database, SqliteFixture.artifact(backup), work))
                    .isInstanceOfSatisfying(
                            Outcome.Refused.class,
                            it -> assertThat(((Outcome.Refused<?>) it).problem())
                                    .isInstanceOf(Problem.SourceBusy.class));
            assertThat(live.resolve("app.db-wal")).isNotEmptyFile();
            assertThat(application.say("SELECT x FROM t")).isEqualTo("only in the WAL\n");
        }
    }

    @Test
    void a_start_leaves_the_pair_as_it_was() throws Exception {
        emptyMain();
        Map<String, byte[]> before = SqliteFixture.contents(live);
        fixture.settle(database);
        Map<String, byte[]> after = SqliteFixture.contents(live);
        assertThat(after.keySet()).isEqualTo(before.keySet());
        before.forEach((name, bytes) -> assertThat(after.get(name)).as(name).isEqualTo(bytes));
    }

    @Test
    void a_restore_without_leftovers_has_no_remark() throws Exception {
        Shell.run(database, "PRAGMA journal_mode=DELETE");
        assertThat(restore()).isInstanceOf(Outcome.Done.class);
        assertThat(work.remarks()).isEmpty();
    }
}
