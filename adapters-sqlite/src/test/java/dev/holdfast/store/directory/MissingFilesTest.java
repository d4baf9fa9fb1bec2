package dev.holdfast.store.directory;

import static dev.holdfast.application.store.BackupFixture.put;
import static dev.holdfast.store.directory.TestStore.A;
import static dev.holdfast.store.directory.TestStore.B;
import static dev.holdfast.store.directory.TestStore.NOW;
import static dev.holdfast.store.directory.TestStore.keys;
import static dev.holdfast.store.directory.TestStore.metadata;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.application.access.SettableClock;
import dev.holdfast.application.store.BackupFixture;
import dev.holdfast.application.store.BackupStore;
import dev.holdfast.application.store.StagedArtifact;
import dev.holdfast.application.store.StagedArtifact.Publication;
import dev.holdfast.domain.backup.Backup;
import dev.holdfast.domain.backup.Depth;
import dev.holdfast.domain.backup.Verification;
import dev.holdfast.domain.identity.BackupKey;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Artifacts that another program takes away for a while, and what the store still knows of them. */
@Tag("adapter")
@DisplayNameGeneration(ReplaceUnderscores.class)
class MissingFilesTest {
    private static final UnaryOperator<Backup> UNMARKED = UnaryOperator.identity();
    private static final Backup.Labels LABELS = new Backup.Labels(Map.of("release", "7"));

    @TempDir
    private Path root;

    private final SettableClock clock = new SettableClock(NOW);

    private Path directory() {
        return root.resolve("backups");
    }

    /** The store as the next start of the server opens it. */
    private BackupStore started() {
        BackupStore store = TestStore.in(directory(), clock);
        store.sweep();
        return store;
    }

    private Path away(BackupKey key) throws IOException {
        return Files.move(directory().resolve(key.value()), root.resolve(key.value()));
    }

    private void back(BackupKey key) throws IOException {
        Files.move(root.resolve(key.value()), directory().resolve(key.value()));
    }

    private static Backup unverified(Backup backup) {
        return backup.with(new Verification.Unchecked());
    }

    @Test
    void a_backup_that_was_away_during_a_start_keeps_its_pin_its_labels_and_its_checksum() throws IOException {
        Backup backup = put(started(), A, "content", it -> it.withPinned(true).with(LABELS));
        away(A);
        assertThat(started().list()).isEmpty();
        back(A);

        assertThat(started().list()).containsExactly(unverified(backup));
    }

    @Test
    void it_counts_as_checked_again_after_a_check_alone() throws IOException {
        Backup backup = put(started(), A, "content");
        away(A);
        started();
        back(A);
        BackupStore store = started();
        assertThat(store.update(A, it -> it.withPinned(true))).contains(unverified(backup.withPinned(true)));
        assertThat(started().find(A)).contains(unverified(backup.withPinned(true)));

        var passed = new Verification.Passed(Depth.FULL, NOW);
        store.update(A, it -> it.with(passed));

        assertThat(started().find(A)).contains(backup.withPinned(true).with(passed));
    }

    @ParameterizedTest(name = "seen to be missing: {0}")
    @ValueSource(booleans = {true, false})
    void another_file_of_the_same_size_is_not_good_by_the_old_record_while_the_server_runs(boolean seen)
            throws IOException {
        BackupStore store = started();
        Backup backup = put(store, A, "content");
        store.list();
        away(A);
        if (seen) {
            assertThat(store.list()).isEmpty();
        }
        Files.writeString(root.resolve("other"), "CONTENT");
        Files.move(root.resolve("other"), directory().resolve(A.value()));

        assertThat(store.find(A)).contains(unverified(backup));
        assertThat(store.list()).containsExactly(unverified(backup));
        assertThat(started().list()).containsExactly(unverified(backup));
    }

    @ParameterizedTest(name = "seen to be missing: {0}")
    @ValueSource(booleans = {true, false})
    void a_snapshot_of_hard_links_does_not_make_another_file_good(boolean seen) throws IOException {
        BackupStore store = started();
        Backup backup = put(store, A, "content");
        store.list();
        Files.createLink(root.resolve("snapshot"), metadata(directory(), A));
        exchange(store, seen);

        assertThat(store.list()).containsExactly(unverified(backup));
        assertThat(started().list()).containsExactly(unverified(backup));
    }

    @ParameterizedTest(name = "seen to be missing: {0}")
    @ValueSource(booleans = {true, false})
    void another_file_is_not_good_while_another_server_removes_the_backup(boolean seen) throws IOException {
        BackupStore store = started();
        Backup backup = put(store, A, "content");
        store.list();
        Path second = directory().resolve(".holdfast/part/other-1");
        Files.createLink(second, metadata(directory(), A));
        byte[] before = Files.readAllBytes(second);
        exchange(store, seen);

        assertThat(store.list()).containsExactly(unverified(backup));
        assertThat(store.find(A)).contains(unverified(backup));
        assertThat(metadata(directory(), A)).hasBinaryContent(before);

        Files.delete(second);
        assertThat(store.find(A)).contains(unverified(backup));
        assertThat(TestStore.in(directory(), clock).find(A)).contains(unverified(backup));
    }

