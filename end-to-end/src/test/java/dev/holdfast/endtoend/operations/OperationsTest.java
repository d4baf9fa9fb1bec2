package dev.holdfast.endtoend.operations;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.endtoend.server.Client;
import dev.holdfast.endtoend.server.Client.Answer;
import dev.holdfast.endtoend.server.ServerProcess;
import dev.holdfast.endtoend.server.ServerProcess.Options;
import dev.holdfast.endtoend.writers.Bank;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import java.util.Iterator;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Operations as their clients see them, while an application holds the database so that they last. */
@Tag("process")
@Tag("slow")
@DisplayNameGeneration(ReplaceUnderscores.class)
@Timeout(120)
class OperationsTest {
    @TempDir
    Path directory;

    private Path bank;
    private ServerProcess server;
    private Client client;

    @BeforeEach
    void start() throws Exception {
        bank = Bank.create(directory.resolve("app.db"), "DELETE", 1);
        server = ServerProcess.start(Options.in(directory.resolve("data"))
                .config(
                        directory.resolve("holdfast.yml"),
                        "holdfast: {busy-timeout: 60s, databases: {default: {file: \"%s\"}}}".formatted(bank)));
        client = new Client(server.address());
    }

    @AfterEach
    void stop() {
        client.close();
        server.close();
    }

    private interface Meanwhile {
        void run() throws Exception;
    }

    private void whileLocked(Meanwhile meanwhile) throws Exception {
        try (Connection application = Bank.open(bank);
                Statement sql = application.createStatement()) {
            sql.execute("BEGIN EXCLUSIVE");
            meanwhile.run();
            sql.execute("ROLLBACK");
        }
    }

    private String startAsync() throws Exception {
        Answer accepted = client.post("/api/v1/backup", "Prefer", "respond-async");
        assertThat(accepted.status()).isEqualTo(202);
        assertThat(accepted.headers().firstValue("Preference-Applied")).contains("respond-async");
        String location = accepted.headers().firstValue("Location").orElseThrow();
        assertThat(location).isEqualTo("/api/v1/operations/" + accepted.text("id"));
        return location;
    }

    private String awaitEnd(String location) throws Exception {
        while (true) {
            String state = client.get(location).text("state");
            if (!state.equals("running")) {
                return state;
            }
            Thread.onSpinWait();
        }
    }

    @Test
    void a_backup_that_waits_for_a_lock_is_cancelled_and_leaves_nothing() throws Exception {
        whileLocked(() -> {
            String location = startAsync();

            Answer cancelling = client.post(location + "/cancel");

            assertThat(cancelling.status()).isEqualTo(200);
            assertThat(awaitEnd(location)).isEqualTo("cancelled");
        });
        assertThat(client.filenames("default")).isEmpty();
        assertThat(client.backUp("default")).isNotEmpty();
    }

    @Test
    void a_client_that_goes_away_stops_nothing() throws Exception {
        whileLocked(() -> {
            try (Socket socket = new Socket(
                    InetAddress.getLoopbackAddress(), server.address().getPort())) {
                socket.getOutputStream()
                        .write("POST /api/v1/backup HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n"
                                .getBytes(US_ASCII));
                socket.getOutputStream().flush();
                while (client.get("/api/v1/operations")
                        .json()
                        .path("operations")
                        .isEmpty()) {
                    Thread.onSpinWait();
                }
            }
        });
        String id = client.get("/api/v1/operations")
                .json()
                .path("operations")
                .path(0)
                .path("id")
                .asText();
        assertThat(awaitEnd("/api/v1/operations/" + id)).isEqualTo("succeeded");
        assertThat(client.filenames("default")).hasSize(1);
    }

    @Test
    void the_same_key_makes_one_backup_however_often_it_is_sent() throws Exception {
        Answer first = client.post("/api/v1/backup", "Idempotency-Key", "nightly-1");
        Answer again = client.post("/api/v1/backup", "Idempotency-Key", "nightly-1");

        assertThat(again.json()).isEqualTo(first.json());
        assertThat(client.filenames("default")).hasSize(1);
        Answer other =
                client.post("/api/v1/backup/" + first.text("filename") + "/verify", "Idempotency-Key", "nightly-1");
        assertThat(other.status()).isEqualTo(409);
        assertThat(other.text("code")).isEqualTo("idempotency-conflict");
    }

