package dev.holdfast.store.directory;

import static dev.holdfast.application.store.BackupFixture.put;
import static dev.holdfast.store.directory.TestStore.A;
import static dev.holdfast.store.directory.TestStore.keys;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.application.store.BackupStore;
import dev.holdfast.domain.backup.Backup;
import dev.holdfast.domain.identity.BackupKey;
import dev.holdfast.domain.problem.ProblemException;
import dev.holdfast.testkit.JavaProcess;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("process")
@DisplayNameGeneration(ReplaceUnderscores.class)
class LocaleTest {
    private static final long LONGEST_SECONDS = 60;
    private static final BackupKey UMLAUT = new BackupKey("\u00fcber.db");

    @TempDir
    private Path directory;

    /** Java takes the encoding of file names from the locale, and a service often has none. */
    @Test
    void a_server_without_utf_8_lists_what_it_can_name_and_sweeps_no_metadata_of_the_rest() throws Exception {
        BackupStore store = TestStore.in(directory);
        Backup umlaut = put(store, UMLAUT, "content");
        Backup longest = put(store, new BackupKey("\u00fc".repeat(127)), "content");
        Backup plain = put(store, A, "content");

        assertThat(sayWithoutUtf8()).isEqualTo("[" + A + "] Optional.empty INVALID_FILENAME");
        assertThat(TestStore.in(directory).list()).containsExactlyInAnyOrder(umlaut, longest, plain);
    }

    private String sayWithoutUtf8() throws Exception {
        ProcessBuilder java = new ProcessBuilder(
                        JavaProcess.command(List.of(), Server.class, List.of(directory.toString())))
                .redirectError(ProcessBuilder.Redirect.INHERIT);
        java.environment().put("LC_ALL", "C");
        Process process = java.start();
        try {
            String said = new String(process.getInputStream().readAllBytes(), UTF_8);
            assertThat(process.waitFor(LONGEST_SECONDS, TimeUnit.SECONDS)).isTrue();
            return said;
        } finally {
            process.destroyForcibly();
        }
    }

    static final class Server {
        private Server() {}

        public static void main(String[] args) {
            BackupStore store = TestStore.in(Path.of(args[0]));
            store.sweep();
            System.out.print(keys(store) + " " + store.find(UMLAUT) + " " + publish(store));
        }

        private static String publish(BackupStore store) {
            try {
                put(store, new BackupKey("\u00e4hnlich.db"), "content");
                return "published";
            } catch (ProblemException e) {
                return e.problem().code().name();
            }
        }
    }
}
