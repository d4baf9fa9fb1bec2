package dev.holdfast.store.directory;

import static dev.holdfast.application.store.BackupFixture.backup;
import static dev.holdfast.application.store.BackupFixture.put;
import static dev.holdfast.application.store.BackupFixture.read;
import static dev.holdfast.application.store.BackupFixture.write;
import static dev.holdfast.store.directory.TestStore.A;
import static dev.holdfast.store.directory.TestStore.B;
import static dev.holdfast.store.directory.TestStore.filesIn;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.holdfast.application.operation.FailPoints;
import dev.holdfast.application.store.BackupStore;
import dev.holdfast.application.store.KnownStores;
import dev.holdfast.application.store.StagedArtifact;
import dev.holdfast.application.store.StagedArtifact.Publication;
import dev.holdfast.domain.backup.Backup;
import dev.holdfast.domain.problem.ProblemCode;
import dev.holdfast.domain.problem.ProblemException;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("adapter")
@Tag("root")
@DisplayNameGeneration(ReplaceUnderscores.class)
class UnwillingFileSystemTest {
    private static final int MEBIBYTE = 1 << 20;

    @TempDir
    private Path directory;

    @Test
    void what_cannot_fit_is_refused_before_anything_is_written() throws IOException {
        try (var _ = SmallFileSystem.mount(directory, 4)) {
            BackupStore store = TestStore.in(directory);
            assertProblem(ProblemCode.INSUFFICIENT_STORAGE, () -> store.stage(4 * MEBIBYTE));
            assertProblem(ProblemCode.INSUFFICIENT_STORAGE, () -> store.stage(Long.MAX_VALUE));
            assertThat(filesIn(directory)).isEmpty();
            put(store, A, "small");
        }
    }

    @Test
    void a_file_system_that_fills_up_meanwhile_leaves_nothing_of_the_new_backup() throws IOException {
        try (var _ = SmallFileSystem.mount(directory, 4)) {
            BackupStore store = TestStore.in(directory);
            Backup before = put(store, A, "before");
            try (StagedArtifact staged = store.stage(MEBIBYTE)) {
                assertProblem(
                        ProblemCode.INSUFFICIENT_STORAGE, () -> staged.output().write(new byte[8 * MEBIBYTE]));
                assertThat(filesIn(directory.resolve(".holdfast/part"))).isEmpty();
                assertProblem(
                        ProblemCode.INSUFFICIENT_STORAGE, () -> staged.output().write(1));
                assertProblem(ProblemCode.INSUFFICIENT_STORAGE, staged::seal);
            }
            assertThat(store.list()).containsExactly(before);
            assertThat(read(store, A, 0)).isEqualTo("before");
            put(store, B, "after");
        }
    }

    @Test
    void content_that_nobody_announced_is_stopped_before_the_file_system_is_full() throws IOException {
        try (var _ = SmallFileSystem.mount(directory, 48)) {
            BackupStore store = TestStore.in(directory);
            try (StagedArtifact staged = store.stage(0)) {
                byte[] piece = new byte[MEBIBYTE];
                assertProblem(ProblemCode.INSUFFICIENT_STORAGE, () -> {
                    for (int i = 0; i < 64; i++) {
                        staged.output().write(piece);
                        assertThat(Files.getFileStore(directory).getUsableSpace())
                                .isGreaterThan(8 * MEBIBYTE);
                    }
                });
                assertThat(filesIn(directory.resolve(".holdfast/part"))).isEmpty();
            }
            put(store, A, "after");
            try (StagedArtifact staged = store.stage(40 * MEBIBYTE)) {
                for (int i = 0; i < 40; i++) {
                    write(staged, new byte[MEBIBYTE]);
                }
                assertThat(staged.seal().size()).isEqualTo(40 * MEBIBYTE);
            }
        }
    }

    @Test
    void a_full_file_system_takes_no_metadata_and_then_the_content_is_not_visible_either() throws IOException {
        try (var _ = SmallFileSystem.mount(directory, 4)) {
            BackupStore store = TestStore.in(directory);
            Backup before = put(store, A, "before");
            byte[] content = "content".getBytes(UTF_8);
            try (StagedArtifact staged = store.stage(content.length)) {
                write(staged, content);
                staged.seal();
                Path junk = fill();
                assertProblem(ProblemCode.INSUFFICIENT_STORAGE, () -> staged.publish(backup(B, content)));
                assertProblem(ProblemCode.INSUFFICIENT_STORAGE, () -> store.update(A, it -> it.withPinned(true)));
                assertProblem(ProblemCode.INSUFFICIENT_STORAGE, store::probe);
                assertThat(store.list()).containsExactly(before);
                assertThat(TestStore.metadata(directory, B)).doesNotExist();
                Files.delete(junk);
                assertThat(staged.publish(backup(B, content))).isEqualTo(new Publication.Published());
            }
            assertThat(store.list()).hasSize(2);
            assertThat(filesIn(directory.resolve(".holdfast/part"))).isEmpty();
        }
    }