    @Test
    void events_tell_each_phase_and_end_with_the_operation() throws Exception {
        List<String> events;
        String location = client.post("/api/v1/backup", "Prefer", "respond-async")
                .headers()
                .firstValue("Location")
                .orElseThrow();
        try (HttpClient http = HttpClient.newHttpClient()) {
            URI address = server.address().resolve(location + "/events");
            HttpResponse<Stream<String>> response = http.send(
                    HttpRequest.newBuilder(address)
                            .timeout(Duration.ofSeconds(60))
                            .build(),
                    BodyHandlers.ofLines());
            events = response.body().filter(it -> it.startsWith("data:")).toList();
        }
        assertThat(events).isNotEmpty();
        assertThat(events.getLast()).contains("\"state\":\"succeeded\"");
    }

    @Test
    void events_of_all_operations_tell_of_one_that_another_client_begins() throws Exception {
        try (HttpClient http = HttpClient.newHttpClient()) {
            HttpResponse<Stream<String>> response = http.send(
                    HttpRequest.newBuilder(server.address().resolve("/api/v1/operations/events"))
                            .build(),
                    BodyHandlers.ofLines());
            try (Stream<String> lines = response.body()) {
                Iterator<String> data =
                        lines.filter(it -> it.startsWith("data:")).iterator();
                assertThat(data.next()).isEqualTo("data: {\"operations\":[]}");
                String id =
                        client.post("/api/v1/backup", "Prefer", "respond-async").text("id");
                String event = data.next();
                while (event.contains("\"state\":\"running\"")) {
                    assertThat(event).contains("\"id\":\"" + id + "\"");
                    event = data.next();
                }
                assertThat(event).contains("\"id\":\"" + id + "\"", "\"state\":\"succeeded\"");
            }
            // As kill does: a stream that nobody ends must not hold up the server's end.
            assertThat(server.stop()).isEqualTo(143);
        }
    }

    @Test
    void a_start_removes_what_the_history_does_not_keep() throws Exception {
        for (int i = 0; i < 3; i++) {
            client.backUp("default");
        }
        assertThat(operations()).isEqualTo(3);
        client.close();
        server.close();
        server = ServerProcess.start(Options.in(directory.resolve("data"))
                .config(
                        directory.resolve("holdfast.yml"),
                        "holdfast: {history: {keep-count: 1}, databases: {default: {file: \"%s\"}}}".formatted(bank)));
        client = new Client(server.address());

        while (operations() > 1) {
            Thread.onSpinWait();
        }
        assertThat(client.filenames("default")).hasSize(3);
        assertThat(client.get("/api/v1/databases")
                        .json()
                        .at("/databases/0/last_success")
                        .isTextual())
                .isTrue();
    }

    private int operations() throws Exception {
        return client.get("/api/v1/operations").json().path("operations").size();
    }

    @Test
    void a_pinned_backup_is_not_deleted_before_it_is_unpinned() throws Exception {
        String path = "/api/v1/backup/" + client.backUp("default");
        assertThat(patch(path, "{\"pinned\":true,\"labels\":{\"why\":\"before the move\"}}")
                        .status())
                .isEqualTo(200);
        Answer refused = client.delete(path);
        assertThat(refused.status()).isEqualTo(409);
        assertThat(refused.text("code")).isEqualTo("backup-pinned");

        Answer shown = client.get(path);
        assertThat(shown.json().path("pinned").asBoolean()).isTrue();
        assertThat(shown.json().path("labels").path("why").asText()).isEqualTo("before the move");

        assertThat(patch(path, "{\"pinned\":false}").status()).isEqualTo(200);
        assertThat(client.delete(path).status()).isEqualTo(200);
    }

    private Answer patch(String path, String body) throws Exception {
        return client.send("PATCH", path, body, "Content-Type", "application/json");
    }
}
