package dev.holdfast.sqlite;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.application.Outcome;
import dev.holdfast.application.operation.CancelledException;
import dev.holdfast.application.operation.FailPoints;
import dev.holdfast.application.operation.ProgressMonitor;
import dev.holdfast.domain.operation.Phase;
import dev.holdfast.domain.problem.Problem;
import dev.holdfast.sqlite.io.Connections;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.sql.Connection;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
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
@Tag("slow")
@DisplayNameGeneration(ReplaceUnderscores.class)
class OnlineRestoreTest {
    private static final Outcome<Optional<String>> DONE = Outcome.done(Optional.of("kept"));
    private static final String COUNT = "SELECT count(*) FROM t";
    private static final String CONTENT = "SELECT max(x) FROM t";

    @TempDir
    Path root;

    private Path live;
    private Path target;
    private Path image;
    private SqliteFixture fixture;

    @BeforeEach
    void directory() throws Exception {
        live = Files.createDirectory(root.resolve("live"));
        target = live.resolve("app.db");
        image = Files.createDirectory(root.resolve("store")).resolve("image.db");
        fixture = SqliteFixture.in(root);
    }

    private static void fill(Path database, String pragmas, int rows) throws Exception {
        Shell.run(
                database,
                pragmas + "; CREATE TABLE t(x);"
                        + "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n WHERE i<" + rows + ")"
                        + " INSERT INTO t SELECT hex(randomblob(300)) FROM n");
    }

    private static String mode(String mode) {
        return "PRAGMA journal_mode=" + mode;
    }

    private void assertHoldsTheImage() throws Exception {
        assertThat(Shell.run(target, ".dump")).isEqualTo(Shell.run(image, ".dump"));
        assertThat(Shell.run(target, "PRAGMA integrity_check")).isEqualTo("ok\n");
        assertThat(SqliteFixture.contents(image.resolveSibling(""))).containsOnlyKeys("image.db");
        assertThat(root.resolve("scratch")).isEmptyDirectory();
    }

    @ParameterizedTest
    @CsvSource({"WAL,WAL", "WAL,DELETE", "DELETE,WAL", "DELETE,DELETE", "TRUNCATE,WAL", "PERSIST,DELETE"})
    void open_programs_see_the_new_content_and_keep_their_mode(String targetMode, String imageMode) throws Exception {
        fill(target, mode(targetMode), 700);
        fill(image, mode(imageMode), 500);
        Object inode = Files.getAttribute(target, "unix:ino");
        try (Shell other = Shell.open(target)) {
            other.say(mode(targetMode));
            assertThat(other.say(COUNT)).isEqualTo("700\n");
            assertThat(fixture.restore(target, image)).isEqualTo(DONE);
            assertThat(other.say(COUNT)).isEqualTo("500\n");
            assertThat(other.say("PRAGMA journal_mode")).isEqualToIgnoringCase(targetMode + "\n");
            assertThat(other.say("INSERT INTO t VALUES (1); DELETE FROM t WHERE x = 1"))
                    .isEmpty();
            assertThat(other.say("PRAGMA quick_check")).isEqualTo("ok\n");
        }
        assertHoldsTheImage();
        assertThat(Files.getAttribute(target, "unix:ino")).isEqualTo(inode);
    }

    @ParameterizedTest
    @ValueSource(strings = {"WAL", "DELETE"})
    void nobody_else_open_leaves_no_sidecar(String mode) throws Exception {
        fill(target, mode(mode), 300);
        fill(image, mode(mode), 900);
        assertThat(fixture.restore(target, image)).isEqualTo(DONE);
        assertThat(SqliteFixture.contents(live)).containsOnlyKeys("app.db");
        assertHoldsTheImage();
    }

    @ParameterizedTest
    @CsvSource({"WAL,1024,4096", "WAL,8192,512", "DELETE,1024,4096", "DELETE,8192,512"})
    void another_page_size_goes_in(String mode, int targetSize, int imageSize) throws Exception {
        fill(target, "PRAGMA page_size=" + targetSize + ";" + mode(mode), 700);
        fill(image, "PRAGMA page_size=" + imageSize + ";" + mode("DELETE"), 400);
        try (Shell other = Shell.open(target)) {
            assertThat(other.say(COUNT)).isEqualTo("700\n");
            assertThat(fixture.restore(target, image)).isEqualTo(DONE);
            assertThat(other.say(COUNT)).isEqualTo("400\n");
            assertThat(other.say("PRAGMA quick_check")).isEqualTo("ok\n");
        }
        assertHoldsTheImage();
    }

