package dev.holdfast.endtoend.plans;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.holdfast.endtoend.server.Client;
import dev.holdfast.endtoend.server.Client.Answer;
import dev.holdfast.endtoend.server.GrpcApi;
import dev.holdfast.endtoend.server.ServerProcess;
import dev.holdfast.endtoend.server.ServerProcess.Options;
import dev.holdfast.endtoend.writers.Bank;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Two databases of one server whose backups came into the directory of the other one. */
@Tag("process")
@DisplayNameGeneration(ReplaceUnderscores.class)
@Timeout(120)
class ExchangedDirectoriesTest {
    private static final String BACKUP = "BACKUP";

    @TempDir
    private Path directory;

    @BeforeEach
    void two_databases_with_three_and_no_transactions() throws Exception {
        Bank.create(database("default"), "WAL", 0);
        Bank.create(database("blog"), "WAL", 0);
        try (Connection application = Bank.open(database("blog"))) {
            for (int i = 0; i < 3; i++) {
                Bank.transact(application);
            }
        }
    }

    private Path database(String name) {
        return directory.resolve(name + ".db");
    }

    private Path store(String name) {
        return directory.resolve("data/backups").resolve(name);
    }

    private Path metadata(String name) {
        return store(name).resolve(".holdfast/meta");
    }

    private ServerProcess start(String plan) throws Exception {
        return ServerProcess.start(Options.in(directory.resolve("data"))
                .config(directory.resolve("holdfast.yml"), """
                        holdfast:
                          databases:
                            default: {file: "%s", plan: {%s}}
                            blog: {file: "%s", prefix: blog}
                        """.formatted(database("default"), plan, database("blog"))));
    }

    @Test
    void retention_of_one_database_deletes_nothing_of_the_other() throws Exception {
        String own;
        try (ServerProcess server = start("");
                Client client = new Client(server.address())) {
            own = client.backUp("default");
            client.backUp("blog");
            client.backUp("blog");
            server.stop();
        }
        makeAutomatic("default");
        makeAutomatic("blog");
        copy(store("blog"), store("default"));
        copy(metadata("blog"), metadata("default"));
        List<String> theirs = files(store("blog"));
        assertThat(theirs).hasSize(2);

        try (ServerProcess server =
                        start("schedule: {kind: daily, at: \"" + FarTime.OF_DAY + "\"}, retention: {last: 1}");
                Client client = new Client(server.address())) {
            var progress = new PlanProgressProbe(directory.resolve("data"));
            progress.awaitBegun(BACKUP, " at=" + FarTime.OF_DAY + " zone=UTC");
            progress.wasDownFor(BACKUP, Duration.ofDays(2));
            progress.awaitDone(BACKUP);

            assertThat(files(store("blog"))).isEqualTo(theirs);
            assertThat(client.filenames("blog")).containsExactlyInAnyOrderElementsOf(theirs);
            assertThat(files(store("default"))).hasSize(3).containsAll(theirs).doesNotContain(own);
            JsonNode verdicts =
                    client.post("/api/v1/backup/plan/preview").json().path("backups");
            assertThat(StreamSupport.stream(verdicts.spliterator(), false)
                            .filter(it -> theirs.contains(it.path("filename").asText()))
                            .map(it -> it.path("reasons").toString()))
                    .containsExactly("[\"foreign\"]", "[\"foreign\"]");
        }
    }