    @Test
    void a_backup_is_deleted_from_a_full_file_system() throws IOException {
        try (var _ = SmallFileSystem.mount(directory, 4)) {
            BackupStore store = TestStore.in(directory);
            put(store, A, "content");
            fill();
            assertThat(store.delete(A)).isTrue();
            assertThat(store.list()).isEmpty();
        }
    }

    /** With content that a list does not take for a backup. */
    private Path fill() throws IOException {
        Path junk = directory.resolve("junk.bin");
        try (OutputStream out = Files.newOutputStream(junk)) {
            assertThatThrownBy(() -> {
                        while (true) {
                            out.write(new byte[4096]);
                        }
                    })
                    .isInstanceOf(IOException.class);
        }
        return junk;
    }

    @Test
    void a_directory_that_cannot_be_written_says_so_and_can_still_be_read() throws IOException {
        try (var small = SmallFileSystem.mount(directory, 4)) {
            Backup backup = put(TestStore.in(directory), A, "content");
            small.makeReadOnly();
            BackupStore store = TestStore.in(directory);
            ThrowingCallable[] writes = {
                () -> store.stage(1),
                store::probe,
                () -> store.delete(A),
                () -> store.update(A, it -> it.withPinned(true))
            };
            for (ThrowingCallable write : writes) {
                assertThat(assertProblem(ProblemCode.STORE_UNAVAILABLE, write))
                        .hasMessageStartingWith("Cannot write to the backup directory " + directory + ": Read-only");
            }
            assertThat(store.list()).containsExactly(backup);
            assertThat(read(store, A, 0)).isEqualTo("content");
        }
    }

    @Test
    void a_directory_that_cannot_be_made_says_so() throws IOException {
        Path file = Files.writeString(directory.resolve("file"), "x");
        for (Path below : new Path[] {file, file.resolve("backups")}) {
            BackupStore store = TestStore.in(below);
            assertThat(assertProblem(ProblemCode.STORE_UNAVAILABLE, () -> store.stage(1)))
                    .hasMessageContaining(file.toString());
            assertProblem(ProblemCode.STORE_UNAVAILABLE, store::probe);
        }
        assertProblem(ProblemCode.STORE_UNAVAILABLE, () -> TestStore.in(file).list());
    }

    @Test
    void a_store_whose_file_system_is_gone_does_not_look_empty() throws IOException {
        BackupStore store = TestStore.in(directory);
        try (var _ = SmallFileSystem.mount(directory, 4)) {
            put(store, A, "content");
        }
        assertProblem(ProblemCode.STORE_UNAVAILABLE, store::list);
        assertProblem(ProblemCode.STORE_UNAVAILABLE, () -> store.find(A));
        assertProblem(ProblemCode.STORE_UNAVAILABLE, () -> store.stage(1));
        assertThat(directory).isEmptyDirectory();
    }

    @Test
    void a_read_only_directory_without_an_id_is_listed_and_an_empty_one_is_not_taken_for_it() throws IOException {
        BackupStore store = LocalStore.in(
                TestStore.setup(directory, "server", KnownStores.inMemory()),
                InstantSource.fixed(TestStore.NOW),
                FailPoints.NONE);
        try (var small = SmallFileSystem.mount(directory, 4)) {
            Backup backup = put(TestStore.in(directory), A, "content");
            Files.delete(directory.resolve(".holdfast/store.json"));
            small.makeReadOnly();
            store.sweep();
            assertThat(store.list()).containsExactly(backup);
            assertProblem(ProblemCode.STORE_UNAVAILABLE, () -> store.delete(A));
            assertThat(read(store, A, 0)).isEqualTo("content");
        }
        assertThat(assertProblem(ProblemCode.STORE_UNAVAILABLE, store::list))
                .hasMessageContaining("is its disk mounted?");
    }

    private static ProblemException assertProblem(ProblemCode code, ThrowingCallable call) {
        ProblemException thrown = catchThrowableOfType(ProblemException.class, call);
        assertThat(thrown).isNotNull();
        assertThat(thrown.problem().code()).isEqualTo(code);
        return thrown;
    }
}
