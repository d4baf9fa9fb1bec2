package dev.holdfast.bootstrap;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import dev.holdfast.application.notice.Notice;
import dev.holdfast.application.plan.AuditEntry;
import dev.holdfast.domain.backup.Backup;
import dev.holdfast.domain.backup.Layout;
import dev.holdfast.domain.backup.MainImage;
import dev.holdfast.domain.backup.Origin;
import dev.holdfast.domain.backup.Suspicion;
import dev.holdfast.domain.backup.Verification;
import dev.holdfast.domain.naming.Profile;
import dev.holdfast.domain.operation.Operation;
import dev.holdfast.domain.operation.OperationState;
import dev.holdfast.domain.plan.Freshness;
import dev.holdfast.domain.retention.Reason;
import dev.holdfast.domain.retention.RetentionPause;
import dev.holdfast.domain.retention.Verdict;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What becomes of the backups of a database that lost its content, and of one that only looks so. */
@Tag("adapter")
@Tag("slow")
@DisplayNameGeneration(ReplaceUnderscores.class)
@Timeout(300)
class PausedRetentionTest {
    private static final String SCHEMA = "CREATE TABLE orders(id INTEGER PRIMARY KEY, note);";
    private static final String FILL = SCHEMA
            + "WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < 9999)"
            + " INSERT INTO orders SELECT n, hex(randomblob(10)) FROM c;";
    private static final String ORDER = "INSERT INTO orders(note) VALUES ('one more');";

    @TempDir
    Path root;

    private static void newFile(PlannedFiles files, String statements) throws Exception {
        Files.deleteIfExists(files.source("app"));
        files.sql(statements);
    }

    private static List<Boolean> suspicious(PlannedFiles files) {
        return files.list().stream().map(it -> it.suspicion().isPresent()).toList();
    }

    @Test
    void a_database_that_is_created_again_loses_none_of_its_backups() throws Exception {
        try (var files = PlannedFiles.of(root, Map.of("retention.last", "30"))) {
            files.sql(FILL);
            for (int i = 0; i < 33; i++) {
                files.sql(ORDER);
                files.hour();
            }
            List<Backup> real = files.list();
            assertThat(real).hasSize(30);

            newFile(files, SCHEMA);
            files.hours(60);

            assertThat(files.list()).hasSize(90).containsAll(real);
            assertThat(files.events(Notice.Kind.SUSPICIOUS)).isEqualTo(1);
            assertThat(files.events(Notice.Kind.FAILURE)).isZero();
            Backup first = files.list().get(59);
            assertThat(files.pause().orElseThrow().since()).isEqualTo(first.createdAt());
            assertThat(files.pause().orElseThrow().reason()).contains("8192 bytes, less than a tenth of");
            assertThat(files.overview().planned().retentionPaused()).isEqualTo(files.pause());
            assertThat(files.list().subList(0, 60))
                    .allMatch(it -> it.suspicion().isPresent());
            assertThat(files.preview())
                    .hasSize(90)
                    .allMatch(it ->
                            it instanceof Verdict.Keep keep && keep.reasons().contains(Reason.RETENTION_PAUSED));

            files.resume();
            assertThat(files.pause()).isEmpty();
            assertThat(files.audit())
                    .extracting(AuditEntry::action, AuditEntry::who)
                    .containsExactly(tuple("retention.resume", "ann"));
            files.hour();

            assertThat(files.list()).hasSize(30).noneMatch(it -> it.suspicion().isPresent());
            files.hours(2);
            assertThat(files.pause()).isEmpty();
            assertThat(files.events(Notice.Kind.SUSPICIOUS)).isEqualTo(1);
        }
    }

    @Test
    void a_file_that_was_emptied_replaces_no_good_backup() throws Exception {
        try (var files = PlannedFiles.of(root, Map.of("retention.last", "1", "freshness.max_age", "90m"))) {
            files.sql(FILL);
            files.hour();
            Backup real = files.list().getFirst();
            assertThat(files.overview().planned().freshness()).contains(Freshness.Standing.FRESH);

            Files.write(files.source("app"), new byte[0], StandardOpenOption.TRUNCATE_EXISTING);
            files.hours(3);

            assertThat(files.list()).hasSize(4).contains(real);
            Backup empty = files.list().getFirst();
            assertThat(empty.verification()).isInstanceOf(Verification.Passed.class);
            assertThat(empty.isGood()).isFalse();
            assertThat(empty.suspicion().orElseThrow().kind()).isEqualTo(Suspicion.Kind.EMPTY);
            assertThat(files.overview().planned().freshness()).contains(Freshness.Standing.STALE);
            assertThat(files.events(Notice.Kind.SUSPICIOUS)).isEqualTo(1);

            files.resume();
            files.hours(2);

            assertThat(files.list()).contains(real);
            assertThat(files.pause()).isEmpty();
            assertThat(files.preview())
                    .filteredOn(it -> it.backup().equals(real))
                    .singleElement()
                    .matches(it -> it instanceof Verdict.Keep keep
                            && keep.reasons().contains(Reason.LAST_GOOD)
                            && !keep.reasons().contains(Reason.RETENTION_PAUSED));
        }
    }

