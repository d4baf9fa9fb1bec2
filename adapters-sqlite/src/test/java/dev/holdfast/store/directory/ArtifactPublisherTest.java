package dev.holdfast.store.directory;

import static dev.holdfast.application.store.BackupFixture.backup;
import static dev.holdfast.application.store.BackupFixture.put;
import static dev.holdfast.application.store.BackupFixture.read;
import static dev.holdfast.application.store.BackupFixture.sha256;
import static dev.holdfast.application.store.BackupFixture.write;
import static dev.holdfast.store.directory.TestStore.A;
import static dev.holdfast.store.directory.TestStore.B;
import static dev.holdfast.store.directory.TestStore.filesIn;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.application.operation.FailPoints;
import dev.holdfast.application.store.BackupStore;
import dev.holdfast.application.store.StagedArtifact;
import dev.holdfast.application.store.StagedArtifact.Publication;
import dev.holdfast.domain.backup.Backup;
import dev.holdfast.domain.identity.BackupKey;
import dev.holdfast.domain.problem.Problem;
import dev.holdfast.domain.problem.ProblemException;
import dev.holdfast.domain.profile.Profile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Tag("adapter")
@DisplayNameGeneration(ReplaceUnderscores.class)
class ArtifactPublisherTest {
    private static final byte[] CONTENT = "content".getBytes(UTF_8);

    @TempDir
    private Path directory;

    @Test
    void all_that_is_made_is_for_the_owner_only() throws IOException {
        Path made = directory.resolve("not/yet/there");
        put(TestStore.in(made), A, "content");
        for (String folder : Set.of("", ".holdfast", ".holdfast/part", ".holdfast/meta", ".holdfast/meta/long")) {
            assertThat(modeOf(made.resolve(folder))).as(folder).isEqualTo("rwx------");
        }
        assertThat(modeOf(made.resolve(A.value()))).isEqualTo("rw-------");
        assertThat(modeOf(TestStore.metadata(made, A))).isEqualTo("rw-------");
    }

    private static String modeOf(Path file) throws IOException {
        return PosixFilePermissions.toString(Files.getPosixFilePermissions(file));
    }

    @Test
    void a_directory_that_was_there_keeps_its_mode() throws IOException {
        Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-x---"));
        put(TestStore.in(directory), A, "content");
        assertThat(modeOf(directory)).isEqualTo("rwxr-x---");
    }

    @Test
    void a_published_artifact_lies_there_under_its_name_alone() {
        put(TestStore.in(directory), A, "content");
        assertThat(directory.resolve(A.value())).hasContent("content");
        assertThat(filesIn(directory)).containsExactly(".holdfast/meta/" + A + ".json", A.value());
    }

    @Test
    void a_file_that_somebody_put_there_takes_the_key_and_gets_no_metadata() throws IOException {
        Files.writeString(directory.resolve(A.value()), "dropped in");
        assertThat(publish(TestStore.in(directory), A)).isEqualTo(new Publication.KeyTaken(A));
        assertThat(filesIn(directory)).containsExactly(A.value());
        assertThat(directory.resolve(A.value())).hasContent("dropped in");
    }

    @Test
    void a_file_that_somebody_puts_there_in_the_last_moment_takes_the_key_and_gets_no_metadata() {
        BackupStore store = TestStore.in(directory, point -> {
            if (point.equals("store.meta-written")) {
                writeString(directory.resolve(A.value()), "dropped in");
            }
        });
        assertThat(publish(store, A)).isEqualTo(new Publication.KeyTaken(A));
        assertThat(filesIn(directory)).containsExactly(A.value());
        assertThat(directory.resolve(A.value())).hasContent("dropped in");
    }

