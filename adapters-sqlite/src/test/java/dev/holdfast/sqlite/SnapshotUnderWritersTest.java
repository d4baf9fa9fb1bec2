package dev.holdfast.sqlite;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.application.operation.FailPoints;
import dev.holdfast.application.snapshot.Snapshot;
import dev.holdfast.domain.database.Source;
import dev.holdfast.sqlite.file.SqliteSettings;
import dev.holdfast.testkit.JavaProcess;
import dev.holdfast.testkit.TestScale;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.function.IntConsumer;
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
class SnapshotUnderWritersTest {
    private static final int COPIES = TestScale.of(10, 50);

    @TempDir
    Path root;

    @ParameterizedTest
    @ValueSource(strings = {"WAL", "DELETE", "TRUNCATE", "PERSIST"})
    void every_copy_is_one_committed_state_while_three_processes_write(String mode) throws Exception {
        copyWhileThreeWrite(mode, SqliteFixture.in(root));
    }

    @Test
    void a_log_longer_than_the_bound_is_copied_through_sqlite() throws Exception {
        copyWhileThreeWrite("WAL", SqliteFixture.in(root, 1, Duration.ofSeconds(10), FailPoints.NONE));
    }

    private void copyWhileThreeWrite(String mode, SqliteFixture fixture) throws Exception {
        Path database = Files.createDirectory(root.resolve("live")).resolve("app.db");
        WriterProcess.prepare(database, mode);
        try (WriterProcess a = WriterProcess.start(database, mode);
                WriterProcess b = WriterProcess.start(database, mode);
                WriterProcess c = WriterProcess.start(database, mode)) {
            for (int i = 0; i < COPIES; i++) {
                Path copy = fixture.copy(database, "copy-" + i);
                WriterProcess.assertInvariants(copy);
            }
            assertThat(List.of(a.isAlive(), b.isAlive(), c.isAlive())).containsOnly(true);
        }
    }

    /** Each row goes into the first file, then into the second: at one moment the first is ahead by one at most. */
    @ParameterizedTest
    @CsvSource({"WAL,WAL", "DELETE,DELETE"})
    void several_files_are_copied_at_one_moment(String one, String other) throws Exception {
        // The second one is pinned last, so that a gap between the two moments would show.
        copyPairs(one, other, "apart", ahead -> assertThat(ahead).isBetween(0, 1));
    }

    /** With logs SQLite shows what is committed in one file before it is to be seen in the other. */
    @ParameterizedTest
    @CsvSource({"WAL,WAL", "DELETE,DELETE", "WAL,DELETE", "DELETE,WAL"})
    void a_transaction_over_several_files_is_in_all_copies_or_in_none(String one, String other) throws Exception {
        copyPairs(one, other, "together", ahead -> assertThat(ahead).isZero());
    }

    private void copyPairs(String one, String other, String how, IntConsumer judge) throws Exception {
        Path live = Files.createDirectory(root.resolve("live"));
        Path first = live.resolve("first.db");
        Path second = live.resolve("second.db");
        Shell.run(first, "PRAGMA journal_mode=" + one + "; CREATE TABLE t(n)");
        Shell.run(second, "PRAGMA journal_mode=" + other + "; CREATE TABLE t(n)");
        // What needs a pause between two transactions meets one of the writer's rests, but not soon on a busy machine.
        SqliteFixture fixture =
                SqliteFixture.in(root, SqliteSettings.DEFAULT_LONGEST_LOG, Duration.ofSeconds(60), FailPoints.NONE);
        Process pair = JavaProcess.start(PairWriter.class, List.of(first.toString(), second.toString(), how));
        try {
            assertThat(pair.inputReader().readLine()).isEqualTo("committed");
            for (int i = 0; i < COPIES; i++) {
                try (Snapshot snapshot = fixture.pin(new Source(first, List.of(second), List.of()))) {
                    String a = Shell.run(fixture.write(snapshot.images().get(0), "a" + i), "SELECT count(*) FROM t");
                    String b = Shell.run(fixture.write(snapshot.images().get(1), "b" + i), "SELECT count(*) FROM t");
                    judge.accept(Integer.parseInt(a.strip()) - Integer.parseInt(b.strip()));
                }
            }
            assertThat(pair.isAlive()).isTrue();
        } finally {
            pair.destroyForcibly().onExit().join();
        }
    }

    @Test
    void a_long_transaction_on_one_of_several_files_is_not_waited_for() throws Exception {
        Path live = Files.createDirectory(root.resolve("live"));
        Path first = live.resolve("first.db");
        Path second = live.resolve("second.db");
        for (Path file : List.of(first, second)) {
            Shell.run(file, "PRAGMA journal_mode=WAL; CREATE TABLE t(n)");
        }
        SqliteFixture impatient = SqliteFixture.in(root, 1 << 20, Duration.ofMillis(300), FailPoints.NONE);
        try (Shell writer = Shell.open(first)) {
            writer.say("BEGIN IMMEDIATE; INSERT INTO t VALUES (1)");
            try (Snapshot snapshot = impatient.pin(new Source(first, List.of(second), List.of()))) {
                assertThat(Shell.run(impatient.write(snapshot.images().get(0), "copy"), "SELECT count(*) FROM t"))
                        .isEqualTo("0\n");
            }
        }
    }
}
