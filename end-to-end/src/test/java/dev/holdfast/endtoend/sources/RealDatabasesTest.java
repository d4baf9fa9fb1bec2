package dev.holdfast.endtoend.sources;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.endtoend.server.Client;
import dev.holdfast.endtoend.server.Client.Answer;
import dev.holdfast.endtoend.server.ServerProcess;
import dev.holdfast.endtoend.server.ServerProcess.Options;
import dev.holdfast.endtoend.writers.Bank;
import dev.holdfast.testkit.TestScale;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** With a heap of 128 MiB, as every server in these tests. */
@Tag("process")
@Tag("slow")
@DisplayNameGeneration(ReplaceUnderscores.class)
class RealDatabasesTest {
    /** Comes with Debian's {@code proj-data}; {@code ./check} installs it. */
    private static final Path PROJ = Path.of("/usr/share/proj/proj.db");

    /** Leaves the processors to the server; a phase takes far longer. */
    private static final long BREATH = TimeUnit.MILLISECONDS.toNanos(5);

    /** Larger than the heap; in a soak more than a gigabyte. */
    private static final int MEBIBYTES = TestScale.of(400, 1100);

    /** The large database, made once; every test leaves its content as it was. */
    @TempDir
    static Path shared;

    @TempDir
    Path directory;

    private static Path big() throws Exception {
        Path file = shared.resolve("big.db");
        if (!Files.exists(file)) {
            Bank.create(file, "WAL", MEBIBYTES);
        }
        assertThat(Files.size(file)).isGreaterThan((long) MEBIBYTES << 20);
        return file;
    }

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
    void a_database_larger_than_the_heap_needs_no_more_memory() throws Exception {
        Path source = big();
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

    @ParameterizedTest
    @ValueSource(strings = {"copying", "checking_copy"})
    void a_cancelled_backup_of_a_large_database_leaves_nothing(String phase) throws Exception {
        Path data = directory.resolve("data");
        try (ServerProcess server = ServerProcess.start(options(big()));
                Client client = new Client(server.address())) {
            Map<Path, Long> before = filesBelow(data);
            String location = client.post("/api/v1/backup", "Prefer", "respond-async")
                    .headers()
                    .firstValue("Location")
                    .orElseThrow();
            Answer reached = client.get(location);
            while (!isIn(phase, reached)) {
                assertThat(reached.text("state")).isEqualTo("running");
                LockSupport.parkNanos(BREATH);
                reached = client.get(location);
            }

            Answer asked = client.post(location + "/cancel");
            long cancelled = System.nanoTime();
            Answer ended = client.get(location);
            while (ended.text("state").equals("running")) {
                LockSupport.parkNanos(BREATH);
                ended = client.get(location);
            }
            System.out.printf(
                    "Cancelled while %s, at %s: ended %d ms after the answer.%n",
                    phase, asked.json().path("progress"), (System.nanoTime() - cancelled) / 1_000_000);

            assertThat(asked.status()).isEqualTo(200);
            assertThat(ended.text("state")).isEqualTo("cancelled");
            assertThat(ended.text("phase")).isEqualTo(phase);
            assertThat(client.filenames("default")).isEmpty();
            assertThat(filesBelow(data).keySet()).isEqualTo(before.keySet());
        }
    }

    /** What copies is in the middle of it only when something has been copied. */
    private static boolean isIn(String phase, Answer operation) {
        boolean begun = !phase.equals("copying")
                || operation.json().at("/progress/bytes_done").asLong() > 0;
        return begun && operation.text("phase").equals(phase);
    }

    /** With their sizes, which a failure then shows. */
    private static Map<Path, Long> filesBelow(Path directory) throws IOException {
        try (Stream<Path> files = Files.walk(directory)) {
            return files.filter(Files::isRegularFile)
                    .collect(Collectors.toMap(it -> it, it -> it.toFile().length()));
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
