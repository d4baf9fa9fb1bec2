package dev.holdfast.bootstrap;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.application.notice.Notification;
import dev.holdfast.domain.backup.Backup;
import dev.holdfast.domain.backup.Origin;
import dev.holdfast.domain.profile.Profile;
import dev.holdfast.domain.retention.RetentionPause;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What ends a pause of retention, and what does not. */
@Tag("adapter")
@DisplayNameGeneration(ReplaceUnderscores.class)
@Timeout(300)
class ResumedRetentionTest extends LostContentFixture {
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
            assertThat(files.events(Notification.Kind.SUSPICIOUS)).isEqualTo(1);

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
            assertThat(files.events(Notification.Kind.SUSPICIOUS)).isEqualTo(1);
            assertThat(files.list().stream().filter(it -> it.isGood() && it.origin() == Origin.AUTOMATIC))
                    .hasSize(4);
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
}