    @Test
    void a_restore_from_exchanged_directories_is_refused_until_the_caller_insists_and_everything_says_so()
            throws Exception {
        try (ServerProcess server = start("freshness: {max-age: 1d}");
                Client client = new Client(server.address());
                var grpc = new GrpcApi(server.grpcPort(), "")) {
            String own = client.backUp("default");
            String theirs = client.backUp("blog");
            assertThat(standing(client)).isEqualTo("fresh");

            exchange(store("default"), store("blog"));
            assertThat(client.post("/api/v1/backup/" + theirs + "/restore?allow_foreign=true")
                            .text("code"))
                    .isEqualTo("store-unavailable");
            confirm(client, "default");
            confirm(client, "blog");

            assertThat(client.filenames("default")).containsExactly(theirs);
            assertThat(client.filenames("blog")).containsExactly(own);
            JsonNode shown = client.get("/api/v1/backup/" + theirs).json();
            assertThat(shown.path("database").asText()).isEqualTo("default");
            assertThat(shown.path("foreign").asText()).isEqualTo("blog");
            assertThat(standing(client)).isEqualTo("none");

            Answer refused = client.post("/api/v1/backup/" + theirs + "/restore");
            assertThat(refused.status()).isEqualTo(422);
            assertThat(refused.text("code")).isEqualTo("backup-incompatible");
            assertThat(refused.text("detail")).contains("\"blog\"", "allow_foreign=true");
            assertThat(grpc.restore("default", theirs, false)).containsEntry("code", "backup-incompatible");
            assertThat(Bank.check(database("default"))).isZero();
            assertThat(client.text("/api/v1/audit")).doesNotContain("restore.foreign");

            Answer restored = client.post("/api/v1/backup/" + theirs + "/restore?allow_foreign=true");
            assertThat(restored.status()).as(restored.text()).isEqualTo(200);
            assertThat(restored.text("foreign")).isEqualTo("blog");
            assertThat(Bank.check(database("default"))).isEqualTo(3);
            assertThat(client.get("/api/v1/operations/" + restored.header("Operation-Id"))
                            .json()
                            .path("result")
                            .path("foreign")
                            .asText())
                    .isEqualTo("blog");
            assertThat(client.text("/api/v1/audit")).contains("restore.foreign", theirs, "made of database blog");

            Answer undone = client.post("/api/v1/backup/" + restored.text("safety_backup") + "/restore");
            assertThat(undone.status()).as(undone.text()).isEqualTo(200);
            assertThat(undone.json().has("foreign")).isFalse();
            assertThat(Bank.check(database("default"))).isZero();

            assertThat(client.send(
                                    "PATCH",
                                    "/api/v1/backup/" + theirs,
                                    "{\"pinned\":true}",
                                    "Content-Type",
                                    "application/json")
                            .text("foreign"))
                    .isEqualTo("blog");
            assertThat(client.delete("/api/v1/backup/" + theirs).text("code")).isEqualTo("backup-pinned");
            exchange(store("default"), store("blog"));
            confirm(client, "default");
            confirm(client, "blog");
            assertThat(client.get("/api/v1/backup/" + theirs + "?database=blog")
                            .json()
                            .has("foreign"))
                    .isFalse();
            assertThat(standing(client)).isEqualTo("fresh");
        }
    }

    private static void confirm(Client client, String database) throws Exception {
        assertThat(client.post("/api/v1/stores/local/confirm?database=" + database)
                        .status())
                .isEqualTo(200);
    }

    private static String standing(Client client) throws Exception {
        return StreamSupport.stream(
                        client.get("/api/v1/databases").json().path("databases").spliterator(), false)
                .filter(it -> it.path("name").asText().equals("default"))
                .map(it -> it.path("freshness").asText())
                .findFirst()
                .orElseThrow();
    }

    /** As if a plan had made them years ago. */
    private void makeAutomatic(String name) throws IOException {
        for (String file : files(metadata(name))) {
            Path description = metadata(name).resolve(file);
            Files.writeString(
                    description,
                    Files.readString(description)
                            .replace("\"manual\"", "\"automatic\"")
                            .replaceFirst("(\"created_at\" : )\"[0-9]{4}", "$1\"2020"));
        }
    }

    private static List<String> files(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(Files::isRegularFile)
                    .map(it -> it.getFileName().toString())
                    .sorted()
                    .toList();
        }
    }

    private static void copy(Path from, Path to) throws IOException {
        for (String file : files(from)) {
            Files.copy(from.resolve(file), to.resolve(file));
        }
    }

    private static void exchange(Path one, Path other) throws IOException {
        Path between = one.resolveSibling("between");
        Files.move(one, between);
        Files.move(other, one);
        Files.move(between, other);
    }
}
