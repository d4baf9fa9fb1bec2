package dev.holdfast.files;

import static dev.holdfast.application.store.BackupFixture.put;
import static dev.holdfast.application.store.BackupFixture.read;
import static dev.holdfast.files.TestStore.A;
import static dev.holdfast.files.TestStore.filesIn;
import static dev.holdfast.files.TestStore.keys;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.application.operation.FailPoints;
import dev.holdfast.application.store.BackupStore;
import dev.holdfast.domain.backup.Backup;
import dev.holdfast.domain.backup.BackupKey;
import dev.holdfast.domain.backup.Layout;
import dev.holdfast.domain.backup.Origin;
import dev.holdfast.domain.backup.Verification;
import dev.holdfast.domain.naming.Profile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayNameGeneration(ReplaceUnderscores.class)
class ExternalFilesTest {
    @TempDir
    private Path directory;

    @Test
    void a_file_that_somebody_put_there_is_listed_with_the_time_in_its_name() throws IOException {
        Files.writeString(directory.resolve(A.value()), "dropped in");
        Backup backup = TestStore.in(directory).find(A).orElseThrow();
        assertThat(backup.createdAt()).isEqualTo(Instant.parse("2026-04-13T12:00:00Z"));
        assertThat(backup.size()).isEqualTo(10);
        assertThat(backup.origin()).isEqualTo(Origin.EXTERNAL);
        assertThat(backup.layout()).isEqualTo(Layout.SQLITE);
        assertThat(backup.verification()).isEqualTo(new Verification.Unchecked());
        assertThat(backup.sha256()).isEmpty();
        assertThat(TestStore.in(directory).list()).containsExactly(backup);
    }

    @ParameterizedTest
    @ValueSource(strings = {"-wal", "-journal"})
    void what_lies_beside_a_file_is_told(String end) throws IOException {
        Files.writeString(directory.resolve(A.value()), "dropped in");
        Path beside = Files.createFile(directory.resolve(A.value() + end));
        BackupStore store = TestStore.in(directory);
        assertThat(store.open(A).orElseThrow().beside()).isEmpty();
        Files.writeString(beside, "rows");
        assertThat(store.open(A).orElseThrow().beside())
                .get()
                .asString()
                .contains(beside.getFileName().toString(), "journal_mode=DELETE");
    }

