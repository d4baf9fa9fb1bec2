package dev.holdfast.store.directory;

import static dev.holdfast.application.store.BackupFixture.put;
import static dev.holdfast.store.directory.TestStore.A;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.application.store.BackupStore;
import dev.holdfast.application.store.BackupStore.Deletion;
import dev.holdfast.domain.backup.Backup;
import dev.holdfast.testkit.JavaProcess;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Two servers with one backup directory: one pins a backup while the other one deletes it. */
@Tag("process")
@DisplayNameGeneration(ReplaceUnderscores.class)
@Timeout(60)
class PinsOfTwoServersTest {
    @TempDir
    private Path directory;

    @Test
    void a_pin_waits_for_the_deletion_that_another_server_has_decided_and_then_finds_no_backup() throws Exception {
        BackupStore store = TestStore.in(directory);
        put(store, A, "content");
        Process other = new ProcessBuilder(
                        JavaProcess.command(List.of("-Xshare:auto"), Other.class, List.of(directory.toString())))
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        try (ExecutorService threads = Executors.newFixedThreadPool(1);
                BufferedReader said = other.inputReader(UTF_8)) {
            assertThat(said.readLine()).isEqualTo("judging");
            Future<Optional<Backup>> pin = threads.submit(() -> store.update(A, it -> it.withPinned(true)));
            assertThatThrownBy(() -> pin.get(200, TimeUnit.MILLISECONDS)).isInstanceOf(TimeoutException.class);

            other.outputWriter(UTF_8).append("delete\n").close();

            assertThat(said.readLine()).isEqualTo("Deleted[]");
            assertThat(pin.get()).isEmpty();
        } finally {
            other.destroyForcibly();
        }
        assertThat(store.list()).isEmpty();
        assertThat(TestStore.metadata(directory, A)).doesNotExist();
    }

    @Test
    void a_server_that_dies_while_it_decides_does_not_keep_the_lock() throws Exception {
        BackupStore store = TestStore.in(directory);
        Backup backup = put(store, A, "content");
        Process other = new ProcessBuilder(
                        JavaProcess.command(List.of("-Xshare:auto"), Other.class, List.of(directory.toString())))
                .start();
        try (BufferedReader said = other.inputReader(UTF_8)) {
            assertThat(said.readLine()).isEqualTo("judging");
        } finally {
            other.destroyForcibly();
        }
        assertThat(store.update(A, it -> it.withPinned(true))).contains(backup.withPinned(true));
        assertThat(store.delete(A, it -> !it.pinned())).isEqualTo(new Deletion.Retained(backup.withPinned(true)));
    }

    /** Deletes the backup, and decides that when it reads a line. */
    static final class Other {
        private Other() {}

        /** @param args the directory */
        public static void main(String[] args) {
            BackupStore store = TestStore.ofAnotherServerIn(Path.of(args[0]));
            System.out.println(store.delete(A, it -> {
                System.out.println("judging");
                return awaitLine() && !it.pinned();
            }));
        }

        private static boolean awaitLine() {
            try {
                return System.in.read() >= 0;
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
