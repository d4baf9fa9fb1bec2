package dev.holdfast.sqlite;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.application.operation.CancelledException;
import dev.holdfast.application.operation.FailPoints;
import dev.holdfast.application.operation.ProgressMonitor;
import dev.holdfast.domain.database.Source;
import dev.holdfast.domain.operation.Phase;
import dev.holdfast.sqlite.file.SqliteSettings;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Operations that wait for another program, with a busy timeout of a day, and are cancelled. */
@Tag("adapter")
@DisplayNameGeneration(ReplaceUnderscores.class)
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class CancelledWhileWaitingTest {
    @TempDir
    Path root;

    /** Cancelled after it was asked a few times: it waits by then. */
    private static final class CancelledLater implements ProgressMonitor {
        private final AtomicInteger left = new AtomicInteger(50);

        @Override
        public void enter(Phase phase, long totalBytes) {
            checkCancelled();
        }

        @Override
        public void advance(long bytes) {
            checkCancelled();
        }

        @Override
        public void checkCancelled() {
            if (left.getAndDecrement() <= 0) {
                throw new CancelledException();
            }
        }
    }

    private SqliteFixture fixture() throws Exception {
        return SqliteFixture.in(root, SqliteSettings.DEFAULT_LONGEST_LOG, Duration.ofDays(1), FailPoints.NONE);
    }

    private Path make(String mode) throws Exception {
        Path database = root.resolve("app.db");
        Shell.run(database, "PRAGMA journal_mode=" + mode + "; CREATE TABLE t(x); INSERT INTO t VALUES ('live')");
        return database;
    }

    @ParameterizedTest(name = "{0}: {1}")
    @CsvSource({"delete, BEGIN EXCLUSIVE", "delete, BEGIN; SELECT * FROM t", "wal, BEGIN IMMEDIATE"})
    void a_restore_that_waits_for_a_lock(String mode, String lock) throws Exception {
        Path database = make(mode);
        Path backup = root.resolve("backup.db");
        Shell.run(backup, "CREATE TABLE t(x); INSERT INTO t VALUES ('backup')");
        try (Shell application = Shell.open(database)) {
            application.say(lock);
            assertThatThrownBy(() -> fixture().restore(database, SqliteFixture.artifact(backup), new CancelledLater()))
                    .isInstanceOf(CancelledException.class);
        }
        assertThat(Shell.run(database, "SELECT x FROM t")).isEqualTo("live\n");
    }

    @Test
    void a_backup_that_waits_for_an_exclusive_lock() throws Exception {
        Path database = make("delete");
        try (Shell application = Shell.open(database)) {
            application.say("BEGIN EXCLUSIVE");
            assertThatThrownBy(() -> fixture().engine().snapshots().take(Source.of(database), new CancelledLater()))
                    .isInstanceOf(CancelledException.class);
        }
    }

    @Test
    void a_backup_that_waits_for_a_lock_folder() throws Exception {
        Path database = make("delete");
        Files.createDirectory(root.resolve("app.db.lock"));
        assertThatThrownBy(() -> fixture().engine().snapshots().take(Source.of(database), new CancelledLater()))
                .isInstanceOf(CancelledException.class);
    }
}
