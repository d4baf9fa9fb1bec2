package dev.holdfast.endtoend.plans;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.holdfast.endtoend.server.Client;
import dev.holdfast.endtoend.server.Client.Answer;
import dev.holdfast.endtoend.server.Eventually;
import dev.holdfast.endtoend.server.ServerProcess;
import dev.holdfast.endtoend.server.ServerProcess.Options;
import dev.holdfast.endtoend.writers.Bank;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A stored backup that has changed since it was made is found before somebody needs it. */
@Tag("process")
@DisplayNameGeneration(ReplaceUnderscores.class)
@Timeout(180)
class RottenBackupsTest {
    private static final Duration RECHECK_EVERY = Duration.ofSeconds(1);

    @TempDir
    Path directory;

    private Path bank;

    @BeforeEach
    void fill() throws Exception {
        bank = Bank.create(directory.resolve("app.db"), "WAL", 1);
    }

    private ServerProcess start(String plan, String webhooks) throws Exception {
        return ServerProcess.start(Options.in(directory.resolve("data"))
                .config(directory.resolve("holdfast.yml"), """
                holdfast:
                  databases: {default: {file: "%s", plan: {%s}}}
                  %s
                """.formatted(bank, plan, webhooks)));
    }

    /** A byte within a long value, so that to SQLite the file is as good as before. */
    private void rot(String backup) throws Exception {
        Path file = directory.resolve("data/backups/default").resolve(backup);
        try (var raw = new RandomAccessFile(file.toFile(), "rw")) {
            long place = raw.length() / 2 / 4096 * 4096 + 2000;
            raw.seek(place);
            int was = raw.read();
            raw.seek(place);
            raw.write(was ^ 1);
        }
        Bank.check(Files.copy(file, directory.resolve("copy-of-" + backup)));
    }

    @Test
    void a_changed_byte_is_found_when_backups_are_checked_again_and_told_wherever_somebody_looks() throws Exception {
        String backup;
        try (ServerProcess server = start("recheck-every: never", "");
                Client client = new Client(server.address())) {
            backup = client.backUp("default");
            server.stop();
        }
        rot(backup);
        // A look that finds nothing to check again is followed by a minute without one.
        Instant due = Instant.now().plus(RECHECK_EVERY);
        Eventually.get(Instant::now, it -> it.isAfter(due));
        try (Connected it = new Connected("recheck-every: " + RECHECK_EVERY)) {
            JsonNode notice = it.receiver.next();
            assertThat(notice.path("event").asText()).isEqualTo("corrupt");
            assertThat(notice.path("backup").asText()).isEqualTo(backup);
            assertThat(it.client
                            .get("/api/v1/operations/"
                                    + notice.path("operation").asText())
                            .text("requested_by"))
                    .isEqualTo("plan");
            assertThat(it.verification(backup)).isEqualTo("corrupt");
            assertThat(it.client.text("/metrics").lines())
                    .contains(
                            "holdfast_backups_corrupt{database=\"default\"} 1.0",
                            "holdfast_verification_failures_total{database=\"default\"} 1.0",
                            "holdfast_backup_fresh{database=\"default\"} 0.0");
            assertThat(it.database().path("freshness").asText()).isEqualTo("none");

            try (var application = Bank.open(bank)) {
                Bank.transact(application);
            }
            String restore = "/api/v1/backup/" + backup + "/restore";
            Answer refused = it.client.post(restore);
            assertThat(refused.status()).isEqualTo(422);
            assertThat(refused.text("code")).isEqualTo("backup-corrupt");
            assertThat(Bank.check(bank)).isEqualTo(1);

            Answer restored = it.client.post(restore + "?allow_corrupt=true");
            assertThat(restored.status()).as(restored.json().toString()).isEqualTo(200);
            assertThat(Bank.check(bank)).isZero();
            assertThat(it.client.filenames("default")).contains(restored.text("safety_backup"));
            assertThat(it.verification(backup)).isEqualTo("corrupt");
        }
    }