    @Test
    void a_database_that_was_always_empty_is_not_good_and_nothing_to_report() throws Exception {
        try (var files = PlannedFiles.of(root, Map.of("retention.last", "2"))) {
            Files.createFile(files.source("app"));
            files.hours(3);

            assertThat(files.overview().planned().freshness()).contains(Freshness.Standing.NONE);
            assertThat(files.events(Notice.Kind.SUSPICIOUS)).isZero();
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
    void a_file_cut_to_its_header_is_refused_and_the_backups_stay() throws Exception {
        try (var files = PlannedFiles.of(root, Map.of("retention.last", "1"))) {
            files.sql(FILL);
            files.hour();
            List<Backup> before = files.list();
            byte[] header = Files.readAllBytes(files.source("app"));

            for (int length : List.of(100, 4096)) {
                Files.write(files.source("app"), Arrays.copyOf(header, length));
                assertThat(files.backUp().state()).isEqualTo(OperationState.FAILED);
                files.expire();
                assertThat(files.list()).isEqualTo(before);
            }
        }
    }

    @Test
    void an_older_copy_in_the_place_of_the_database_pauses_until_it_has_caught_up() throws Exception {
        try (var files = PlannedFiles.of(root, Map.of("retention.last", "2"))) {
            files.sql(FILL);
            files.hour();
            Path old = Files.copy(files.source("app"), root.resolve("old.db"));
            files.sql(ORDER);
            files.sql(ORDER);
            files.sql(ORDER);
            files.hours(2);
            List<Backup> real = files.list();

            Files.delete(files.source("app"));
            Files.copy(old, files.source("app"));
            files.hours(2);

            assertThat(files.list()).hasSize(4).containsAll(real);
            assertThat(files.list().getFirst().suspicion().orElseThrow().kind()).isEqualTo(Suspicion.Kind.OLDER);
            for (int i = 0; i < 3; i++) {
                assertThat(files.pause()).isPresent();
                files.sql(ORDER);
                files.hour();
            }
            assertThat(files.pause()).isEmpty();
            assertThat(files.events(Notice.Kind.SUSPICIOUS)).isEqualTo(1);
        }
    }

    @Test
    void a_pause_that_a_usual_backup_ends_leaves_the_good_ones_the_places_of_the_suspicious_ones() throws Exception {
        try (var files = PlannedFiles.of(root, Map.of("retention.last", "3"))) {
            files.sql(FILL);
            files.hours(3);
            List<Backup> real = files.list();
            Path volume = Files.move(files.source("app"), root.resolve("volume.db"));
            newFile(files, SCHEMA);
            files.hours(5);

            Files.delete(files.source("app"));
            Files.move(volume, files.source("app"));
            files.hour();

            assertThat(files.pause()).isEmpty();
            assertThat(files.list().stream().filter(Backup::isGood)).hasSize(3).containsAll(real.subList(0, 2));
            assertThat(files.list().stream().filter(it -> it.suspicion().isPresent()))
                    .hasSize(5);
        }
    }

    @Test
    void a_purge_with_a_vacuum_pauses_and_fails_no_backup() throws Exception {
        try (var files = PlannedFiles.of(root, Map.of("retention.last", "2"))) {
            files.sql(FILL);
            files.hours(2);
            files.sql("DELETE FROM orders; VACUUM;");
            files.hours(2);

            assertThat(suspicious(files)).containsExactly(true, true, false, false);
            assertThat(files.events(Notice.Kind.FAILURE)).isZero();

            files.resume();
            files.sql(ORDER);
            files.hours(2);
            assertThat(suspicious(files)).containsExactly(false, false);
        }
    }

    @Test
    void a_compacted_copy_renamed_into_place_pauses_and_fails_no_backup() throws Exception {
        try (var files = PlannedFiles.of(root, Map.of("retention.last", "2"))) {
            files.sql(FILL);
            files.sql(ORDER);
            files.hours(2);
            Path compact = root.resolve("compact.db");
            files.sql("VACUUM INTO '" + compact + "'");
            Files.move(compact, files.source("app"), StandardCopyOption.REPLACE_EXISTING);
            files.hour();

            assertThat(files.list().getFirst().suspicion().orElseThrow().kind()).isEqualTo(Suspicion.Kind.OLDER);
            assertThat(files.events(Notice.Kind.FAILURE)).isZero();

            files.resume();
            files.hours(2);
            assertThat(suspicious(files)).containsExactly(false, false);
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
                assertThat(files.events(Notice.Kind.SUSPICIOUS)).isEqualTo(round);
                files.sql("INSERT INTO orders(note) VALUES (randomblob(1000000))");
                files.hour();
                assertThat(files.pause()).isEmpty();
            }
            assertThat(files.list().stream().filter(Backup::isGood)).hasSize(3);
        }
    }

    @Test
    void a_database_of_one_page_is_compared_by_its_change_counter() throws Exception {
        try (var files = PlannedFiles.of(root, Map.of("retention.last", "1"))) {
            files.sql("PRAGMA user_version = 1");
            files.sql("PRAGMA user_version = 2");
            files.hour();
            assertThat(files.list().getFirst().image().orElseThrow().size()).isEqualTo(4096);
            newFile(files, "PRAGMA user_version = 9");
            files.hour();

            assertThat(files.list()).hasSize(2);
            assertThat(files.list().getFirst().suspicion().orElseThrow().kind()).isEqualTo(Suspicion.Kind.OLDER);
        }
    }

    @Test
    void a_restart_and_a_lost_catalogue_do_not_end_the_pause() throws Exception {
        try (var files = PlannedFiles.of(root, Map.of("retention.last", "2"))) {
            files.sql(FILL);
            files.hours(2);
            List<Backup> real = files.list();
            newFile(files, SCHEMA);
            files.hours(2);
            Optional<RetentionPause> pause = files.pause();

            files.restart();
            files.hours(2);
            assertThat(files.pause()).isPresent().isEqualTo(pause);
            files.restartWithoutCatalogue();
            files.hours(2);
            files.expire();

            assertThat(files.pause()).isEqualTo(pause);
            assertThat(files.list()).hasSize(8).containsAll(real);
            assertThat(files.events(Notice.Kind.SUSPICIOUS)).isEqualTo(1);

            files.resume();
            files.restartWithoutCatalogue();
            files.hours(3);
            assertThat(files.pause()).isEmpty();
            assertThat(files.list()).hasSize(2);
        }
    }

    @Test
    void a_changed_plan_removes_nothing_during_the_pause_and_other_databases_go_on() throws Exception {
        Map<String, String> plan = Map.of("retention.last", "2");
        try (var files = new PlannedFiles(root, Profile.NATIVE, Map.of("app", plan, "shop", plan))) {
            files.sql("app", FILL);
            files.sql("shop", FILL);
            files.hours(2);
            newFile(files, SCHEMA);
            files.hour();
            files.change("retention.last", "1");
            files.hours(2);

            assertThat(files.list("app")).hasSize(5);
            assertThat(files.pause("app")).isPresent();
            assertThat(files.list("shop")).hasSize(2);
            assertThat(files.pause("shop")).isEmpty();
        }
    }

    @Test
    void a_clock_that_is_set_back_neither_begins_nor_ends_a_pause() throws Exception {
        try (var files = PlannedFiles.of(root, Map.of("retention.last", "2"))) {
            files.sql(FILL);
            files.hours(4);
            files.clock.advance(Duration.ofHours(-3));
            files.sql(ORDER);
            files.backUp();
            files.sql(ORDER);
            files.backUp();
            assertThat(files.pause()).isEmpty();

            newFile(files, SCHEMA);
            files.backUp();
            assertThat(files.pause()).isPresent();
            files.clock.advance(Duration.ofHours(-6));
            files.backUp();
            files.expire();
            assertThat(files.pause()).isPresent();

            files.resume();
            files.backUp();
            assertThat(files.pause()).isEmpty();
        }
    }

    @Test
    void a_restore_begins_no_pause_and_ends_one() throws Exception {
        try (var files = PlannedFiles.of(root, Map.of("retention.last", "4"))) {
            files.sql(SCHEMA);
            files.hour();
            Backup small = files.list().getFirst();
            files.sql("DROP TABLE orders; " + FILL);
            for (int i = 0; i < 3; i++) {
                files.sql(ORDER);
                files.hour();
            }
            Backup large = files.list().getFirst();

            files.restore(small);
            files.hours(2);
            assertThat(files.pause()).isEmpty();
            assertThat(suspicious(files)).doesNotContain(true);
            assertThat(files.list().stream().filter(it -> it.origin() == Origin.AUTOMATIC))
                    .hasSize(4);

            files.restore(large);
            files.hour();
            newFile(files, SCHEMA);
            files.hours(2);
            assertThat(files.pause()).isPresent();
            files.restore(large);
            assertThat(files.pause()).isEmpty();
            files.hours(3);
            assertThat(files.pause()).isEmpty();
            assertThat(files.events(Notice.Kind.SUSPICIOUS)).isEqualTo(1);
            assertThat(files.list().stream().filter(it -> it.isGood() && it.origin() == Origin.AUTOMATIC))
                    .hasSize(4);
        }
    }

    @Test
    void a_database_that_is_lost_right_after_a_restore_pauses() throws Exception {
        try (var files = PlannedFiles.of(root, Map.of("retention.last", "1"))) {
            files.sql(FILL);
            files.hour();
            Backup real = files.list().getFirst();
            files.restore(real);
            newFile(files, SCHEMA);
            files.hours(3);

            assertThat(files.pause()).isPresent();
            assertThat(files.list()).contains(real);
        }
    }

    @Test
    void a_backup_by_hand_pauses_too_and_a_usual_one_ends_the_pause() throws Exception {
        try (var files = PlannedFiles.of(root, Map.of("retention.last", "1"))) {
            files.sql(FILL);
            files.hour();
            Path volume = Files.move(files.source("app"), root.resolve("volume.db"));
            newFile(files, SCHEMA);
            files.backUp();
            assertThat(files.pause()).isPresent();

            Files.delete(files.source("app"));
            Files.move(volume, files.source("app"));
            files.backUp();
            assertThat(files.pause()).isEmpty();
        }
    }

    @Test
    void resuming_without_a_pause_changes_nothing() throws Exception {
        try (var files = PlannedFiles.of(root, Map.of("retention.last", "1"))) {
            files.sql(FILL);
            files.hour();
            List<Backup> before = files.list();
            files.resume();

            assertThat(files.list()).isEqualTo(before);
            assertThat(files.audit()).isEmpty();
        }
    }

    @Test
    void an_archive_is_compared_by_the_database_in_it() throws Exception {
        try (var files = new PlannedFiles(root, Profile.POCKETBASE, Map.of("app", Map.of("retention.last", "2")))) {
            files.sql(FILL);
            files.hours(2);
            Backup real = files.list().getFirst();
            assertThat(real.layout()).isEqualTo(Layout.POCKETBASE_ZIP);
            assertThat(real.imageSize()).contains(Files.size(files.source("app")));

            newFile(files, SCHEMA);
            files.hours(3);

            assertThat(files.list()).hasSize(5).contains(real);
            assertThat(files.pause()).isPresent();
        }
    }

    @Test
    void what_an_earlier_version_recorded_is_enough_for_plain_databases() throws Exception {
        try (var files = PlannedFiles.of(root, Map.of("retention.last", "2"))) {
            files.sql(FILL);
            files.hours(2);
            strip(files);
            files.restart();
            assertThat(files.list()).allMatch(it -> it.image().isEmpty());
            newFile(files, SCHEMA);
            files.hours(3);

            assertThat(files.list()).hasSize(5);
            assertThat(files.pause()).isPresent();
        }
    }

    @Test
    void of_archives_an_earlier_version_recorded_no_size_yet_an_empty_file_is_noticed() throws Exception {
        try (var files = new PlannedFiles(root, Profile.POCKETBASE, Map.of("app", Map.of("retention.last", "2")))) {
            files.sql(FILL);
            files.hours(2);
            strip(files);
            files.restart();
            Files.write(files.source("app"), new byte[0], StandardOpenOption.TRUNCATE_EXISTING);
            files.hour();

            assertThat(files.list()).hasSize(3);
            assertThat(files.list().getFirst().suspicion().orElseThrow().kind()).isEqualTo(Suspicion.Kind.EMPTY);
        }
    }

    /** Takes what earlier versions did not write out of the metadata. */
    private static void strip(PlannedFiles files) throws Exception {
        try (Stream<Path> metadata = Files.walk(files.root.resolve("backups"))) {
            for (Path file :
                    metadata.filter(it -> it.toString().endsWith(".json")).toList()) {
                String text = Files.readString(file, UTF_8);
                int labels = text.indexOf("\"labels\"");
                int end = text.indexOf('}', labels);
                Files.writeString(file, text.substring(0, end + 1) + "\n}", UTF_8);
            }
        }
    }
}
