package dev.holdfast.bootstrap.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.bootstrap.endtoend.Client.Answer;
import dev.holdfast.bootstrap.endtoend.ServerProcess.Options;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** With a heap of 128 MiB, as every server in these tests. */
@DisplayNameGeneration(ReplaceUnderscores.class)
class RealDatabasesTest {
    /** Comes with Debian's {@code proj-data}; {@code ./check} installs it. */
    private static final Path PROJ = Path.of("/usr/share/proj/proj.db");

    @TempDir
    Path directory;

    @Test
    void a_database_from_a_package_is_backed_up_changed_and_restored() throws Exception {
        Path source = Files.copy(PROJ, directory.resolve("proj.db"));
        try (ServerProcess server = ServerProcess.start(options(source));
                Client client = new Client(server.address())) {
            String name = client.backUp("default");
            Path backup = client.download("default", name, directory.resolve("downloaded.db"));
            assertThat(Files.mismatch(backup, PROJ)).isEqualTo(-1);
            try (Connection application = Bank.open(source);
                    var sql = application.createStatement()) {
                sql.execute("DROP VIEW IF EXISTS crs_view");
                sql.execute("DELETE FROM ellipsoid");
            }

            Answer restored = client.post("/api/v1/backup/" + name + "/restore");

            assertThat(restored.status()).as(restored.json().toString()).isEqualTo(200);
            assertThat(dump(source)).isEqualTo(dump(PROJ));
        }
    }

    @Test
    void a_database_of_more_than_a_gigabyte_needs_no_more_memory() throws Exception {
        Path source = Bank.create(directory.resolve("big.db"), "WAL", 1100);
        assertThat(Files.size(source)).isGreaterThan(1L << 30);
        try (ServerProcess server = ServerProcess.start(options(source));
                Client client = new Client(server.address())) {
            String name = client.backUp("default");
            Path backup = directory.resolve("data/backups/default").resolve(name);
            assertThat(Files.size(backup)).isEqualTo(Files.size(source));
            Path downloaded = client.download("default", name, directory.resolve("downloaded.db"));
            assertThat(Files.mismatch(backup, downloaded)).isEqualTo(-1);
            Files.delete(downloaded);
            try (Connection application = Bank.open(source)) {
                Bank.transact(application);

                Answer restored = client.post("/api/v1/backup/" + name + "/restore");

                assertThat(restored.status()).as(restored.json().toString()).isEqualTo(200);
                assertThat(Bank.number(application, "SELECT n FROM counter")).isZero();
            }
            assertThat(Bank.check(source)).isZero();
        }
    }

    private Options options(Path source) throws Exception {
        return Options.in(directory.resolve("data"))
                .config(
                        directory.resolve("holdfast.yml"),
                        "holdfast: {databases: {default: {file: \"%s\"}}}".formatted(source));
    }

    /** All of its content as SQL, by the shell that everybody has. */
    private static String dump(Path file) throws Exception {
        Process process = new ProcessBuilder(List.of("sqlite3", "-readonly", file.toString(), ".dump"))
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        try (Stream<String> lines = process.inputReader().lines()) {
            int hash = lines.reduce(0, (sum, line) -> 31 * sum + line.hashCode(), (a, b) -> a);
            assertThat(process.waitFor()).isZero();
            return Integer.toHexString(hash);
        }
    }
}