    @Test
    void a_drill_proves_that_the_newest_backup_can_be_restored_or_that_it_cannot() throws Exception {
        String backup;
        try (Connected it = new Connected("")) {
            assertThat(it.drill("inconclusive").path("filename").isNull()).isTrue();
            assertThat(it.receiver.next().path("event").asText()).isEqualTo("failure");
            assertThat(it.database().path("last_proven_restorable").isNull()).isTrue();
            assertThat(it.drillsCounted("inconclusive")).isEqualTo("1.0");

            backup = it.client.backUp("default");
            assertThat(it.drill("passed").path("filename").asText()).isEqualTo(backup);
            JsonNode proven = it.database().path("last_proven_restorable");
            assertThat(Instant.parse(proven.asText()))
                    .isBetween(Instant.now().minus(Duration.ofMinutes(2)), Instant.now());
            assertThat(it.plan().path("last_proven_restorable")).isEqualTo(proven);
            assertThat(it.plan().path("last_drill").path("outcome").asText()).isEqualTo("passed");
            assertThat(it.drillsCounted("passed")).isEqualTo("1.0");
            assertThat(it.client.text("/metrics"))
                    .doesNotContain("holdfast_last_proven_restorable_timestamp_seconds{database=\"default\"} 0.0");
            assertThat(scratch()).isEmpty();
            assertThat(it.receiver.isEmpty()).isTrue();

            rot(backup);
            assertThat(it.drill("failed").path("filename").asText()).isEqualTo(backup);
            assertThat(it.receiver.next().path("event").asText()).isEqualTo("corrupt");
            assertThat(it.verification(backup)).isEqualTo("corrupt");
            assertThat(it.database().path("last_proven_restorable")).isEqualTo(proven);
            assertThat(it.plan().path("last_drill").path("outcome").asText()).isEqualTo("failed");
            assertThat(it.drillsCounted("failed")).isEqualTo("1.0");
            assertThat(scratch()).isEmpty();
            it.drill("inconclusive");
        }
        assertThat(Bank.check(bank)).isZero();
    }

    @Test
    void a_drill_that_was_due_while_the_server_was_down_is_made_up_for() throws Exception {
        String daily = "drill: {kind: daily, at: \"" + FarTime.OF_DAY + "\"}";
        var progress = new PlanProgressProbe(directory.resolve("data"));
        String backup;
        try (ServerProcess server = start(daily, "");
                Client client = new Client(server.address())) {
            backup = client.backUp("default");
            progress.awaitBegun("DRILL", " daily ");
            server.stop();
        }
        progress.wasDownFor("DRILL", Duration.ofDays(3));
        try (Connected it = new Connected(daily)) {
            progress.awaitDone("DRILL");

            JsonNode drill = it.plan().path("last_drill");
            assertThat(drill.path("outcome").asText()).isEqualTo("passed");
            assertThat(drill.path("filename").asText()).isEqualTo(backup);
            assertThat(it.drillsCounted("passed")).isEqualTo("1.0");
            assertThat(scratch()).isEmpty();
        }
    }

    private List<Path> scratch() throws IOException {
        try (Stream<Path> files = Files.list(directory.resolve("data/scratch"))) {
            return files.toList();
        }
    }

    /** A server, who calls it, and who is told. */
    private final class Connected implements AutoCloseable {
        private final SignedWebhook receiver = new SignedWebhook();
        private final ServerProcess server;
        private final Client client;

        Connected(String plan) throws Exception {
            server = start(plan, receiver.settings());
            client = new Client(server.address());
        }

        JsonNode drill(String outcome) throws Exception {
            Answer answer = client.post("/api/v1/backup/drill");
            assertThat(answer.status()).as(answer.json().toString()).isEqualTo(200);
            assertThat(answer.text("outcome")).as(answer.json().toString()).isEqualTo(outcome);
            assertThat(answer.text("text")).isNotEmpty();
            return answer.json();
        }

        JsonNode database() throws Exception {
            return client.get("/api/v1/databases").json().path("databases").path(0);
        }

        JsonNode plan() throws Exception {
            return client.get("/api/v1/backup/plan").json();
        }

        String verification(String backup) throws Exception {
            return client.get("/api/v1/backup/" + backup)
                    .json()
                    .path("verification")
                    .path("state")
                    .asText();
        }

        String drillsCounted(String outcome) throws Exception {
            String name = "holdfast_drills_total{database=\"default\",outcome=\"" + outcome + "\"} ";
            return client.text("/metrics")
                    .lines()
                    .filter(it -> it.startsWith(name))
                    .map(it -> it.substring(name.length()))
                    .findFirst()
                    .orElse("");
        }

        @Override
        public void close() {
            client.close();
            server.close();
            receiver.close();
        }
    }
}
