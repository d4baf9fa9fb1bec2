package dev.holdfast.sqlite.lock;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.tree.PathHandle;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which descriptors show that SQLite has opened a file. */
@Tag("adapter")
@DisplayNameGeneration(ReplaceUnderscores.class)
class OwnDescriptorsTest {
    private static final int LOOKS = 5_000;

    @TempDir
    Path root;

    private Path file;
    private OwnDescriptors before;

    @BeforeEach
    void look() throws Exception {
        file = Files.createFile(root.toRealPath().resolve("app.db"));
        before = OwnDescriptors.of(file);
    }

    @Test
    void an_opened_file_is_one_more() throws Exception {
        try (PathHandle handle = PathHandle.of(file);
                FileChannel opened = FileChannel.open(file)) {
            assertThat(opened.isOpen()).isTrue();
            assertThat(OwnDescriptors.of(file).hasMore(before, handle.identity()))
                    .isTrue();
        }
    }

    @Test
    void a_handle_of_another_thread_is_not_an_opened_file() throws Exception {
        try (PathHandle handle = PathHandle.of(file)) {
            assertThat(OwnDescriptors.of(file).hasMore(before, handle.identity()))
                    .isFalse();
        }
    }

    @Test
    void handles_that_other_threads_open_and_close_meanwhile_hinder_no_look() throws Exception {
        var over = new AtomicBoolean();
        try (PathHandle handle = PathHandle.of(file);
                ExecutorService others = Executors.newFixedThreadPool(2)) {
            Callable<Void> opening = () -> {
                while (!over.get()) {
                    PathHandle.of(file).close();
                }
                return null;
            };
            List<Future<Void>> threads = List.of(others.submit(opening), others.submit(opening));
            try {
                for (int look = 0; look < LOOKS; look++) {
                    assertThat(OwnDescriptors.of(file).hasMore(before, handle.identity()))
                            .isFalse();
                }
            } finally {
                over.set(true);
            }
            for (Future<Void> thread : threads) {
                thread.get();
            }
        }
    }
}