    private static void writeString(Path file, String content) {
        try {
            Files.writeString(file, content);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void whatever_lies_there_takes_the_key() throws IOException {
        BackupStore store = TestStore.in(directory);
        Files.createDirectory(directory.resolve(A.value()));
        Files.createSymbolicLink(directory.resolve(B.value()), Path.of("nowhere"));
        assertThat(publish(store, A)).isEqualTo(new Publication.KeyTaken(A));
        assertThat(publish(store, B)).isEqualTo(new Publication.KeyTaken(B));
        assertThat(filesIn(directory)).containsExactly(B.value());
    }

    @ParameterizedTest
    @ValueSource(strings = {"app.db", "app.db-wal", "app.db-shm", "app.db-journal"})
    void the_sources_names_are_taken_also_while_no_file_has_them(String name) {
        BackupStore store =
                TestStore.in(directory, Profile.NATIVE, Set.of(directory.resolve("app.db")), FailPoints.NONE);
        BackupKey key = new BackupKey(name);
        assertThat(publish(store, key)).isEqualTo(new Publication.KeyTaken(key));
        assertThat(filesIn(directory)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"-wal", "-shm", "-journal"})
    void a_stale_journal_is_never_paired_with_a_new_backup(String end) throws IOException {
        BackupStore store = TestStore.in(directory);
        Files.writeString(directory.resolve(A + end), "stale");
        assertThat(publish(store, A)).isEqualTo(new Publication.KeyTaken(A, Optional.of(A + end)));
        assertThat(new Problem.FilenameTaken(A, Optional.of(A + end)).detail()).contains("\"" + A + end + "\" lies");
        put(store, B, "content");
        BackupKey journal = new BackupKey(B + end);
        assertThat(publish(store, journal)).isEqualTo(new Publication.KeyTaken(journal));
    }

    @Test
    void without_hard_links_a_backup_is_moved_to_its_free_name() throws IOException {
        BackupStore store = TestStore.withoutHardLinksIn(directory);
        assertThat(publish(store, A)).isEqualTo(new Publication.Published());
        assertThat(publish(store, A)).isEqualTo(new Publication.KeyTaken(A));
        assertThat(read(store, A, 0)).isEqualTo("content");
        assertThat(filesIn(directory)).containsExactly(".holdfast/meta/" + A + ".json", A.value());
    }

    @Test
    void a_backup_that_can_be_neither_made_durable_nor_removed_is_named_by_the_failure() throws IOException {
        Path backups = directory.resolve("backups");
        Path away = directory.resolve("away");
        BackupStore store = TestStore.in(backups, point -> {
            if (point.equals("store.linked")) {
                exchangeForALinkToItself(backups, away);
            }
        });
        assertThatThrownBy(() -> publish(store, A))
                .isInstanceOfSatisfying(
                        ProblemException.class,
                        it -> assertThat(it.problem())
                                .isInstanceOf(Problem.StoreUnavailable.class)
                                .extracting(Problem::detail, InstanceOfAssertFactories.STRING)
                                .contains("symbolic links", "The backup \"" + A + "\" was written all the same"));
        assertThat(filesIn(away)).contains(".holdfast/meta/" + A + ".json", A.value());
    }

    @Test
    void a_store_that_cannot_be_looked_at_is_not_called_lost() {
        Path backups = directory.resolve("backups");
        BackupStore store = TestStore.in(backups);
        put(store, A, "content");
        exchangeForALinkToItself(backups, directory.resolve("away"));
        assertThatThrownBy(store::list)
                .isInstanceOf(ProblemException.class)
                .hasMessageContaining("Cannot read the backup directory " + backups)
                .hasMessageContaining("symbolic links");
    }

    private static void exchangeForALinkToItself(Path folder, Path away) {
        try {
            Files.move(folder, away);
            Files.createSymbolicLink(folder, folder);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void what_is_said_of_a_backup_must_fit_its_content() {
        try (StagedArtifact staged = TestStore.in(directory).stage(CONTENT.length)) {
            write(staged, CONTENT);
            assertThatThrownBy(() -> staged.publish(backup(A, CONTENT))).isInstanceOf(IllegalStateException.class);
            staged.seal();
            assertThatThrownBy(() -> write(staged, CONTENT)).isInstanceOf(IllegalStateException.class);
            assertThatThrownBy(() -> staged.publish(backup(A, new byte[1])))
                    .isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> staged.publish(backup(A, CONTENT).with(sha256(new byte[1]))))
                    .isInstanceOf(IllegalArgumentException.class);
        }
        assertThat(filesIn(directory)).isEmpty();
    }

    @Test
    void nothing_is_read_outside_the_artifact() {
        BackupStore store = TestStore.in(directory);
        put(store, A, "content");
        for (long offset : new long[] {-1, 8}) {
            assertThatThrownBy(() -> store.open(A).orElseThrow().open(offset))
                    .isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Test
    void another_server_neither_sweeps_nor_takes_over_what_is_just_being_published() throws IOException {
        BackupStore other = TestStore.ofAnotherServerIn(directory);
        List<Publication> ofTheOther = new ArrayList<>();
        BackupStore store = TestStore.in(directory, step -> {
            if (step.equals("store.meta-written")) {
                other.sweep();
                byte[] content = "another content".getBytes(UTF_8);
                try (StagedArtifact staged = other.stage(content.length)) {
                    staged.output().write(content);
                    staged.seal();
                    ofTheOther.add(staged.publish(backup(A, content)));
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            }
        });

        Backup published = put(store, A, "content");

        assertThat(ofTheOther).containsExactly(new Publication.KeyTaken(A));
        assertThat(other.list()).containsExactly(published);
    }

    @Test
    void sweeping_touches_nothing_but_leftovers() throws IOException {
        BackupStore store = TestStore.in(directory);
        put(store, A, "content");
        Files.writeString(directory.resolve("my.db"), "x");
        Files.writeString(directory.resolve("notes.txt"), "x");
        Files.writeString(directory.resolve("1"), "x");
        Files.writeString(directory.resolve(".holdfast/README"), "x");
        Files.writeString(directory.resolve(".holdfast/part/server-7"), "leftover");
        Path anothers = Files.writeString(directory.resolve(".holdfast/part/other-7"), "leftover");
        Files.setLastModifiedTime(anothers, FileTime.from(TestStore.NOW.minus(Duration.ofDays(8))));
        Path unreadable = Files.writeString(TestStore.metadata(directory, B), "leftover");
        Files.setLastModifiedTime(unreadable, FileTime.from(TestStore.NOW.minus(Duration.ofDays(8))));
        Path cutOff =
                Files.writeString(directory.resolve(".holdfast/meta/long/" + "0".repeat(64) + ".json"), "leftover");
        Files.createLink(directory.resolve(".holdfast/part/server-8"), cutOff);
        Files.writeString(directory.resolve(".holdfast/meta/README"), "x");
        TestStore.in(directory).sweep();
        assertThat(filesIn(directory))
                .containsExactly(
                        ".holdfast/README",
                        ".holdfast/meta/README",
                        ".holdfast/meta/" + A + ".json",
                        "1",
                        A.value(),
                        "my.db",
                        "notes.txt");
    }

    @Test
    void sweeping_follows_no_link_out_of_the_store() throws IOException {
        Path elsewhere = Files.createDirectory(directory.resolve("elsewhere"));
        Files.createDirectory(elsewhere.resolve("part"));
        Files.writeString(elsewhere.resolve("part/precious"), "x");
        Path backups = Files.createDirectory(directory.resolve("backups"));
        Files.createSymbolicLink(backups.resolve(".holdfast"), elsewhere);
        BackupStore store = TestStore.in(backups);
        store.sweep();
        assertThatThrownBy(() -> store.stage(1)).isInstanceOf(ProblemException.class);
        assertThat(elsewhere.resolve("part/precious")).exists();
    }

    @Test
    void a_store_reached_over_a_symbolic_link_is_swept_and_keeps_its_metadata() throws IOException {
        Path real = Files.createDirectory(directory.resolve("real"));
        Path link = Files.createSymbolicLink(directory.resolve("link"), real);
        var backup = put(TestStore.in(link), A, "content");
        BackupStore reopened = TestStore.in(link);
        reopened.sweep();
        assertThat(reopened.list()).containsExactly(backup);
        assertThat(TestStore.in(real).list()).containsExactly(backup);
    }

    private static Publication publish(BackupStore store, BackupKey key) {
        try (StagedArtifact staged = store.stage(CONTENT.length)) {
            write(staged, CONTENT);
            staged.seal();
            return staged.publish(backup(key, CONTENT));
        }
    }
}
