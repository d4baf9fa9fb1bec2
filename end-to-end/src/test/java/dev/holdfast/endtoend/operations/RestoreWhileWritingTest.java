package dev.holdfast.endtoend.operations;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.endtoend.server.Client;
import dev.holdfast.endtoend.server.Client.Answer;
import dev.holdfast.endtoend.server.ServerProcess;
import dev.holdfast.endtoend.server.ServerProcess.Options;
import dev.holdfast.endtoend.writers.Bank;
import dev.holdfast.endtoend.writers.BankWriter;
import dev.holdfast.testkit.TestScale;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.sql.Connection;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Tag("process")
@Tag("slow")
@DisplayNameGeneration(ReplaceUnderscores.class)
class RestoreWhileWritingTest {
    private static final int RESTORES = TestScale.of(5, 40);

    @ParameterizedTest(name = "journal mode {0}")
    @ValueSource(strings = {"WAL", "DELETE", "TRUNCATE", "PERSIST"})
    void applications_that_write_go_on_in_the_restored_content(String journalMode, @TempDir Path directory)
            throws Exception {
        Path bank = Bank.create(directory.resolve("app.db"), journalMode, 2);
        Options options =
                Options.in(directory.resolve("data")).config(directory.resolve("holdfast.yml"), """
                        holdfast:
                          busy-timeout: 60s
                          databases: {default: {file: "%s"}}
                        """.formatted(bank));
        try (ServerProcess server = ServerProcess.start(options);
                Client client = new Client(server.address());
                Connection open = Bank.open(bank, journalMode, 60_000)) {
            Path before = directory.resolve("data/backups/default").resolve(client.backUp("default"));
            assertThat(Bank.entries(before)).isZero();
            long seen;
            Set<String> kept = new HashSet<>();
            try (BankWriter writer = BankWriter.start(bank, journalMode);
                    BankWriter other = BankWriter.start(bank, journalMode)) {
                Bank.number(open, "SELECT count(*) FROM entry");
                for (int i = 0; i < RESTORES; i++) {
                    Answer restored = client.post("/api/v1/backup/" + before.getFileName() + "/restore");
                    assertThat(restored.status()).as(restored.json().toString()).isEqualTo(200);
                    assertThat(restored.text("restored_from"))
                            .isEqualTo(before.getFileName().toString());
                    Path safety = directory.resolve("data/backups/default").resolve(restored.text("safety_backup"));
                    Bank.check(safety);
                    kept.addAll(Bank.notes(safety));
                }
                List<String> committed = new ArrayList<>(writer.stop());
                committed.addAll(other.stop());
                seen = Bank.check(bank);
                assertThat(seen).isLessThan(committed.size());
                kept.addAll(Bank.notes(bank));
                // Whatever anybody committed was replaced and is in a safety backup, or came later and is there.
                assertThat(committed).isNotEmpty().allMatch(kept::contains);
            }
            // A connection from before the restores reads what everybody reads.
            assertThat(Bank.number(open, "SELECT count(*) FROM entry")).isEqualTo(seen);
            assertThat(Bank.text(open, "PRAGMA journal_mode")).isEqualToIgnoringCase(journalMode);
        }
    }

    @ParameterizedTest(name = "journal mode {0}")
    @ValueSource(strings = {"WAL", "DELETE", "TRUNCATE", "PERSIST"})
    void a_restore_gives_exactly_the_backup_and_its_safety_backup_undoes_it(String journalMode, @TempDir Path directory)
            throws Exception {
        Path bank = Bank.create(directory.resolve("app.db"), journalMode, 1);
        Options options = Options.in(directory.resolve("data"))
                .config(
                        directory.resolve("holdfast.yml"),
                        "holdfast: {databases: {default: {file: \"%s\"}}}".formatted(bank));
        try (ServerProcess server = ServerProcess.start(options);
                Client client = new Client(server.address());
                Connection application = Bank.open(bank, journalMode, 60_000)) {
            transact(application, 10);
            String ten = client.backUp("default");
            transact(application, 20);
            String contentOfThirty = content(application);

            Answer restored = client.post("/api/v1/backup/" + ten + "/restore");
            assertThat(restored.status()).as(restored.json().toString()).isEqualTo(200);
            assertThat(Bank.check(bank)).isEqualTo(10);
            assertThat(Bank.number(application, "SELECT count(*) FROM entry")).isEqualTo(10);

            Answer undone = client.post("/api/v1/backup/" + restored.text("safety_backup") + "/restore");
            assertThat(undone.status()).as(undone.json().toString()).isEqualTo(200);
            assertThat(Bank.check(bank)).isEqualTo(30);
            assertThat(content(application)).isEqualTo(contentOfThirty);
        }
    }

    @ParameterizedTest(name = "journal mode {0}")
    @ValueSource(strings = {"WAL", "DELETE"})
    void a_database_that_was_cut_short_is_kept_as_corrupt_and_replaced(String journalMode, @TempDir Path directory)
            throws Exception {
        Path bank = Bank.create(directory.resolve("app.db"), journalMode, 1);
        Options options = Options.in(directory.resolve("data"))
                .config(
                        directory.resolve("holdfast.yml"),
                        "holdfast: {databases: {default: {file: \"%s\"}}}".formatted(bank));
        try (ServerProcess server = ServerProcess.start(options);
                Client client = new Client(server.address())) {
            String whole = client.backUp("default");
            try (FileChannel channel = FileChannel.open(bank, StandardOpenOption.WRITE)) {
                channel.truncate(5 * 4096 + 100);
            }
            assertThat(client.post("/api/v1/backup").text("code")).isEqualTo("source-corrupt");

            Answer restored = client.post("/api/v1/backup/" + whole + "/restore");
            assertThat(restored.status()).as(restored.json().toString()).isEqualTo(200);
            assertThat(Bank.check(bank)).isZero();
            String safety = restored.text("safety_backup");
            assertThat(client.get("/api/v1/backup/" + safety).json().toString()).contains("corrupt");
            assertThat(client.post("/api/v1/backup/" + safety + "/restore").text("code"))
                    .isEqualTo("backup-corrupt");
        }
    }

    private static void transact(Connection application, int times) throws Exception {
        for (int i = 0; i < times; i++) {
            Bank.transact(application);
        }
    }

    private static String content(Connection connection) throws Exception {
        return Bank.text(connection, "SELECT group_concat(id || note) FROM (SELECT * FROM entry ORDER BY id)")
                + Bank.text(connection, "SELECT group_concat(balance) FROM (SELECT * FROM account ORDER BY id)");
    }
}
