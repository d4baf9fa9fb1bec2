package dev.holdfast.store.directory;

import static dev.holdfast.application.store.BackupFixture.put;
import static dev.holdfast.store.directory.TestStore.A;
import static dev.holdfast.store.directory.TestStore.B;
import static dev.holdfast.store.directory.TestStore.keys;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.application.store.BackupStore;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Pipes under the names that a store reads. No process ever writes to them. */
@Tag("adapter")
@DisplayNameGeneration(ReplaceUnderscores.class)
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class PipesInTheStoreTest {
    @TempDir
    private Path directory;

    private BackupStore store;

    @BeforeEach
    void a_backup() throws Exception {
        store = TestStore.in(directory);
        put(store, A, "content");
    }

    private static Path pipe(Path at) throws Exception {
        Files.deleteIfExists(at);
        assertThat(new ProcessBuilder("mkfifo", at.toString()).start().waitFor())
                .isZero();
        return at;
    }

    @Test
    void a_pipe_in_the_place_of_an_artifact_is_no_backup() throws Exception {
        pipe(directory.resolve(B.value()));
        assertThat(keys(TestStore.in(directory))).containsExactly(A.value());
        assertThat(store.open(B)).isEmpty();
    }

    @Test
    void metadata_that_is_a_pipe_counts_as_none() throws Exception {
        pipe(TestStore.metadata(directory, A));
        assertThat(TestStore.in(directory).list())
                .singleElement()
                .satisfies(it -> assertThat(it.sha256()).isEmpty());
    }

    @Test
    void a_start_sweeps_pipes_from_the_stores_own_folders() throws Exception {
        Path metadata = pipe(TestStore.metadata(directory, B));
        Path part = pipe(directory.resolve(".holdfast/part/server-77"));
        TestStore.in(directory).sweep();
        assertThat(metadata).doesNotExist();
        assertThat(part).doesNotExist();
        assertThat(keys(store)).containsExactly(A.value());
    }

    @Test
    void metadata_that_is_a_pipe_is_replaced_by_a_new_backup() throws Exception {
        Path metadata = pipe(TestStore.metadata(directory, B));
        put(store, B, "new");
        assertThat(Files.isRegularFile(metadata, LinkOption.NOFOLLOW_LINKS)).isTrue();
    }

    @Test
    void a_claim_that_is_a_pipe_belongs_to_another_server() throws Exception {
        assertThat(store.claim("first")).isTrue();
        pipe(directory.resolve(".holdfast/claims/second"));
        assertThat(store.claim("second")).isFalse();
    }
}
