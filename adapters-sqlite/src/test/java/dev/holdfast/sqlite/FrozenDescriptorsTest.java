package dev.holdfast.sqlite;

import static java.nio.file.StandardOpenOption.READ;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.sqlite.lock.ForeignLocks;
import dev.holdfast.sqlite.lock.OwnLocks;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Descriptors of files on a file system that does not answer, next to a database on one that does. */
@Tag("adapter")
@Tag("root")
@DisplayNameGeneration(ReplaceUnderscores.class)
@Timeout(60)
class FrozenDescriptorsTest {
    @TempDir
    private Path root;

    private final ExecutorService threads = Executors.newCachedThreadPool();
    private Path database;
    private Path hanging;
    private Process fuse;

    @BeforeEach
    void mount() throws Exception {
        database = root.resolve("app.db");
        try (Shell shell = Shell.open(database)) {
            shell.say("CREATE TABLE t(x); INSERT INTO t VALUES (1)");
        }
        Path back = Files.createDirectory(root.resolve("back"));
        Path front = Files.createDirectory(root.resolve("front"));
        Files.writeString(back.resolve("backup.db"), "content");
        fuse = new ProcessBuilder("bindfs", "-f", back.toString(), front.toString()).start();
        hanging = front.resolve("backup.db");
        while (!Files.exists(hanging)) {
            assertThat(fuse.isAlive()).isTrue();
            Thread.onSpinWait();
        }
    }

    @AfterEach
    void unmount() throws Exception {
        signal("-CONT");
        threads.shutdown();
        assertThat(threads.awaitTermination(20, TimeUnit.SECONDS)).isTrue();
        run("umount", "-l", root.resolve("front").toString());
        fuse.destroy();
    }

    private void signal(String name) throws Exception {
        run("kill", name, Long.toString(fuse.pid()));
    }

    private static void run(String... command) throws Exception {
        assertThat(new ProcessBuilder(command).start().waitFor()).isZero();
    }

    private <T> T answer(Callable<T> call) throws Exception {
        return threads.submit(call).get(20, TimeUnit.SECONDS);
    }

    @Test
    void a_descriptor_of_this_process_holds_up_no_question_about_the_locks_of_another_file() throws Exception {
        try (FileChannel _ = FileChannel.open(hanging, READ)) {
            signal("-STOP");

            boolean held = answer(() -> {
                try (ForeignLocks locks = ForeignLocks.on(database)) {
                    locks.kernelName();
                    return locks.isHeldByThisProcess(0, 1);
                }
            });

            assertThat(held).isFalse();
            signal("-CONT");
        }
    }

    @Test
    void a_descriptor_of_another_process_holds_up_no_question_about_what_it_has_open() throws Exception {
        Process other = new ProcessBuilder("cat")
                .redirectInput(ProcessBuilder.Redirect.PIPE)
                .redirectError(ProcessBuilder.Redirect.appendTo(hanging.toFile()))
                .start();
        try {
            signal("-STOP");

            Optional<Boolean> hasOpen = answer(() -> OwnLocks.hasOpen(other.pid(), database));

            assertThat(hasOpen).contains(false);
        } finally {
            other.destroyForcibly();
        }
    }
}