    @ParameterizedTest
    @ValueSource(strings = {"before-upgrade.db", "my.sqlite", "my.sqlite3"})
    void a_database_of_any_name_is_listed_with_its_modification_time(String name) throws IOException {
        Path file = Files.writeString(directory.resolve(name), "x");
        Files.setLastModifiedTime(file, FileTime.from(Instant.parse("2025-01-02T03:04:05Z")));
        assertThat(TestStore.in(directory).find(new BackupKey(name)))
                .map(Backup::createdAt)
                .contains(Instant.parse("2025-01-02T03:04:05Z"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"notes.txt", "my.db-wal", "my.db-shm", "my.db-journal", "my.zip", "db", "my.DB.part", ".my.db"})
    void other_files_are_not_listed(String name) throws IOException {
        Files.writeString(directory.resolve(name), "x");
        assertThat(TestStore.in(directory).list()).isEmpty();
    }

    @Test
    void a_profile_of_archives_takes_no_plain_database_for_a_backup() throws IOException {
        Files.writeString(directory.resolve("data.db"), "x");
        Files.writeString(directory.resolve("any_name.zip"), "x");
        BackupStore store = TestStore.in(directory, Profile.POCKETBASE, Set.of(), FailPoints.NONE);
        assertThat(keys(store)).containsExactly("any_name.zip");
    }

    @Test
    void beside_the_source_only_names_of_the_profile_are_backups() throws IOException {
        Path source = Files.writeString(directory.resolve("jobs.db"), "the source");
        Files.writeString(directory.resolve("jobs.db-wal"), "x");
        Files.writeString(directory.resolve("other.db"), "the application's");
        Files.writeString(directory.resolve("jobs_2026_04_13.db"), "x");
        BackupStore store = TestStore.in(directory, Profile.JOBOPS, Set.of(source), FailPoints.NONE);
        assertThat(keys(store)).containsExactly("jobs_2026_04_13.db");
    }

    @Test
    void the_source_is_no_backup_whatever_its_name() throws IOException {
        Path source = Files.writeString(directory.resolve(A.value()), "the source");
        Files.createLink(directory.resolve("app_20260413_120001.db"), source);
        BackupStore store = TestStore.in(directory, Profile.NATIVE, Set.of(source), FailPoints.NONE);
        assertThat(store.list()).isEmpty();
        assertThat(store.find(A)).isEmpty();
        assertThat(store.open(A)).isEmpty();
        assertThat(store.open(new BackupKey("app_20260413_120001.db"))).isEmpty();
        assertThat(store.update(A, it -> it.withPinned(true))).isEmpty();
        assertThat(store.delete(A)).isFalse();
        assertThat(source).hasContent("the source");
    }

    @Test
    void the_source_behind_a_symbolic_link_is_no_backup() throws IOException {
        Path source = Files.writeString(directory.resolve(A.value()), "the source");
        Path elsewhere = Files.createDirectory(directory.resolve("elsewhere"));
        Path link = Files.createSymbolicLink(elsewhere.resolve("app.db"), source);
        assertThat(TestStore.in(directory, Profile.NATIVE, Set.of(link), FailPoints.NONE)
                        .list())
                .isEmpty();
    }

    @Test
    void what_is_no_regular_file_is_no_backup() throws Exception {
        Path target = Files.writeString(directory.resolve("target.txt"), "x");
        Files.createSymbolicLink(directory.resolve("link.db"), target);
        Files.createSymbolicLink(directory.resolve("dangling.db"), Path.of("nowhere"));
        Files.createDirectory(directory.resolve("folder.db"));
        Process mkfifo =
                new ProcessBuilder("mkfifo", directory.resolve("fifo.db").toString()).start();
        assertThat(mkfifo.waitFor(10, TimeUnit.SECONDS)).isTrue();
        assertThat(mkfifo.exitValue()).isZero();
        BackupStore store = TestStore.in(directory);
        assertThat(store.list()).isEmpty();
        for (String name : Set.of("link.db", "dangling.db", "folder.db", "fifo.db")) {
            assertThat(store.open(new BackupKey(name))).isEmpty();
            assertThat(store.delete(new BackupKey(name))).isFalse();
        }
        assertThat(directory.resolve("link.db")).exists();
    }

    @Test
    void a_hard_link_to_something_else_than_the_source_is_a_backup() throws IOException {
        Path other = Files.writeString(directory.resolve("kept.txt"), "x");
        Files.createLink(directory.resolve(A.value()), other);
        assertThat(keys(TestStore.in(directory))).containsExactly(A.value());
    }

    @Test
    void what_is_noted_of_an_external_file_stays_and_it_stays_external() throws IOException {
        Files.writeString(directory.resolve("my.db"), "x");
        BackupKey key = new BackupKey("my.db");
        Backup noted = TestStore.in(directory)
                .update(key, it -> it.withPinned(true).with(new Backup.Labels(Map.of("a", "b"))))
                .orElseThrow();
        assertThat(noted.origin()).isEqualTo(Origin.EXTERNAL);
        assertThat(noted.pinned()).isTrue();
        assertThat(TestStore.in(directory).list()).containsExactly(noted);
    }

    @Test
    void deleting_an_external_file_leaves_its_neighbours() throws IOException {
        Files.writeString(directory.resolve("my.db"), "x");
        Files.writeString(directory.resolve("my.db-wal"), "somebody's");
        assertThat(TestStore.in(directory).delete(new BackupKey("my.db"))).isTrue();
        assertThat(filesIn(directory)).containsExactly("my.db-wal");
    }

    @Test
    void deleting_a_backup_takes_along_what_sqlite_made_beside_it() throws IOException {
        BackupStore store = TestStore.in(directory);
        put(store, A, "content");
        Files.writeString(directory.resolve(A + "-wal"), "x");
        Files.writeString(directory.resolve(A + "-shm"), "x");
        Files.writeString(directory.resolve(A + "-note"), "somebody's");
        store.delete(A);
        assertThat(filesIn(directory)).containsExactly(A + "-note");
    }

    @Test
    void a_file_put_there_by_hand_is_seen_by_a_store_that_has_listed_before() throws IOException {
        BackupStore store = TestStore.in(directory);
        put(store, A, "content");
        store.list();
        Files.writeString(directory.resolve("my.db"), "x");
        assertThat(keys(store)).containsExactlyInAnyOrder("my.db", A.value());
        Files.delete(directory.resolve("my.db"));
        assertThat(keys(store)).containsExactly(A.value());
        assertThat(read(store, A, 0)).isEqualTo("content");
    }
}
