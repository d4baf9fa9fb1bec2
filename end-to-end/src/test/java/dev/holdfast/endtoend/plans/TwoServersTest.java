package dev.holdfast.endtoend.plans;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.endtoend.server.Client;
import dev.holdfast.endtoend.server.ServerProcess;
import dev.holdfast.endtoend.server.ServerProcess.Options;
import dev.holdfast.endtoend.writers.Bank;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Two servers with data directories of their own, the same source and the same backup directory. */
@Tag("process")
@DisplayNameGeneration(ReplaceUnderscores.class)
class TwoServersTest {
    private static final String BACKUP = "BACKUP";

    @Test
    @Timeout(120)
    void make_a_planned_backup_once(@TempDir Path directory) throws Exception {
        Bank.create(directory.resolve("app.db"), "WAL", 8);
        try (ServerProcess one = ServerProcess.start(options(directory, "one"));
                ServerProcess other = ServerProcess.start(options(directory, "other"));
                Client first = new Client(one.address());
                Client second = new Client(other.address())) {
            var progressOfOne = new PlanProgressProbe(directory.resolve("one"));
            var progressOfOther = new PlanProgressProbe(directory.resolve("other"));
            progressOfOne.awaitBegun(BACKUP, " zone=UTC");
            progressOfOther.awaitBegun(BACKUP, " zone=UTC");

            progressOfOne.wasDownFor(BACKUP, Duration.ofDays(3));
            progressOfOther.wasDownFor(BACKUP, Duration.ofDays(3));
            progressOfOne.awaitDone(BACKUP);
            progressOfOther.awaitDone(BACKUP);

            assertThat(backups(first) + backups(second)).isEqualTo(1);
            assertThat(first.filenames("default")).hasSize(1).isEqualTo(second.filenames("default"));
            Bank.check(directory
                    .resolve("backups")
                    .resolve(first.filenames("default").getFirst()));
        }
    }

    private static int backups(Client client) throws Exception {
        return client.get("/api/v1/operations?kind=backup")
                .json()
                .get("operations")
                .size();
    }

    private static Options options(Path directory, String server) throws Exception {
        return Options.in(directory.resolve(server)).config(directory.resolve(server + ".yml"), """
                        holdfast:
                          databases:
                            default:
                              file: "%s"
                              backup-directory: "%s"
                              plan: {schedule: {kind: daily, at: "%s"}, retention: {last: 5}}
                        """.formatted(
                        directory.resolve("app.db"), directory.resolve("backups"), FarTime.OF_DAY));
    }
}
