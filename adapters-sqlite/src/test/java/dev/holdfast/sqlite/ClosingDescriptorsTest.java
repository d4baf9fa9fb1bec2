package dev.holdfast.sqlite;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.sqlite.lock.OwnLocks;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Locks are looked up while other threads close descriptors of other files. */
@Tag("adapter")
@DisplayNameGeneration(ReplaceUnderscores.class)
@Timeout(60)
class ClosingDescriptorsTest {
    private static final int LOOKUPS = 300;

    @TempDir
    Path directory;

    @Test
    void a_descriptor_that_is_closed_while_its_details_are_read_fails_no_lookup() throws Exception {
        Path database = Files.createFile(directory.resolve("app.db"));
        Path other = Files.createFile(directory.resolve("other"));
        var ended = new AtomicBoolean();
        List<Thread> closing = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            closing.add(Thread.ofPlatform().start(() -> openAndClose(other, ended)));
        }
        try {
            for (int i = 0; i < LOOKUPS; i++) {
                assertThat(OwnLocks.hasOpen(ProcessHandle.current().pid(), database))
                        .contains(false);
            }
        } finally {
            ended.set(true);
            for (Thread thread : closing) {
                thread.join();
            }
        }
    }

    private static void openAndClose(Path file, AtomicBoolean ended) {
        while (!ended.get()) {
            try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
                assertThat(channel.isOpen()).isTrue();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
