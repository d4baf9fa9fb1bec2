package dev.holdfast.bootstrap;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.application.notice.Notification;
import dev.holdfast.domain.backup.Backup;
import dev.holdfast.domain.backup.Layout;
import dev.holdfast.domain.backup.MainImage;
import dev.holdfast.domain.backup.Origin;
import dev.holdfast.domain.operation.Operation;
import dev.holdfast.domain.operation.OperationState;
import dev.holdfast.domain.plan.Freshness;
import java.nio.file.Files;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Which changes of a database do not pause its retention. */
@Tag("adapter")
@DisplayNameGeneration(ReplaceUnderscores.class)
@Timeout(300)
class UnsuspiciousBackupsTest extends LostContentFixture {
    @Test
    void a_database_that_was_always_empty_is_not_good_and_nothing_to_report() throws Exception {
        try (var files = PlannedFiles.of(root, Map.of("retention.last", "2"))) {
            Files.createFile(files.source("app"));
            files.hours(3);

            assertThat(files.overview().planned().freshness()).contains(Freshness.Standing.NONE);
            assertThat(files.events(Notification.Kind.SUSPICIOUS)).isZero();
            assertThat(files.pause()).isEmpty();

            files.sql(SCHEMA);
            files.hour();
            assertThat(files.list().getFirst().isGood()).isTrue();
        }
    }

    @Test
    void an_empty_file_is_taken_in_as_it_is_backed_up_and_neither_is_good() throws Exception {
        try (var files = PlannedFiles.of(root, Map.of("retention.last", "1"))) {
            files.sql(FILL);
            files.hour();
            Backup real = files.list().getFirst();
            files.clock.advance(Duration.ofMinutes(1));

            Operation upload = files.upload("app_20260413_020000.db", new byte[0]);

            assertThat(upload.state()).isEqualTo(OperationState.SUCCEEDED);
            Backup uploaded = files.list().getFirst();
            assertThat(uploaded.origin()).isEqualTo(Origin.UPLOADED);
            assertThat(uploaded.layout()).isEqualTo(Layout.SQLITE);
            assertThat(uploaded.isGood()).isFalse();
            assertThat(files.pause()).isEmpty();
            files.hour();
            assertThat(files.pause()).isEmpty();
            assertThat(files.list()).doesNotContain(real).contains(uploaded);
        }
    }

    @Test
    void ordinary_use_never_pauses() throws Exception {
        try (var files = PlannedFiles.of(root, Map.of("retention.last", "100"))) {
            files.sql(SCHEMA);
            for (String use : List.of(
                    ORDER,
                    "PRAGMA journal_mode = WAL",
                    ORDER,
                    "UPDATE orders SET note = 'longer than before'",
                    "DROP TABLE orders; " + FILL,
                    "DELETE FROM orders WHERE id % 2",
                    "VACUUM",
                    "PRAGMA wal_checkpoint(TRUNCATE)",
                    "PRAGMA journal_mode = DELETE",
                    "PRAGMA page_size = 1024; VACUUM",
                    "CREATE INDEX notes ON orders(note)",
                    "PRAGMA user_version = 7",
                    "PRAGMA journal_mode = TRUNCATE; " + ORDER,
                    "PRAGMA journal_mode = MEMORY; " + ORDER)) {
                files.sql(use);
                Operation backup = files.backUp();
                assertThat(backup.state()).as("%s: %s", use, backup.failure()).isEqualTo(OperationState.SUCCEEDED);
                assertThat(files.list().getFirst().doubt()).as(use).isEmpty();
            }
            assertThat(files.list()).hasSize(14);
        }
    }

    @Test
    void writers_that_hold_a_database_in_wal_mode_open_never_make_it_pause() throws Exception {
        try (var files = PlannedFiles.of(root, Map.of("retention.last", "100"))) {
            files.sql("PRAGMA journal_mode = WAL; " + SCHEMA);
            Process writer = new ProcessBuilder(
                            "sqlite3", "-batch", files.source("app").toString())
                    .redirectErrorStream(true)
                    .start();
            try (var input = writer.outputWriter();
                    var output = writer.inputReader()) {
                for (int i = 0; i < 8; i++) {
                    input.write((i % 3 == 0 ? "INSERT INTO orders(note) VALUES (hex(randomblob(5000)));" : ORDER)
                            + (i == 5 ? "PRAGMA wal_checkpoint(TRUNCATE);" : "")
                            + "SELECT 'said';\n");
                    input.flush();
                    while (!"said".equals(output.readLine())) {
                        // what the checkpoint answers
                    }
                    if (i % 2 == 0) {
                        files.sql(ORDER); // another process
                    }
                    files.hour();
                    assertThat(files.list().getFirst().doubt()).isEmpty();
                    assertThat(files.list().getFirst().image().flatMap(MainImage::changeCounter))
                            .isPresent();
                }
            } finally {
                writer.destroyForcibly().waitFor();
            }
        }
    }

    @Test
    void a_growing_database_never_pauses_and_an_alternating_one_each_time_it_shrinks() throws Exception {
        try (var files = PlannedFiles.of(root, Map.of("retention.last", "3"))) {
            files.sql(SCHEMA);
            files.hour();
            files.sql("INSERT INTO orders(note) VALUES (randomblob(1000000))");
            files.hours(3);
            assertThat(files.pause()).isEmpty();

            for (int round = 1; round <= 2; round++) {
                files.sql("DELETE FROM orders; VACUUM;");
                files.hours(2);
                assertThat(files.pause()).isPresent();
                assertThat(files.events(Notification.Kind.SUSPICIOUS)).isEqualTo(round);
                files.sql("INSERT INTO orders(note) VALUES (randomblob(1000000))");
                files.hour();
                assertThat(files.pause()).isEmpty();
            }
            assertThat(files.list().stream().filter(Backup::isGood)).hasSize(3);
        }
    }
}
