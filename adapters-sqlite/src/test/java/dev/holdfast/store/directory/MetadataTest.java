package dev.holdfast.store.directory;

import static dev.holdfast.application.store.BackupFixture.put;
import static dev.holdfast.store.directory.TestStore.A;
import static dev.holdfast.store.directory.TestStore.B;
import static dev.holdfast.store.directory.TestStore.metadata;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.application.store.BackupStore;
import dev.holdfast.domain.backup.Backup;
import dev.holdfast.domain.backup.Depth;
import dev.holdfast.domain.backup.Origin;
import dev.holdfast.domain.backup.Verification;
import dev.holdfast.domain.identity.BackupKey;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

@Tag("adapter")
@DisplayNameGeneration(ReplaceUnderscores.class)
class MetadataTest {
    @TempDir
    private Path directory;

    private BackupStore store;
    private Backup backup;

    @BeforeEach
    void one_backup() {
        store = TestStore.in(directory);
        backup = put(store, A, "content", it -> it.withPinned(true));
    }

    @Test
    void metadata_is_text_that_a_person_can_read() throws IOException {
        assertThat(Files.readString(metadata(directory, A))).isEqualToNormalizingNewlines("""
                        {
                          "format" : 1,
                          "server" : "server",
                          "filename" : "app_20260413_120000.db",
                          "database" : "default",
                          "size" : 7,
                          "created_at" : "2026-04-13T12:00:00.123456789Z",
                          "sha256" : "ed7002b439e9ac845f22357d822bac1444730fbdb6016d3ec9432297b9ec9f73",
                          "origin" : "manual",
                          "layout" : "sqlite",
                          "verification" : {
                            "outcome" : "passed",
                            "depth" : "quick",
                            "at" : "2026-04-13T12:00:00.123456789Z"
                          },
                          "pinned" : true,
                          "labels" : { }
                        }""");
    }

    @Test
    void why_a_backup_is_not_from_one_moment_is_kept() {
        store.update(A, it -> it.withInconsistency(Optional.of("half of it is new")));
        assertThat(TestStore.in(directory).find(A))
                .contains(backup.withInconsistency(Optional.of("half of it is new")));
    }

    @Test
    void fields_that_a_later_version_added_are_passed_over() throws IOException {
        edit(it -> it.replace("\"labels\"", "\"encryption\" : {\"key\": [1]}, \"labels\""));
        assertThat(store.list()).containsExactly(backup);
        assertThat(TestStore.in(directory).list()).containsExactly(backup);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource
    void a_backup_with_metadata_that_cannot_be_read_counts_as_external(String what, UnaryOperator<String> damage)
            throws IOException {
        Backup other = put(store, B, "other");
        edit(damage);
        for (BackupStore it : Stream.of(store, TestStore.in(directory)).toList()) {
            assertThat(it.list()).hasSize(2).contains(other);
            Backup found = it.find(A).orElseThrow();
            assertThat(found.origin()).isEqualTo(Origin.EXTERNAL);
            assertThat(found.verification()).isEqualTo(new Verification.Unchecked());
            assertThat(found.sha256()).isEmpty();
            assertThat(found.size()).isEqualTo(7);
        }
    }

    static Stream<Object[]> a_backup_with_metadata_that_cannot_be_read_counts_as_external() {
        return Stream.of(
                damage("nothing", it -> ""),
                damage("cut short", it -> it.substring(0, it.length() / 2)),
                damage("other bytes", it -> "\0\u0001\uffff"),
                damage("a list", it -> "[]"),
                damage("null", it -> "null"),
                damage("two objects", it -> it + it),
                damage("deep nesting", it -> "[".repeat(100_000)),
                damage("too large", it -> it + " ".repeat(2_000_000)),
                damage("later format", it -> it.replace("\"format\" : 1", "\"format\" : 2")),
                damage("another artifact's", it -> it.replace("120000.db", "120009.db")),
                damage("no size", it -> it.replace("\"size\"", "\"sise\"")),
                damage("negative size", it -> it.replace(": 7", ": -7")),
                damage("broken size", it -> it.replace(": 7", ": 7.5")),
                damage("huge size", it -> it.replace(": 7", ": 99999999999999999999")),
                damage("size as text", it -> it.replace(": 7", ": \"7\"")),
                damage("no time", it -> it.replace("\"2026-04-13T12", "\"2026-14-13T12")),
                damage("unknown origin", it -> it.replace("manual", "stolen")),
                damage("unknown outcome", it -> it.replace("passed", "guessed")),
                damage("unknown depth", it -> it.replace("quick", "deep")),
                damage("short hash", it -> it.replace("ed7002", "")),
                damage("bad database", it -> it.replace("\"default\"", "\"../x\"")),
                damage("pinned as text", it -> it.replace("true", "\"true\"")),
                damage("label as number", it -> it.replace("{ }", "{\"a\": 1}")),
                damage("long label", it -> it.replace("{ }", "{\"a\": \"" + "x".repeat(256) + "\"}")));
    }

    private static Object[] damage(String what, UnaryOperator<String> damage) {
        return new Object[] {what, damage};
    }

    @Test
    void a_folder_or_link_in_place_of_metadata_counts_as_unreadable() throws IOException {
        Path elsewhere = Files.move(metadata(directory, A), directory.resolve("moved.json"));
        Files.createSymbolicLink(metadata(directory, A), elsewhere);
        put(store, B, "other");
        Files.delete(metadata(directory, B));
        Files.createDirectory(metadata(directory, B));
        assertThat(store.list()).hasSize(2).allMatch(it -> it.origin() == Origin.EXTERNAL);
    }

    @Test
    void an_update_makes_unreadable_metadata_readable_again() throws IOException {
        edit(it -> "{");
        Backup noted = store.update(A, it -> it.withPinned(true)).orElseThrow();
        assertThat(TestStore.in(directory).list()).containsExactly(noted);
    }

    @Test
    void a_file_of_another_size_is_corrupt_until_it_is_put_right() throws IOException {
        Path file = directory.resolve(A.value());
        byte[] content = Files.readAllBytes(file);
        Files.writeString(file, "more", StandardOpenOption.APPEND);
        var corrupt =
                new Verification.Corrupt(Depth.CHECKSUM, TestStore.NOW, "The file has 11 bytes, but 7 were written.");
        assertThat(store.list()).containsExactly(backup.with(corrupt));
        assertThat(store.find(A)).contains(backup.with(corrupt));
        assertThat(store.update(A, it -> it.withPinned(false)))
                .contains(backup.with(corrupt).withPinned(false));
        Files.write(file, content);
        assertThat(store.list()).containsExactly(backup.withPinned(false));
    }

    @Test
    void metadata_survives_when_the_whole_directory_is_moved() throws IOException {
        BackupKey longest = new BackupKey("x".repeat(255));
        Backup other = put(store, longest, "long");
        Path moved = Files.move(directory, directory.resolveSibling(directory.getFileName() + "-moved"));
        try {
            assertThat(TestStore.in(moved).list()).containsExactlyInAnyOrder(backup, other);
        } finally {
            Files.move(moved, directory);
        }
    }

    private void edit(UnaryOperator<String> change) throws IOException {
        Path file = metadata(directory, A);
        Files.write(file, change.apply(Files.readString(file)).getBytes(UTF_8));
    }
}