    /** Puts another file of the same size under the name. */
    private void exchange(BackupStore store, boolean seen) throws IOException {
        away(A);
        if (seen) {
            clock.advance(Duration.ofHours(1));
            assertThat(store.list()).isEmpty();
        }
        Files.writeString(root.resolve("other"), "CONTENT");
        Files.move(root.resolve("other"), directory().resolve(A.value()));
        clock.advance(Duration.ofHours(1));
    }

    @Test
    void metadata_that_no_user_has_marked_is_swept_when_starts_have_missed_its_file_for_a_week() throws IOException {
        put(started(), A, "content", UNMARKED);
        put(started(), B, "pinned", it -> it.withPinned(true));
        away(A);
        away(B);
        startEachDay(8);
        assertThat(metadata(directory(), A)).exists();
        startEachDay(1);

        assertThat(metadata(directory(), A)).doesNotExist();
        assertThat(metadata(directory(), B)).exists();
    }

    @Test
    void starts_after_a_file_was_there_again_count_from_the_beginning() throws IOException {
        Backup backup = put(started(), A, "content");
        away(A);
        startEachDay(7);
        back(A);
        clock.advance(Duration.ofDays(1));
        assertThat(started().list()).containsExactly(unverified(backup));
        away(A);
        clock.advance(Duration.ofDays(20));
        startEachDay(7);
        assertThat(metadata(directory(), A)).exists();

        back(A);
        assertThat(started().list()).containsExactly(unverified(backup));
    }

    @Test
    void a_file_that_two_starts_miss_is_not_forgotten_even_if_there_are_weeks_between_them() throws IOException {
        put(started(), A, "content");
        away(A);
        started();
        back(A);
        clock.advance(Duration.ofDays(20));
        away(A);
        started();

        assertThat(metadata(directory(), A)).exists();
    }

    @Test
    void a_clock_that_jumps_ahead_and_back_removes_no_metadata() throws IOException {
        put(started(), A, "content");
        away(A);
        for (int jump = 0; jump < 5; jump++) {
            started();
            clock.advance(Duration.ofDays(30));
            started();
            started();
            clock.advance(Duration.ofDays(-30));
        }
        assertThat(metadata(directory(), A)).exists();
    }

    @Test
    void a_time_before_the_backup_was_made_is_not_counted() throws IOException {
        put(started(), A, "content");
        away(A);
        clock.advance(Duration.ofDays(-20_000));
        startEachDay(7);
        clock.advance(Duration.ofDays(20_000));
        startEachDay(8);
        assertThat(metadata(directory(), A)).exists();
        startEachDay(1);
        assertThat(metadata(directory(), A)).doesNotExist();
    }

    private void startEachDay(int days) {
        for (int day = 0; day < days; day++) {
            clock.advance(Duration.ofDays(1));
            started();
        }
    }

    @Test
    void when_many_files_are_missing_no_metadata_is_swept() throws IOException {
        BackupStore store = started();
        List<BackupKey> all = IntStream.range(0, 8)
                .mapToObj(it -> new BackupKey("app_2026041%d_120000.db".formatted(it)))
                .toList();
        List<Backup> backups = all.stream().map(it -> put(store, it, "content")).toList();
        for (BackupKey key : all.subList(0, 4)) {
            away(key);
        }
        for (int start = 0; start < 3; start++) {
            clock.advance(Duration.ofDays(30));
            assertThat(started().list()).hasSize(4);
        }
        for (BackupKey key : all.subList(0, 4)) {
            back(key);
        }

        assertThat(keys(started()))
                .containsExactlyInAnyOrderElementsOf(
                        backups.stream().map(it -> it.key().value()).toList());
        assertThat(started().list()).allMatch(it -> it.sha256().isPresent());
    }

    @Test
    void a_new_backup_takes_the_name_of_a_missing_one_only_if_no_user_has_marked_that() throws IOException {
        BackupStore store = started();
        put(store, A, "content");
        put(store, B, "content", it -> it.with(LABELS));
        away(A);
        away(B);

        assertThat(publish(store, A)).isEqualTo(new Publication.Published());
        assertThat(publish(store, B)).isEqualTo(new Publication.KeyTaken(B));
    }

    @Test
    void a_deleted_backup_leaves_nothing_that_waits_for_it() throws IOException {
        BackupStore store = started();
        put(store, A, "content");
        store.list();
        assertThat(store.delete(A)).isTrue();
        store.list();
        Backup again = put(store, A, "CONTENT");

        assertThat(store.list()).containsExactly(again);
        assertThat(started().list()).containsExactly(again);
    }

    private static Publication publish(BackupStore store, BackupKey key) throws IOException {
        byte[] content = {1};
        try (StagedArtifact staged = store.stage(1)) {
            staged.output().write(content);
            staged.seal();
            return staged.publish(BackupFixture.backup(key, content));
        }
    }
}
