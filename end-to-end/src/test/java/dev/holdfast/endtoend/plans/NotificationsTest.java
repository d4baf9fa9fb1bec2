package dev.holdfast.endtoend.plans;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.holdfast.endtoend.server.Client;
import dev.holdfast.endtoend.server.ServerProcess;
import dev.holdfast.endtoend.server.ServerProcess.Options;
import dev.holdfast.endtoend.writers.Bank;
import dev.holdfast.testkit.WebhookReceiver;
import dev.holdfast.testkit.WebhookReceiver.Received;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Statement;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Who looks after a database hears of what becomes of its backups. */
@Tag("process")
@DisplayNameGeneration(ReplaceUnderscores.class)
@Timeout(180)
class NotificationsTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String SECRET = "nobody-would-guess-this-one";

    @TempDir
    Path directory;

    private final AtomicBoolean unwilling = new AtomicBoolean(true);
    private WebhookReceiver receiver;
    private Path database;

    @BeforeEach
    void receive() {
        database = directory.resolve("app.db");
        receiver = new WebhookReceiver(
                exchange -> exchange.sendResponseHeaders(unwilling.getAndSet(false) ? 503 : 204, -1));
    }

    @AfterEach
    void stop() {
        receiver.close();
    }

    private ServerProcess start() throws Exception {
        return ServerProcess.start(
                Options.in(directory.resolve("data")).config(directory.resolve("holdfast.yml"), """
                        holdfast:
                          webhooks: {ops: {url: "%s", secret: %s, events: "failure, success, recovered"}}
                          databases: {default: {file: "%s", ping-url: "%s"}}
                        """.formatted(
                                receiver.url("/hush"), SECRET, database, receiver.url("/ping"))));
    }

    private static String event(Received notification) throws Exception {
        return JSON.readTree(notification.body()).path("event").asText();
    }

    @Test
    void a_failure_is_told_signed_and_after_a_restart_the_first_success_as_recovery_and_as_ping() throws Exception {
        Files.writeString(database, "no database ".repeat(1000));
        try (var server = start();
                var client = new Client(server.address())) {
            assertThat(client.post("/api/v1/backup").status()).isEqualTo(422);

            Received refused = receiver.await();
            Received failure = receiver.await();
            assertThat(failure.header("Webhook-id")).isEqualTo(refused.header("Webhook-id"));
            JsonNode body = JSON.readTree(failure.body());
            assertThat(body.path("event").asText()).isEqualTo("failure");
            assertThat(body.path("database").asText()).isEqualTo("default");
            assertThat(body.path("text").asText()).startsWith("The backup of database default failed: ");
            assertThat(client.get("/api/v1/operations/" + body.path("operation").asText())
                            .text("state"))
                    .isEqualTo("failed");
            assertThat(asTheGuideChecks(failure, failure.body())).isEqualTo("genuine");
            assertThat(asTheGuideChecks(failure, failure.body().replace("default", "another")))
                    .isEqualTo("refused");
            assertThat(server.stop()).isNotNegative();
            assertThat(server.log()).contains("it answered 503").doesNotContain("hush", SECRET);
        }

        Files.delete(database);
        Bank.create(database, "DELETE", 1);
        try (var server = start();
                var client = new Client(server.address())) {
            String backup = client.backUp("default");

            List<Received> all = receiver.await(3);
            assertThat(all.stream().filter(it -> it.path().toString().equals("/ping")))
                    .singleElement()
                    .satisfies(it -> assertThat(it.method()).isEqualTo("GET"));
            List<Received> posted = all.stream()
                    .filter(it -> it.path().toString().equals("/hush"))
                    .toList();
            assertThat(posted).extracting(NotificationsTest::event).containsExactly("success", "recovered");
            assertThat(posted).allSatisfy(it -> assertThat(it.body()).contains("\"backup\":\"" + backup + "\""));

            client.backUp("default");
            List<Received> further = receiver.await(2);
            assertThat(further).extracting(it -> it.path().toString()).containsExactlyInAnyOrder("/hush", "/ping");
            awaitCounted(server.address(), "holdfast_notices_total{outcome=\"delivered\",receiver=\"ops\"} 3.0");
            assertThat(receiver.more()).isZero();
        }
    }

    @Test
    void a_backup_that_the_servers_death_cut_off_is_told_at_the_next_start() throws Exception {
        unwilling.set(false);
        Bank.create(database, "DELETE", 1);
        try (Connection application = Bank.open(database);
                Statement sql = application.createStatement()) {
            sql.execute("BEGIN EXCLUSIVE"); // so that the backup lasts
            String operation;
            try (var server = start();
                    var client = new Client(server.address())) {
                operation =
                        client.post("/api/v1/backup", "Prefer", "respond-async").text("id");
            }
            assertThat(receiver.more()).isZero();

            try (var _ = start()) {
                Received failure = receiver.await();
                assertThat(event(failure)).isEqualTo("failure");
                assertThat(failure.body()).contains("\"operation\":\"" + operation + "\"", "The server ended");
            }
        }
    }

    /** Runs the lines of the guide. @return what they say */
    private String asTheGuideChecks(Received it, String body) throws Exception {
        Matcher lines = Pattern.compile("```bash\n([^`]*openssl[^`]*)```")
                .matcher(Files.readString(Path.of("../docs/guide.md")));
        assertThat(lines.find()).isTrue();
        Files.writeString(directory.resolve("body.json"), body);
        var shell = new ProcessBuilder("bash", "-euc", lines.group(1))
                .directory(directory.toFile())
                .redirectErrorStream(true);
        shell.environment()
                .putAll(Map.of(
                        "id", it.header("Webhook-id"),
                        "timestamp", it.header("Webhook-timestamp"),
                        "signature", it.header("Webhook-signature"),
                        "secret", SECRET));
        Process process = shell.start();
        return new String(process.getInputStream().readAllBytes(), UTF_8).strip();
    }

    private static void awaitCounted(URI server, String line) throws Exception {
        try (var http = HttpClient.newHttpClient()) {
            HttpRequest scrape =
                    HttpRequest.newBuilder(server.resolve("/metrics")).build();
            long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
            String metrics = "";
            while (!metrics.contains(line) && System.nanoTime() < end) {
                metrics = http.send(scrape, BodyHandlers.ofString()).body();
            }
            assertThat(metrics).contains(line);
        }
    }
}