    @ParameterizedTest
    @ValueSource(strings = {"WAL", "DELETE"})
    void programs_that_write_meanwhile_lose_nothing_they_should_keep(String mode) throws Exception {
        WriterProcess.prepare(target, mode);
        Files.copy(fixture.copy(target, "first"), image);
        try (WriterProcess a = WriterProcess.start(target, mode);
                WriterProcess b = WriterProcess.start(target, mode)) {
            for (int i = 0; i < 5; i++) {
                assertThat(fixture.restore(target, image)).isEqualTo(DONE);
            }
            assertThat(List.of(a.isAlive(), b.isAlive())).containsOnly(true);
        }
        WriterProcess.assertInvariants(target);
    }

    @Test
    void a_reader_in_wal_mode_keeps_what_it_reads() throws Exception {
        fill(target, mode("WAL"), 700);
        fill(image, mode("WAL"), 500);
        try (Shell reader = Shell.open(target)) {
            assertThat(reader.say("BEGIN; " + COUNT)).isEqualTo("700\n");
            assertThat(fixture.restore(target, image)).isEqualTo(DONE);
            assertThat(reader.say(COUNT)).isEqualTo("700\n");
            assertThat(reader.say("COMMIT; " + COUNT)).isEqualTo("500\n");
        }
        assertHoldsTheImage();
    }

    @Test
    void an_artifact_without_a_file_goes_in() throws Exception {
        fill(target, mode("WAL"), 10);
        fill(image, mode("WAL"), 500);
        assertThat(fixture.restore(target, SqliteFixture.remote(image), ProgressMonitor.UNWATCHED))
                .isEqualTo(DONE);
        assertHoldsTheImage();
    }

    @ParameterizedTest
    @ValueSource(strings = {"WAL", "DELETE"})
    void an_empty_image_empties(String mode) throws Exception {
        fill(target, mode(mode), 100);
        Files.createFile(image);
        assertThat(fixture.restore(target, image)).isEqualTo(DONE);
        assertThat(Shell.run(target, "SELECT count(*) FROM sqlite_schema; PRAGMA integrity_check"))
                .isEqualTo("0\nok\n");
    }

    @Test
    void an_empty_file_is_filled() throws Exception {
        Files.createFile(target);
        fill(image, "PRAGMA page_size=1024", 100);
        assertThat(fixture.restore(target, image)).isEqualTo(DONE);
        assertHoldsTheImage();
    }

    @ParameterizedTest
    @CsvSource({"WAL,BEGIN IMMEDIATE", "DELETE,BEGIN IMMEDIATE", "DELETE,BEGIN; SELECT count(*) FROM t"})
    void a_busy_target_is_refused_and_stays_as_it_is(String mode, String transaction) throws Exception {
        fill(target, mode(mode), 700);
        fill(image, mode(mode), 500);
        try (Shell other = Shell.open(target)) {
            other.say(transaction);
            assertThat(SqliteFixture.impatient(root).restore(target, image))
                    .isInstanceOfSatisfying(
                            Outcome.Refused.class,
                            it -> assertThat(it.problem()).isInstanceOf(Problem.SourceBusy.class));
            other.say("COMMIT");
            assertThat(other.say(COUNT)).isEqualTo("700\n");
            assertThat(other.say("INSERT INTO t VALUES (1); " + COUNT)).isEqualTo("701\n");
        }
    }

    @Test
    void a_missing_target_and_its_folder_are_made() throws Exception {
        fill(image, mode("WAL"), 500);
        target = live.resolve("a/b/app.db");
        assertThat(fixture.restore(target, image)).isEqualTo(Outcome.done(Optional.empty()));
        assertThat(SqliteFixture.contents(target.resolveSibling(""))).containsOnlyKeys("app.db");
        assertThat(target).hasSameBinaryContentAs(image);
    }

    @Test
    void stale_sidecars_are_set_aside_not_mixed_in() throws Exception {
        fill(image, mode("WAL"), 500);
        try (Shell other = Shell.open(target)) {
            other.say(mode("WAL"));
            other.say("CREATE TABLE stale(x); INSERT INTO stale VALUES (1)");
        }
        Files.delete(target);
        assertThat(fixture.restore(target, image)).isEqualTo(Outcome.done(Optional.empty()));
        assertThat(SqliteFixture.contents(live))
                .containsOnlyKeys(
                        "app.db",
                        "app.db-wal.set-aside-20261121T080000.000000Z",
                        "app.db-shm.set-aside-20261121T080000.000000Z");
        assertHoldsTheImage();
    }

