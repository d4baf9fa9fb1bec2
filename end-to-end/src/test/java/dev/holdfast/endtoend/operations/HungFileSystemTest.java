package dev.holdfast.endtoend.operations;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.holdfast.endtoend.server.Client;
import dev.holdfast.endtoend.server.Client.Answer;
import dev.holdfast.endtoend.server.Eventually;
import dev.holdfast.endtoend.server.ServerProcess;
import dev.holdfast.endtoend.server.ServerProcess.Options;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** File systems that do not answer, under a store, under sources and at the start: the other databases notice nothing. */
@Tag("process")
@Tag("root")
@Tag("slow")
@DisplayNameGeneration(ReplaceUnderscores.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Timeout(240)
class HungFileSystemTest {
    private static final List<String> HUNG = List.of("one", "two", "three", "four");

    private Path directory;

    private FrozenMount mount;
    private ServerProcess server;
    private Client client;

    @BeforeAll
    void start(@TempDir Path temporary) throws Exception {
        directory = temporary;
        mount = FrozenMount.of(directory.resolve("real"), directory.resolve("mounted"));
        Path link = Files.createSymbolicLink(directory.resolve("link"), mount.at());
        var yaml = new StringBuilder("holdfast:\n  stop-grace: 1s\n  databases:\n");
        for (String name : HUNG) {
            make(directory.resolve("real/" + name + ".db"));
            Path at = name.equals("four") ? link : mount.at();
            yaml.append("    %s:\n      file: %s\n".formatted(name, at.resolve(name + ".db")));
        }
        for (String name : List.of("store", "well")) {
            make(directory.resolve(name + ".db"));
            yaml.append("    %s:\n      file: %s\n".formatted(name, directory.resolve(name + ".db")));
            if (name.equals("store")) {
                yaml.append("      backup-directory: %s\n".formatted(mount.at().resolve("backups")));
            }
        }
        Options options =
                Options.in(directory.resolve("data")).config(directory.resolve("config.yaml"), yaml.toString());
        mount.freeze();
        server = ServerProcess.start(options);
        client = new Client(server.address());
    }

    @AfterAll
    void stop() throws Exception {
        mount.freeze();
        int code = server.stop();
        client.close();
        mount.close();
        assertThat(code).as("the server stops while a file system hangs").isEqualTo(143);
    }

    private static void make(Path file) throws Exception {
        Files.createDirectories(file.getParent());
        try (Connection database = DriverManager.getConnection("jdbc:sqlite:" + file);
                var statement = database.createStatement()) {
            statement.execute("CREATE TABLE entry AS SELECT 1 AS id");
        }
    }

    private JsonNode database(String name) throws Exception {
        for (JsonNode it : client.get("/api/v1/databases").json().path("databases")) {
            if (it.path("name").asText().equals(name)) {
                return it;
            }
        }
        throw new AssertionError("no database " + name);
    }

    private String begin(String database) throws Exception {
        Answer begun = client.post("/api/v1/backup?database=" + database, "Prefer", "respond-async");
        assertThat(begun.status()).as(begun.text()).isEqualTo(202);
        return begun.text("id");
    }

    private JsonNode operation(String id) throws Exception {
        return client.get("/api/v1/operations/" + id).json();
    }

    private String state(String id) throws Exception {
        return operation(id).path("state").asText();
    }

    private void thaw() throws Exception {
        mount.thaw();
        Eventually.get(() -> client.get("/health/readiness").status(), it -> it == 200);
    }

    private void freeze() throws Exception {
        mount.freeze();
        Eventually.get(() -> client.get("/health/readiness").status(), it -> it == 503);
    }

    @Test
    void four_sources_and_a_store_that_hang_from_the_start_on_cost_no_other_database_anything() throws Exception {
        // It was frozen before the start, which is complete all the same.
        assertThat(client.backUp("well")).isNotEmpty();
        assertThat(client.post("/api/v1/backup?database=store").text()).contains("start of database store");
        assertThat(client.get("/health/readiness").text()).contains("database one", "database four", "database store");
        assertThat(database("one").path("source").asText()).isEqualTo("unknown");
        assertThat(database("one").path("problem").path("code").asText()).isEqualTo("source-busy");
        assertThat(database("store").path("problem").path("code").asText()).isEqualTo("store-unavailable");
        assertThat(database("well").path("problem").isNull()).isTrue();
        assertThat(client.text("/metrics")).contains("holdfast_source_present");

        thaw();
        for (String name : HUNG) {
            Eventually.get(() -> client.post("/api/v1/backup?database=" + name).status(), it -> it == 200);
        }
        Eventually.get(() -> client.post("/api/v1/backup?database=store").status(), it -> it == 200);

        freeze();
        List<String> waiting = new ArrayList<>();
        for (String name : HUNG) {
            waiting.add(begin(name));
        }
        waiting.add(begin("store"));
        for (String id : waiting) {
            JsonNode operation = Eventually.get(() -> operation(id), it -> it.has("waiting_for"));
            assertThat(operation.path("waiting_for").asText()).contains("not answered since");
        }
        assertThat(client.backUp("well")).isNotEmpty();

        // What is cancelled ends at once, and the slot and lane are free.
        client.post("/api/v1/operations/" + waiting.getFirst() + "/cancel");
        Eventually.get(() -> state(waiting.getFirst()), "cancelled"::equals);

        // A backup that was made can be listed and fetched while its source does not answer.
        String filename = client.filenames("two").getFirst();
        assertThat(client.download("two", filename, directory.resolve("fetched.db")))
                .isNotEmptyFile();

        thaw();
        for (String id : waiting.subList(1, waiting.size())) {
            Eventually.get(() -> state(id), "succeeded"::equals);
        }
        assertThat(client.backUp("one")).isNotEmpty();
    }
}
