package dev.holdfast.store.directory;

import static dev.holdfast.application.store.BackupFixture.put;
import static dev.holdfast.application.store.BackupFixture.read;
import static dev.holdfast.store.directory.TestStore.A;
import static dev.holdfast.store.directory.TestStore.filesIn;
import static dev.holdfast.store.directory.TestStore.keys;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.application.operation.FailPoints;
import dev.holdfast.application.store.BackupStore;
import dev.holdfast.domain.backup.Backup;
import dev.holdfast.domain.backup.Depth;
import dev.holdfast.domain.backup.Layout;
import dev.holdfast.domain.backup.Origin;
import dev.holdfast.domain.backup.Sha256;
import dev.holdfast.domain.backup.Verification;
import dev.holdfast.domain.identity.BackupKey;
import dev.holdfast.domain.profile.Profile;
import dev.holdfast.tree.SecureDirectories;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.Arrays;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.zip.GZIPOutputStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@Tag("adapter")
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

    @Test
    void the_time_of_a_file_is_not_the_one_in_its_name() throws IOException {
        Instant modified = Instant.parse("2025-01-02T03:04:05.678Z");
        Path file = Files.writeString(directory.resolve(A.value()), "dropped in");
        Files.setLastModifiedTime(file, FileTime.from(modified));
        BackupStore store = TestStore.in(directory);
        assertThat(store.modificationTimes()).isEqualTo(Map.of(A, modified));
        assertThat(store.open(A).orElseThrow().modified()).contains(modified);
        store.update(A, it -> it.withPinned(true));
        assertThat(store.modificationTimes()).isEqualTo(Map.of(A, modified));
        Files.delete(file);
        assertThat(store.modificationTimes()).isEmpty();
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

    @ParameterizedTest(name = "{0} {1}")
    @CsvSource({
        "POCKETBASE, pb backup of monday.zip, data.db, POCKETBASE_ZIP",
        "POCKETBASE, Sicherung für später.ZIP, data.db, POCKETBASE_ZIP",
        "POCKETBASE, a name without an end, data.db, POCKETBASE_ZIP",
        "POCKETBASE, mine.bak, data.db, POCKETBASE_ZIP",
        "DISPATCHARR, before the upgrade.zip, metadata.json, DISPATCHARR_ZIP",
        "DISPATCHARR, monday.tar.gz, database.json, DISPATCHARR_TAR_GZ",
        "DISPATCHARR, monday.tgz, database.json, DISPATCHARR_TAR_GZ",
        "DISPATCHARR, a tar called.zip, database.json, DISPATCHARR_TAR_GZ",
    })
    void an_archive_with_a_free_name_is_listed_as_external_and_unchecked(
            Profile profile, String name, String member, Layout layout) throws IOException {
        archive(directory.resolve(name), member, layout);
        BackupStore store = TestStore.in(directory, profile, Set.of(), FailPoints.NONE);
        assertThat(store.list()).singleElement().satisfies(it -> {
            assertThat(it.key().value()).isEqualTo(name);
            assertThat(it.origin()).isEqualTo(Origin.EXTERNAL);
            assertThat(it.verification()).isEqualTo(new Verification.Unchecked());
            assertThat(it.layout()).isEqualTo(layout);
        });
        assertThat(store.open(new BackupKey(name))).isPresent();
    }

    @ParameterizedTest(name = "{0} {1}")
    @CsvSource({
        "POCKETBASE, uploaded by a client.zip, data.db, POCKETBASE_ZIP",
        "POCKETBASE, uploaded-without-end, data.db, POCKETBASE_ZIP",
        "DISPATCHARR, free.zip, metadata.json, DISPATCHARR_ZIP",
        "DISPATCHARR, free.tar.gz, database.json, DISPATCHARR_TAR_GZ",
    })
    void an_uploaded_archive_is_still_listed_when_the_folder_of_the_metadata_was_deleted(
            Profile profile, String name, String member, Layout layout) throws IOException {
        put(TestStore.in(directory, profile, Set.of(), FailPoints.NONE), new BackupKey(name), "x");
        archive(directory.resolve(name), member, layout);
        SecureDirectories.delete(directory.resolve(".holdfast"));
        BackupStore later = TestStore.in(directory, profile, Set.of(), FailPoints.NONE);
        assertThat(later.list()).singleElement().satisfies(it -> {
            assertThat(it.key().value()).isEqualTo(name);
            assertThat(it.origin()).isEqualTo(Origin.EXTERNAL);
            assertThat(it.layout()).isEqualTo(layout);
        });
    }

    @Test
    void an_archive_that_is_still_being_copied_is_looked_at_again_once_it_has_grown() throws IOException {
        Path whole = archive(directory.resolve("whole"), "data.db", Layout.POCKETBASE_ZIP);
        byte[] bytes = Files.readAllBytes(whole);
        Files.delete(whole);
        BackupKey key = new BackupKey("copied.zip");
        Path copied = Files.write(directory.resolve(key.value()), Arrays.copyOf(bytes, bytes.length / 2));
        BackupStore store = TestStore.in(directory, Profile.POCKETBASE, Set.of(), FailPoints.NONE);
        Verification corrupt = new Verification.Corrupt(Depth.QUICK, TestStore.NOW, "it ends too early");
        assertThat(store.update(
                        key,
                        it -> it.with(corrupt).with(new Sha256("0".repeat(64))).withPinned(true)))
                .map(Backup::verification)
                .contains(corrupt);
        Files.write(copied, bytes);
        Backup grown = store.find(key).orElseThrow();
        assertThat(grown.verification()).isEqualTo(new Verification.Unchecked());
        assertThat(grown.sha256()).isEmpty();
        assertThat(grown.size()).isEqualTo(bytes.length);
        assertThat(grown.pinned()).isTrue();
        assertThat(store.update(key, it -> it.withPinned(false)).orElseThrow().verification())
                .isEqualTo(new Verification.Unchecked());
    }

    @Test
    void an_archive_of_another_profile_or_of_no_layout_is_listed_by_its_name_alone() throws IOException {
        archive(directory.resolve("of-dispatcharr.zip"), "metadata.json", Layout.DISPATCHARR_ZIP);
        archive(directory.resolve("of-dispatcharr"), "metadata.json", Layout.DISPATCHARR_ZIP);
        archive(directory.resolve("letters.docx"), "word/document.xml", Layout.POCKETBASE_ZIP);
        Files.writeString(directory.resolve("notes.txt"), "x");
        Files.writeString(directory.resolve("data.db-wal"), "PK\003\004");
        Files.createDirectory(directory.resolve("folder.zip"));
        Files.createSymbolicLink(directory.resolve("link.zip"), directory.resolve("of-dispatcharr.zip"));
        archive(directory.resolve(".hidden.zip"), "data.db", Layout.POCKETBASE_ZIP);
        BackupStore store = TestStore.in(directory, Profile.POCKETBASE, Set.of(), FailPoints.NONE);
        assertThat(keys(store)).containsExactly("of-dispatcharr.zip");
    }

    @Test
    void next_to_the_source_an_archive_with_a_free_name_may_be_the_applications() throws IOException {
        Path source = Files.writeString(directory.resolve("data.db"), "the source");
        archive(directory.resolve("by hand.zip"), "data.db", Layout.POCKETBASE_ZIP);
        archive(directory.resolve("by_hand.zip"), "data.db", Layout.POCKETBASE_ZIP);
        BackupStore store = TestStore.in(directory, Profile.POCKETBASE, Set.of(source), FailPoints.NONE);
        assertThat(keys(store)).containsExactly("by_hand.zip");
    }

    private static Path archive(Path file, String member, Layout layout) throws IOException {
        byte[] content = (member.endsWith(".json") ? "{\"database_file\": \"database.sqlite3\"}" : "x").getBytes(UTF_8);
        if (layout == Layout.DISPATCHARR_TAR_GZ) {
            byte[] tar = new byte[2048];
            System.arraycopy(member.getBytes(UTF_8), 0, tar, 0, member.length());
            field(tar, 100, "0000600\0");
            field(tar, 108, "0000000\0");
            field(tar, 116, "0000000\0");
            field(tar, 124, String.format("%011o\0", content.length));
            field(tar, 136, "00000000000\0");
            field(tar, 148, "        ");
            field(tar, 156, "0");
            field(tar, 257, "ustar\00000");
            int sum = 0;
            for (int i = 0; i < 512; i++) {
                sum += tar[i];
            }
            field(tar, 148, String.format("%06o\0 ", sum));
            System.arraycopy(content, 0, tar, 512, content.length);
            try (var out = new GZIPOutputStream(Files.newOutputStream(file))) {
                out.write(tar);
            }
        } else {
            try (var out = new ZipOutputStream(Files.newOutputStream(file))) {
                out.putNextEntry(new ZipEntry(member));
                out.write(content);
            }
        }
        return file;
    }

    private static void field(byte[] tar, int at, String text) {
        System.arraycopy(text.getBytes(UTF_8), 0, tar, at, text.length());
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