    @Test
    void what_is_not_a_database_is_not_replaced() throws Exception {
        Files.writeString(target, "a letter to keep ".repeat(100));
        fill(image, mode("WAL"), 5);
        Map<String, byte[]> before = SqliteFixture.contents(live);
        assertThat(fixture.restore(target, image))
                .isInstanceOfSatisfying(
                        Outcome.Refused.class,
                        it -> assertThat(it.problem().detail()).contains("Move it away and restore again."));
        assertThat(SqliteFixture.contents(live)).usingRecursiveComparison().isEqualTo(before);
    }

    @ParameterizedTest
    @ValueSource(strings = {"WAL", "DELETE"})
    void a_damaged_target_is_repaired(String mode) throws Exception {
        fill(target, mode(mode), 700);
        fill(image, mode(mode), 500);
        try (FileChannel channel = FileChannel.open(target, StandardOpenOption.WRITE)) {
            channel.truncate(3 * 4096);
        }
        assertThat(fixture.restore(target, image)).isEqualTo(DONE);
        assertHoldsTheImage();
    }

    @ParameterizedTest
    @CsvSource({"WAL,1048576", "WAL,0", "DELETE,0"})
    void what_is_kept_is_what_is_replaced_and_nobody_commits_in_between(String mode, long longestLog) throws Exception {
        fill(target, mode(mode), 700);
        fill(image, mode(mode), 500);
        List<String> answers = new ArrayList<>();
        try (Shell other = Shell.open(target)) {
            other.say("INSERT INTO t VALUES ('in the log')");
            String before = Shell.run(target, ".dump");
            FailPoints writing = step -> {
                if (step.equals("restore.replacing")) {
                    answers.add(said(other, "INSERT INTO t VALUES ('lost')"));
                }
            };
            SqliteFixture busy = SqliteFixture.in(root, longestLog, Duration.ofSeconds(5), writing);
            assertThat(busy.replace(
                            target,
                            SqliteFixture.artifact(image),
                            current -> {
                                answers.add(said(other, "INSERT INTO t VALUES ('lost')"));
                                return busy.keep(current);
                            },
                            ProgressMonitor.UNWATCHED))
                    .isEqualTo(DONE);
            assertThat(answers).hasSize(2).allMatch(answer -> answer.contains("database is locked"));
            assertThat(Shell.run(root.resolve("kept"), ".dump")).isEqualTo(before);
            assertThat(other.say("INSERT INTO t VALUES ('later'); " + COUNT)).isEqualTo("501\n");
        }
    }

    private static String said(Shell shell, String sql) {
        try {
            return shell.say(sql);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"WAL", "DELETE"})
    void what_cannot_be_kept_is_not_replaced(String mode) throws Exception {
        fill(target, mode(mode), 700);
        fill(image, mode(mode), 500);
        try (Shell other = Shell.open(target)) {
            assertThat(other.say(COUNT)).isEqualTo("700\n");
            var full = new Problem.InsufficientStorage("no room for it");
            Outcome<Optional<String>> refused = fixture.replace(
                    target, SqliteFixture.artifact(image), current -> Outcome.refused(full), ProgressMonitor.UNWATCHED);
            assertThat(refused).isEqualTo(Outcome.refused(full));
            assertThat(other.say("INSERT INTO t VALUES (1); " + COUNT)).isEqualTo("701\n");
        }
        assertThat(Shell.run(target, COUNT + "; PRAGMA integrity_check")).isEqualTo("701\nok\n");
    }

    @ParameterizedTest
    @ValueSource(strings = {"WAL", "DELETE"})
    void a_cancellation_before_everything_is_kept_leaves_the_old_content(String mode) throws Exception {
        fill(target, mode(mode), 700);
        fill(image, mode(mode), 500);
        var cancelled = new AtomicBoolean();
        ProgressMonitor work = new ProgressMonitor() {
            @Override
            public void enter(Phase phase, long totalBytes) {}

            @Override
            public void advance(long bytes) {}

            @Override
            public void checkCancelled() {
                if (cancelled.get()) {
                    throw new CancelledException();
                }
            }
        };
        try (Shell other = Shell.open(target)) {
            assertThat(other.say(COUNT)).isEqualTo("700\n");
            assertThatThrownBy(() -> fixture.replace(
                            target,
                            SqliteFixture.artifact(image),
                            current -> {
                                cancelled.set(true);
                                return fixture.keep(current);
                            },
                            work))
                    .isInstanceOf(CancelledException.class);
            assertThat(other.say("INSERT INTO t VALUES (1); " + COUNT)).isEqualTo("701\n");
        }
    }

