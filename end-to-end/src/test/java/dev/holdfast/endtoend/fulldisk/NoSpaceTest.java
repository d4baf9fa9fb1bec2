package dev.holdfast.endtoend.fulldisk;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.endtoend.server.Client;
import dev.holdfast.endtoend.server.Client.Answer;
import dev.holdfast.endtoend.server.ServerProcess;
import dev.holdfast.endtoend.server.ServerProcess.Options;
import dev.holdfast.endtoend.writers.Bank;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Backups go to a small file system of their own; mounting it takes root. */
@Tag("process")
@Tag("root")
@DisplayNameGeneration(ReplaceUnderscores.class)
class NoSpaceTest {
    @TempDir
    Path directory;

    private Path small;

    @BeforeEach
    void prepare() throws Exception {
        small = Files.createDirectory(directory.resolve("small"));
    }

    @AfterEach
    void unmount() throws Exception {
        run("umount", small.toString());
    }

    @Test
    void a_backup_that_will_not_fit_is_refused_before_it_begins() throws Exception {
        run("mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", small.toString());
        Path bank = Bank.create(directory.resolve("app.db"), "WAL", 5);
        try (ServerProcess server = ServerProcess.start(options(bank));
                Client client = new Client(server.address())) {
            assertNoSpace(client.post("/api/v1/backup"));
            assertThat(client.filenames("default")).isEmpty();
            assertThat(files()).isEmpty();
        }
    }

    /** A file system that has bytes left but no room for another file is full in the middle of the work. */
    @ParameterizedTest(name = "room for {0} files and folders")
    @ValueSource(ints = {2, 3, 4, 5})
    void a_backup_that_meets_a_full_disk_on_the_way_leaves_nothing(int inodes) throws Exception {
        run("mount", "-t", "tmpfs", "-o", "size=64m,nr_inodes=" + inodes, "tmpfs", small.toString());
        Path bank = Bank.create(directory.resolve("app.db"), "WAL", 1);
        try (ServerProcess server = ServerProcess.start(options(bank));
                Client client = new Client(server.address())) {
            assertNoSpace(client.post("/api/v1/backup"));
            assertThat(client.filenames("default")).isEmpty();
            assertThat(files()).isEmpty();

            run("mount", "-o", "remount,nr_inodes=100", small.toString());
            Path backup = small.resolve(client.backUp("default"));
            assertThat(Bank.check(backup)).isZero();
        }
    }

    private static void assertNoSpace(Answer answer) {
        assertThat(answer.status()).as(answer.json().toString()).isEqualTo(507);
        assertThat(answer.text("code")).isEqualTo("insufficient-storage");
    }

    private Options options(Path bank) throws IOException {
        return Options.in(directory.resolve("data"))
                .config(
                        directory.resolve("holdfast.yml"),
                        "holdfast: {databases: {default: {file: \"%s\", backup-directory: \"%s\"}}}"
                                .formatted(bank, small));
    }

    private List<Path> files() throws IOException {
        try (Stream<Path> walk = Files.walk(small)) {
            return walk.filter(Files::isRegularFile).toList();
        }
    }

    private static void run(String... command) throws Exception {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String said = new String(process.getInputStream().readAllBytes(), UTF_8);
        assertThat(process.waitFor())
                .as("%s: %s", String.join(" ", command), said)
                .isZero();
    }
}
