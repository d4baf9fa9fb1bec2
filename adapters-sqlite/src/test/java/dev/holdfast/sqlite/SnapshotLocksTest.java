package dev.holdfast.sqlite;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.application.operation.CancelledException;
import dev.holdfast.application.operation.ProgressMonitor;
import dev.holdfast.application.snapshot.Snapshot;
import dev.holdfast.domain.database.Source;
import dev.holdfast.domain.operation.Phase;
import dev.holdfast.domain.problem.Problem;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a second process meets while a snapshot is open, and after it. */
@Tag("adapter")
@DisplayNameGeneration(ReplaceUnderscores.class)
class SnapshotLocksTest {
    @TempDir
    Path root;

    private Path database;
    private SqliteFixture fixture;

    @BeforeEach
    void directory() throws Exception {
        database = Files.createDirectory(root.resolve("live")).resolve("app.db");
        fixture = SqliteFixture.impatient(root);
    }

    private void fill(String mode) throws Exception {
        Shell.run(
                database,
                "PRAGMA journal_mode=" + mode + "; CREATE TABLE t(x);"
                        + "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n WHERE i<1000)"
                        + " INSERT INTO t SELECT hex(randomblob(1000)) FROM n");
    }

    @Test
    void nobody_can_commit_in_rollback_mode_from_the_first_byte_to_the_last() throws Exception {
        fill("DELETE");
        try (Shell other = Shell.open(database)) {
            try (Snapshot snapshot = fixture.pin(database);
                    InputStream in = snapshot.images().getFirst().open()) {
                assertThat(other.say("INSERT INTO t VALUES (1)")).contains("database is locked");
                assertThat(in.readNBytes(1_500_000)).hasSize(1_500_000);
                assertThat(other.say("INSERT INTO t VALUES (1)")).contains("database is locked");
                assertThat(in.readAllBytes()).isNotEmpty();
                assertThat(other.say("INSERT INTO t VALUES (1)")).contains("database is locked");
            }
            assertThat(other.say("INSERT INTO t VALUES (1); SELECT count(*) FROM t"))
                    .isEqualTo("1001\n");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"DELETE", "WAL"})
    void a_snapshot_that_is_closed_twice_lets_one_other_in_and_no_second(String mode) throws Exception {
        fill(mode);
        try (Shell other = Shell.open(database)) {
            other.say("INSERT INTO t VALUES (1)");
            Snapshot first = fixture.pin(database);
            first.close();
            first.close();
            try (Snapshot _ = fixture.pin(database)) {
                assertThat(fixture.refusal(database)).isInstanceOf(Problem.SourceBusy.class);
            }
        }
    }

    @Test
    void in_wal_mode_others_write_but_cannot_restart_the_log() throws Exception {
        fill("WAL");
        try (Shell other = Shell.open(database)) {
            other.say("INSERT INTO t VALUES (1)");
            try (Snapshot snapshot = fixture.pin(database)) {
                assertThat(other.say("INSERT INTO t VALUES (2)")).isEmpty();
                assertThat(other.say("PRAGMA wal_checkpoint(TRUNCATE)")).startsWith("1|");
                Path copy = fixture.write(snapshot.images().getFirst(), "copy");
                assertThat(other.say("PRAGMA wal_checkpoint(TRUNCATE)")).startsWith("1|");
                assertThat(Shell.run(copy, "SELECT count(*) FROM t")).isEqualTo("1001\n");
            }
            assertThat(other.say("PRAGMA wal_checkpoint(TRUNCATE)")).isEqualTo("0|0|0\n");
        }
    }

    /**
     * Closing a file drops this process's locks; those of others must not change. See {@code
     * docs/internals/locks.md#one-descriptor}.
     */
    @ParameterizedTest
    @ValueSource(strings = {"WAL", "DELETE"})
    void a_transaction_of_another_process_keeps_its_locks(String mode) throws Exception {
        fill(mode);
        try (Shell other = Shell.open(database);
                Shell third = Shell.open(database)) {
            assertThat(other.say("BEGIN IMMEDIATE; INSERT INTO t VALUES (1)")).isEmpty();
            Path copy = fixture.copy(database, "copy");
            assertThat(Shell.run(copy, "SELECT count(*) FROM t")).isEqualTo("1000\n");
            assertThat(third.say("INSERT INTO t VALUES (2)")).contains("database is locked");
            assertThat(other.say("COMMIT")).isEmpty();
            assertThat(third.say("SELECT count(*) FROM t")).isEqualTo("1001\n");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"WAL", "DELETE"})
    void an_exclusive_holder_is_named_as_the_reason(String mode) throws Exception {
        fill("DELETE");
        try (Shell other = Shell.open(database)) {
            other.say("PRAGMA locking_mode=EXCLUSIVE; PRAGMA journal_mode=" + mode + "; INSERT INTO t VALUES (1)");
            assertThat(fixture.refusal(database))
                    .isInstanceOfSatisfying(
                            Problem.SourceBusy.class,
                            busy -> assertThat(busy.detail()).contains("exclusive locking mode"));
            assertThat(other.say("INSERT INTO t VALUES (2); SELECT count(*) FROM t"))
                    .isEqualTo("1002\n");
        }
    }

    @Test
    void a_second_snapshot_waits_for_the_first_within_the_bound() throws Exception {
        fill("DELETE");
        try (Snapshot _ = fixture.pin(database)) {
            assertThat(fixture.refusal(database)).isInstanceOf(Problem.SourceBusy.class);
        }
        assertThat(fixture.copy(database, "copy")).isNotEmptyFile();
    }

    @Test
    void a_cancelled_wait_ends_and_holds_nothing() throws Exception {
        fill("DELETE");
        try (Snapshot _ = fixture.pin(database)) {
            assertThatThrownBy(() -> fixture.engine().snapshots().take(Source.of(database), new Cancelled()))
                    .isInstanceOf(CancelledException.class);
        }
        assertThat(fixture.copy(database, "copy")).isNotEmptyFile();
    }

    /** Somebody has cancelled before the work began. */
    static final class Cancelled implements ProgressMonitor {
        @Override
        public void enter(Phase phase, long totalBytes) {}

        @Override
        public void advance(long bytes) {
            throw new CancelledException();
        }

        @Override
        public void checkCancelled() {
            throw new CancelledException();
        }
    }
}
