package dev.holdfast.endtoend.operations;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.endtoend.server.Client;
import dev.holdfast.endtoend.server.ServerProcess;
import dev.holdfast.endtoend.server.ServerProcess.Options;
import dev.holdfast.endtoend.writers.Bank;
import dev.holdfast.endtoend.writers.BankWriter;
import dev.holdfast.testkit.TestScale;
import java.nio.file.Path;
import java.util.HashSet;
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
class BackUpWhileWritingTest {
    private static final int BACKUPS = TestScale.of(40, 200);

    @ParameterizedTest(name = "journal mode {0}")
    @ValueSource(strings = {"WAL", "DELETE", "TRUNCATE", "PERSIST"})
    void every_backup_under_three_writing_processes_is_whole(String journalMode, @TempDir Path directory)
            throws Exception {
        Path bank = Bank.create(directory.resolve("app.db"), journalMode, 1, 5000);
        Path data = directory.resolve("data");
        Options options = Options.in(data).config(directory.resolve("holdfast.yml"), """
                        holdfast:
                          busy-timeout: 60s
                          databases:
                            default: {file: "%s"}
                        """.formatted(bank));
        Set<String> names = new HashSet<>();
        int committed;
        try (ServerProcess server = ServerProcess.start(options);
                Client client = new Client(server.address());
                BankWriter one = BankWriter.start(bank, journalMode);
                BankWriter two = BankWriter.start(bank, journalMode);
                BankWriter three = BankWriter.start(bank, journalMode)) {
            for (int i = 0; i < BACKUPS; i++) {
                names.add(client.backUp("default"));
            }
            committed = one.stop().size() + two.stop().size() + three.stop().size();
        }

        assertThat(names).hasSize(BACKUPS);
        var states = new HashSet<Long>();
        for (String name : names) {
            states.add(Bank.check(data.resolve("backups/default").resolve(name)));
        }
        // They wrote meanwhile, or the test would show nothing; and what was asked for last saw at most all of it.
        assertThat(states).hasSizeGreaterThan(BACKUPS / 10);
        assertThat(states).allMatch(it -> it <= committed);
        assertThat(Bank.check(bank)).isEqualTo(committed);
        assertThat(data.resolve("backups/default/.holdfast/part")).isEmptyDirectory();
    }
}