    @Test
    void a_cancellation_after_the_start_comes_too_late() throws Exception {
        fill(target, mode("DELETE"), 700);
        fill(image, mode("DELETE"), 500);
        List<Phase> phases = new ArrayList<>();
        ProgressMonitor work = new ProgressMonitor() {
            @Override
            public void enter(Phase phase, long totalBytes) {
                phases.add(phase);
            }

            @Override
            public void advance(long bytes) {
                throw new CancelledException();
            }

            @Override
            public void checkCancelled() {
                if (phases.contains(Phase.REPLACING)) {
                    throw new CancelledException();
                }
            }
        };
        assertThat(fixture.restore(target, SqliteFixture.artifact(image), work)).isEqualTo(DONE);
        assertThat(phases).containsExactly(Phase.LOCKING_SOURCE, Phase.REPLACING, Phase.COMPARING);
        assertHoldsTheImage();
    }

    @Test
    void in_rollback_mode_nobody_gets_in_before_the_comparison_is_over() throws Exception {
        fill(target, mode("DELETE"), 700);
        fill(image, mode("DELETE"), 500);
        List<String> answers = new ArrayList<>();
        try (Shell other = Shell.open(target)) {
            FailPoints asking = step -> {
                try {
                    answers.add(other.say(COUNT));
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            };
            assertThat(SqliteFixture.in(root, 1, Duration.ofSeconds(5), asking).restore(target, image))
                    .isEqualTo(DONE);
            assertThat(answers).hasSize(4).allMatch(answer -> answer.contains("database is locked"));
            assertThat(other.say(COUNT)).isEqualTo("500\n");
        }
    }

    @Test
    void in_wal_mode_a_checkpoint_and_a_write_behind_the_restore_do_not_hide_it() throws Exception {
        fill(target, mode("WAL"), 700);
        fill(image, mode("WAL"), 500);
        List<String> answers = new ArrayList<>();
        try (Shell other = Shell.open(target)) {
            other.say("INSERT INTO t VALUES (0)");
            FailPoints writing = step -> {
                if (step.equals("restore.committed")) {
                    try {
                        answers.add(other.say("PRAGMA wal_checkpoint(TRUNCATE)"));
                        answers.add(other.say("INSERT INTO t VALUES (1); " + COUNT));
                    } catch (IOException e) {
                        throw new UncheckedIOException(e);
                    }
                }
            };
            assertThat(SqliteFixture.in(root, 1, Duration.ofSeconds(5), writing).restore(target, image))
                    .isEqualTo(DONE);
            assertThat(answers.getFirst()).startsWith("1|");
            assertThat(answers.getLast()).isEqualTo("501\n");
            assertThat(other.say(COUNT)).isEqualTo("501\n");
        }
    }

    /** As a disk leaves it that loses the write of the first page: open programs would keep what they have cached. */
    @Test
    void in_delete_mode_a_change_counter_that_is_lost_is_written_again() throws Exception {
        // Of one size: another one shows open programs that the file is not what they have cached.
        fill(target, mode("DELETE"), 500);
        fill(image, mode("DELETE"), 500);
        String counter = Shell.run(target, "SELECT hex(substr(readfile('" + target + "'), 25, 4))");
        FailPoints losing = step -> {
            if (step.equals("restore.committed")) {
                // In another process: closing the file in this one would drop its locks.
                try {
                    new ProcessBuilder(
                                    "bash",
                                    "-c",
                                    "printf '" + counter.strip().replaceAll("(..)", "\\\\x$1") + "' | dd of=" + target
                                            + " bs=1 seek=24 conv=notrunc status=none")
                            .inheritIO()
                            .start()
                            .waitFor();
                } catch (IOException | InterruptedException e) {
                    throw new IllegalStateException(e);
                }
            }
        };
        try (Shell other = Shell.open(target)) {
            assertThat(other.say(CONTENT)).isEqualTo(Shell.run(target, CONTENT));
            assertThat(SqliteFixture.in(root, 1, Duration.ofSeconds(5), losing).restore(target, image))
                    .isEqualTo(DONE);
            assertThat(other.say(CONTENT)).isEqualTo(Shell.run(image, CONTENT));
        }
    }

    /**
     * The engine relies on SQLite's default: the pragma itself would have to read a damaged schema. See {@code
     * docs/internals/restore.md#synced-writes}.
     */
    @Test
    void a_connection_syncs_fully_unless_told_otherwise() throws Exception {
        try (Connection connection = Connections.open(target, "mode=rwc", 0)) {
            assertThat(Connections.ask(connection, "PRAGMA synchronous")).isEqualTo("2");
        }
    }
}
