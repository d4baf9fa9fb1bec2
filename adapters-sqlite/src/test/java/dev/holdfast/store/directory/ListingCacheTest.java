package dev.holdfast.store.directory;

import static dev.holdfast.application.store.BackupFixture.put;
import static dev.holdfast.store.directory.TestStore.A;
import static dev.holdfast.store.directory.TestStore.B;
import static dev.holdfast.store.directory.TestStore.keys;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.application.operation.FailPoints;
import dev.holdfast.application.store.BackupStore;
import dev.holdfast.domain.backup.Backup;
import dev.holdfast.domain.backup.Verification;
import dev.holdfast.domain.identity.DatabaseName;
import dev.holdfast.domain.profile.Naming;
import dev.holdfast.domain.profile.Profile;
import dev.holdfast.files.archive.layout.LayoutDetector;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("adapter")
@DisplayNameGeneration(ReplaceUnderscores.class)
class ListingCacheTest {
    @TempDir
    private Path directory;

    private Instant now = Instant.parse("2100-01-01T00:00:00Z");
    private BackupStore store;
    private Backup backup;

    @BeforeEach
    void a_store_with_one_backup_has_listed() {
        store = LocalStore.in(
                directory,
                "server",
                DatabaseName.DEFAULT,
                Naming.of(Profile.NATIVE, "app"),
                Set.of(),
                () -> now,
                FailPoints.NONE,
                LayoutDetector::archive);
        backup = put(store, A, "content");
        assertThat(store.list()).containsExactly(backup);
    }

    @Test
    void a_change_inside_a_file_is_seen_at_once_where_one_backup_is_asked_for_and_in_a_list_ten_seconds_later()
            throws IOException {
        Files.writeString(directory.resolve(A.value()), "more", StandardOpenOption.APPEND);
        now = now.plusSeconds(1);
        assertThat(store.list()).containsExactly(backup);
        assertThat(store.find(A).orElseThrow().verification()).isInstanceOf(Verification.Corrupt.class);
        now = now.plusSeconds(9);
        assertThat(store.list()).extracting(Backup::verification).hasOnlyElementsOfType(Verification.Corrupt.class);
    }

    @Test
    void what_the_store_itself_changes_is_seen_at_once() {
        now = now.plusMillis(1);
        store.update(A, it -> it.withPinned(true));
        assertThat(store.list()).containsExactly(backup.withPinned(true));
        now = now.plusMillis(1);
        Backup second = put(store, B, "second");
        assertThat(store.list()).containsExactly(second, backup.withPinned(true));
        now = now.plusMillis(1);
        store.delete(A);
        assertThat(store.list()).containsExactly(second);
    }

    @Test
    void a_file_that_somebody_put_there_is_seen_at_once() throws IOException {
        Files.writeString(directory.resolve(B.value()), "x");
        Files.setLastModifiedTime(directory, FileTime.from(now.minus(Duration.ofDays(1))));
        now = now.plusMillis(1);
        assertThat(keys(store)).containsExactly(B.value(), A.value());
    }

    @Test
    void a_folder_that_changed_just_now_may_change_again_within_the_same_tick() throws IOException {
        FileTime tick = FileTime.from(now);
        Files.setLastModifiedTime(directory, tick);
        store.list();
        Files.writeString(directory.resolve(B.value()), "x");
        Files.setLastModifiedTime(directory, tick);
        now = now.plusMillis(1);
        assertThat(keys(store)).hasSize(2);
    }

    @Test
    void a_clock_that_goes_back_makes_no_list_older_than_it_is() throws IOException {
        Files.writeString(directory.resolve(A.value()), "more", StandardOpenOption.APPEND);
        now = now.minusSeconds(5);
        assertThat(store.list()).extracting(Backup::verification).hasOnlyElementsOfType(Verification.Corrupt.class);
    }
}
