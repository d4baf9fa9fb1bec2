package dev.holdfast.bootstrap;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import dev.holdfast.application.notice.Notification;
import dev.holdfast.application.plan.AuditEntry;
import dev.holdfast.domain.backup.Backup;
import dev.holdfast.domain.backup.Layout;
import dev.holdfast.domain.backup.Suspicion;
import dev.holdfast.domain.backup.Verification;
import dev.holdfast.domain.operation.OperationState;
import dev.holdfast.domain.plan.Freshness;
import dev.holdfast.domain.profile.Profile;
import dev.holdfast.domain.retention.RetentionDecision;
import dev.holdfast.domain.retention.RetentionReason;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What becomes of the backups of a database that lost its content. */
@Tag("adapter")
@Tag("slow")
@DisplayNameGeneration(ReplaceUnderscores.class)
@Timeout(300)
class PausedRetentionTest extends LostContentFixture {
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
            assertThat(files.events(Notification.Kind.SUSPICIOUS)).isEqualTo(1);
            assertThat(files.events(Notification.Kind.FAILURE)).isZero();
            Backup first = files.list().get(59);
            assertThat(files.pause().orElseThrow().since()).isEqualTo(first.createdAt());
            assertThat(files.pause().orElseThrow().reason()).contains("8192 bytes, less than a tenth of");
            assertThat(files.overview().planned().retentionPaused()).isEqualTo(files.pause());
            assertThat(files.list().subList(0, 60))
                    .allMatch(it -> it.suspicion().isPresent());
            assertThat(files.preview())
                    .hasSize(90)
                    .allMatch(it -> it instanceof RetentionDecision.Keep keep
                            && keep.reasons().contains(RetentionReason.RETENTION_PAUSED));

            files.resume();
            assertThat(files.pause()).isEmpty();
            assertThat(files.audit())
                    .extracting(AuditEntry::action, AuditEntry::who)
                    .containsExactly(tuple("retention.resume", "ann"));
            files.hour();

            assertThat(files.list()).hasSize(30).noneMatch(it -> it.suspicion().isPresent());
            files.hours(2);
            assertThat(files.pause()).isEmpty();
            assertThat(files.events(Notification.Kind.SUSPICIOUS)).isEqualTo(1);
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
            assertThat(files.events(Notification.Kind.SUSPICIOUS)).isEqualTo(1);

            files.resume();
            files.hours(2);

            assertThat(files.list()).contains(real);
            assertThat(files.pause()).isEmpty();
            assertThat(files.preview())
                    .filteredOn(it -> it.backup().equals(real))
                    .singleElement()
                    .matches(it -> it instanceof RetentionDecision.Keep keep
                            && keep.reasons().contains(RetentionReason.LAST_GOOD)
                            && !keep.reasons().contains(RetentionReason.RETENTION_PAUSED));
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
            assertThat(files.events(Notification.Kind.SUSPICIOUS)).isEqualTo(1);
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
            assertThat(files.events(Notification.Kind.FAILURE)).isZero();

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
            assertThat(files.events(Notification.Kind.FAILURE)).isZero();

            files.resume();
            files.hours(2);
            assertThat(suspicious(files)).containsExactly(false, false);
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
    void and_also_if_the_restored_backup_was_deleted_meanwhile() throws Exception {
        try (var files = PlannedFiles.of(root, Map.of("retention.last", "2"))) {
            files.sql(FILL);
            files.hours(2);
            Backup real = files.list().getFirst();
            Backup restored = files.list().getLast();
            files.restore(restored);
            files.store("app").delete(restored.key());
            newFile(files, SCHEMA);
            files.hours(3);

            assertThat(files.pause()).isPresent();
            assertThat(files.list()).contains(real);
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
}
