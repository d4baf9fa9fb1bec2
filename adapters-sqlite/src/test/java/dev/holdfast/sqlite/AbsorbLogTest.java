package dev.holdfast.sqlite;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.application.archive.DatabaseConverter.UnfitException;
import dev.holdfast.application.operation.CancelledException;
import dev.holdfast.application.operation.ProgressMonitor;
import dev.holdfast.domain.operation.Phase;
import dev.holdfast.sqlite.dump.SqliteDatabaseConverter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("adapter")
@DisplayNameGeneration(ReplaceUnderscores.class)
class AbsorbLogTest {
    @TempDir
    Path root;

    private Path database;
    private Path log;

    @BeforeEach
    void directory() throws Exception {
        Path directory = Files.createDirectory(root.resolve("private"));
        database = directory.resolve("data.db");
        log = directory.resolve("data.db-wal");
    }

    private void absorb() throws Exception {
        new SqliteDatabaseConverter().absorbLog(database, ProgressMonitor.UNWATCHED);
        assertThat(SqliteFixture.contents(database.resolveSibling(""))).containsOnlyKeys("data.db");
    }

    /** One row in the file, a second one only in the log. */
    private void killAWriterWithALog() throws Exception {
        try (Shell shell = Shell.open(database)) {
            shell.say("PRAGMA journal_mode=WAL; CREATE TABLE t(x); INSERT INTO t VALUES (1)");
            shell.say("PRAGMA wal_checkpoint(TRUNCATE)");
            assertThat(shell.say("INSERT INTO t VALUES (2)")).isEmpty();
        }
        assertThat(Files.size(log)).isPositive();
    }

    private String rows() throws Exception {
        return Shell.run(database, "PRAGMA integrity_check; SELECT group_concat(x) FROM t");
    }

    @Test
    void a_killed_writers_log_is_brought_into_the_file() throws Exception {
        killAWriterWithALog();
        Files.delete(Path.of(database + "-shm"));
        absorb();
        assertThat(rows()).isEqualTo("ok\n1,2\n");
    }

    @Test
    void a_busy_writers_log_is_brought_into_the_file() throws Exception {
        WriterProcess.prepare(database, "WAL");
        try (WriterProcess writer = WriterProcess.start(database, "WAL")) {
            assertThat(writer.isAlive()).isTrue();
        }
        assertThat(Files.size(log)).isPositive();
        absorb();
        WriterProcess.assertInvariants(database);
    }

    @Test
    void shared_memory_is_not_believed() throws Exception {
        killAWriterWithALog();
        Files.writeString(Path.of(database + "-shm"), "nonsense".repeat(4096));
        absorb();
        assertThat(rows()).isEqualTo("ok\n1,2\n");
    }

    @Test
    void a_log_of_another_state_is_dropped() throws Exception {
        killAWriterWithALog();
        byte[] bytes = Files.readAllBytes(log);
        bytes[40] ^= 1; // a salt in the first frame
        Files.write(log, bytes);
        absorb();
        assertThat(rows()).isEqualTo("ok\n1\n");
    }

    @Test
    void a_log_cut_short_counts_as_far_as_it_was_committed() throws Exception {
        killAWriterWithALog();
        Files.write(log, Arrays.copyOf(Files.readAllBytes(log), 3000));
        absorb();
        assertThat(rows()).isEqualTo("ok\n1\n");
    }

    @Test
    void a_log_of_nonsense_is_dropped() throws Exception {
        killAWriterWithALog();
        Files.writeString(log, "nonsense".repeat(5000));
        absorb();
        assertThat(rows()).isEqualTo("ok\n1\n");
    }

    @Test
    void an_empty_log_and_none_change_nothing() throws Exception {
        Shell.run(database, "PRAGMA journal_mode=WAL; CREATE TABLE t(x); INSERT INTO t VALUES (1)");
        byte[] before = Files.readAllBytes(database);
        absorb();
        Files.createFile(log);
        absorb();
        assertThat(database).hasBinaryContent(before);
    }

    @Test
    void a_file_that_is_not_a_database_is_refused() throws Exception {
        Files.writeString(database, "hello ".repeat(100));
        Files.writeString(log, "nonsense".repeat(5000));
        assertThatThrownBy(this::absorb)
                .isInstanceOf(UnfitException.class)
                .hasMessageContaining("not a SQLite database");
    }

    @Test
    void a_journal_is_refused_and_nothing_that_it_names_is_touched() throws Exception {
        Shell.run(database, "CREATE TABLE t(x); INSERT INTO t VALUES (1)");
        Files.createFile(Path.of(database + "-journal"));
        assertThatThrownBy(this::absorb).isInstanceOf(UnfitException.class).hasMessageContaining("journal");
        assertThat(Path.of(database + "-journal")).exists();
    }

    @Test
    void a_log_that_is_a_link_is_refused() throws Exception {
        killAWriterWithALog();
        Path elsewhere = Files.move(log, root.resolve("elsewhere"));
        byte[] before = Files.readAllBytes(elsewhere);
        Files.createSymbolicLink(log, elsewhere);
        assertThatThrownBy(this::absorb).isInstanceOf(UnfitException.class);
        assertThat(elsewhere).hasBinaryContent(before);
    }

    @Test
    void a_file_cut_short_is_refused() throws Exception {
        Shell.run(database, "CREATE TABLE t(x); CREATE TABLE u(x)");
        Files.write(database, Arrays.copyOf(Files.readAllBytes(database), 8192));
        assertThatThrownBy(this::absorb).isInstanceOf(UnfitException.class).hasMessageContaining("cut short");
    }

    @Test
    void cancelled_work_does_not_begin() throws Exception {
        killAWriterWithALog();
        byte[] before = Files.readAllBytes(database);
        ProgressMonitor cancelled = new ProgressMonitor() {
            @Override
            public void enter(Phase phase, long totalBytes) {}

            @Override
            public void advance(long bytes) {}

            @Override
            public void checkCancelled() {
                throw new CancelledException();
            }
        };
        assertThatThrownBy(() -> new SqliteDatabaseConverter().absorbLog(database, cancelled))
                .isInstanceOf(CancelledException.class);
        assertThat(database).hasBinaryContent(before);
    }
}
