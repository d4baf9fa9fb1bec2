package dev.holdfast.endtoend.plans;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpServer;
import dev.holdfast.endtoend.server.Client;
import dev.holdfast.endtoend.server.ServerProcess;
import dev.holdfast.endtoend.server.ServerProcess.Options;
import dev.holdfast.endtoend.writers.Bank;
import java.net.InetAddress;
import java.net.InetSocketAddress;
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
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Who looks after a database hears of what becomes of its backups. */
@DisplayNameGeneration(ReplaceUnderscores.class)
@Timeout(180)
class NoticesTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String SECRET = "nobody-would-guess-this-one";

    @TempDir
    Path directory;

    private final BlockingQueue<Sent> sent = new LinkedBlockingQueue<>();
    private final AtomicBoolean unwilling = new AtomicBoolean(true);
    private HttpServer receiver;
    private Path database;

    record Sent(String method, String path, Map<String, List<String>> headers, String body) {
        String header(String name) {
            return String.join(", ", headers.getOrDefault(name, List.of()));
        }

        String event() throws Exception {
            return JSON.readTree(body).path("event").asText();
        }
    }

    @BeforeEach
    void receive() throws Exception {
        database = directory.resolve("app.db");
        receiver = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        receiver.createContext("/", exchange -> {
            try (exchange) {
                String body = new String(exchange.getRequestBody().readAllBytes(), UTF_8);
                int status = unwilling.getAndSet(false) ? 503 : 204;
                exchange.sendResponseHeaders(status, -1);
                sent.add(new Sent(
                        exchange.getRequestMethod(),
                        exchange.getRequestURI().getPath(),
                        Map.copyOf(exchange.getRequestHeaders()),
                        body));
            }
        });
        receiver.start();
    }

    @AfterEach
    void stop() {
        receiver.stop(0);
    }

    private ServerProcess start() throws Exception {
        String address = "http://127.0.0.1:" + receiver.getAddress().getPort();
        return ServerProcess.start(Options.in(directory.resolve("data"))
                .config(directory.resolve("holdfast.yml"), """
                        holdfast:
                          webhooks: {ops: {url: "%s/hush", secret: %s, events: "failure, success, recovered"}}
                          databases: {default: {file: "%s", ping-url: "%s/ping"}}
                        """.formatted(address, SECRET, database, address)));
    }

    private Sent next() throws Exception {
        Sent next = sent.poll(30, TimeUnit.SECONDS);
        assertThat(next).as("what is sent next").isNotNull();
        return next;
    }

    @Test
    void a_failure_is_told_signed_and_after_a_restart_the_first_success_as_recovery_and_as_ping() throws Exception {
        Files.writeString(database, "no database ".repeat(1000));
        try (var server = start();
                var client = new Client(server.address())) {
            assertThat(client.post("/api/v1/backup").status()).isEqualTo(422);

            Sent refused = next();
            Sent failure = next();
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

            List<Sent> all = List.of(next(), next(), next());
            assertThat(all.stream().filter(it -> it.path().equals("/ping")))
                    .singleElement()
                    .satisfies(it -> assertThat(it.method()).isEqualTo("GET"));
            List<Sent> posted =
                    all.stream().filter(it -> it.path().equals("/hush")).toList();
            assertThat(posted).extracting(Sent::event).containsExactly("success", "recovered");
            assertThat(posted).allSatisfy(it -> assertThat(it.body()).contains("\"backup\":\"" + backup + "\""));

            client.backUp("default");
            List<Sent> further = List.of(next(), next());
            assertThat(further).extracting(Sent::path).containsExactlyInAnyOrder("/hush", "/ping");
            awaitCounted(server.address(), "holdfast_notices_total{outcome=\"delivered\",receiver=\"ops\"} 3.0");
            assertThat(sent).isEmpty();
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
            assertThat(sent).isEmpty();

            try (var _ = start()) {
                Sent failure = next();
                assertThat(failure.event()).isEqualTo("failure");
                assertThat(failure.body()).contains("\"operation\":\"" + operation + "\"", "The server ended");
            }
        }
    }

    /** Runs the lines of the guide. @return what they say */
    private String asTheGuideChecks(Sent it, String body) throws Exception {
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
