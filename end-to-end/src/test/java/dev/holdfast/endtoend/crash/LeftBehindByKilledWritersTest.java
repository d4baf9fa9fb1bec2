package dev.holdfast.endtoend.crash;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.endtoend.server.Client;
import dev.holdfast.endtoend.server.ServerProcess;
import dev.holdfast.endtoend.server.ServerProcess.Options;
import dev.holdfast.endtoend.writers.Bank;
import dev.holdfast.endtoend.writers.BankWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Tag("process")
@Tag("slow")
@DisplayNameGeneration(ReplaceUnderscores.class)
class LeftBehindByKilledWritersTest {
    @ParameterizedTest(name = "journal mode {0}")
    @ValueSource(strings = {"WAL", "DELETE", "TRUNCATE", "PERSIST"})
    void a_source_is_left_byte_for_byte_as_its_killed_writers_left_it(String journalMode, @TempDir Path directory)
            throws Exception {
        Path source = Files.createDirectory(directory.resolve("app"));
        Path bank = Bank.create(source.resolve("app.db"), journalMode, 1);
        BankWriter.start(bank, journalMode).close();
        KilledWriter.inTheMiddleOfATransaction(bank, journalMode);
        Map<String, String> before = digests(source);
        assertThat(before).hasSizeGreaterThan(1);

        Options options = Options.in(directory.resolve("data"))
                .config(
                        directory.resolve("holdfast.yml"),
                        "holdfast: {databases: {default: {file: \"%s\"}}}".formatted(bank));
        long committed;
        try (ServerProcess server = ServerProcess.start(options);
                Client client = new Client(server.address())) {
            Path backup = directory.resolve("data/backups/default").resolve(client.backUp("default"));
            committed = Bank.check(backup);
        }

        assertThat(digests(source)).isEqualTo(before);
        // Now SQLite itself recovers the source: it finds the same rows.
        assertThat(Bank.check(bank)).isEqualTo(committed);
    }

    private static Map<String, String> digests(Path directory) throws Exception {
        var digests = new TreeMap<String, String>();
        try (Stream<Path> files = Files.list(directory)) {
            for (Path file : files.toList()) {
                digests.put(
                        file.getFileName().toString(),
                        HexFormat.of()
                                .formatHex(MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(file))));
            }
        }
        return digests;
    }
}
