package dev.holdfast.endtoend.api;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.holdfast.endtoend.server.Client;
import dev.holdfast.endtoend.server.Client.Answer;
import dev.holdfast.endtoend.server.ServerProcess;
import dev.holdfast.endtoend.server.ServerProcess.Options;
import dev.holdfast.endtoend.writers.Bank;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Statement;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a wrong input gets: a problem with its code, and nothing changed. */
@Tag("process")
@DisplayNameGeneration(ReplaceUnderscores.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class WrongInputTest {
    private Path directory;
    private ServerProcess server;
    private Client client;

    @BeforeAll
    void start(@TempDir Path temporary) throws Exception {
        directory = temporary;
        Bank.create(directory.resolve("good.db"), "WAL", 1);
        Bank.create(directory.resolve("locked.db"), "DELETE", 0);
        Bank.create(directory.resolve("corrupt.db"), "DELETE", 1);
        Bank.create(directory.resolve("spoiled.db"), "DELETE", 0);
        corrupt(directory.resolve("corrupt.db"));
        Files.createDirectory(directory.resolve("directory.db"));
        Files.writeString(directory.resolve("text.db"), "not a database, but long enough for a header ".repeat(300));
        byte[] noise = new byte[64 * 1024];
        new Random(1).nextBytes(noise);
        Files.write(directory.resolve("encrypted.db"), noise);
        var databases = new StringBuilder();
        for (String name :
                List.of("good", "missing", "directory", "text", "encrypted", "corrupt", "locked", "spoiled")) {
            databases.append("    %s: {file: \"%s\"}%n".formatted(name, directory.resolve(name + ".db")));
        }
        server = ServerProcess.start(Options.in(directory.resolve("data"))
                .config(
                        directory.resolve("holdfast.yml"),
                        "holdfast:\n  busy-timeout: 500ms\n  databases:\n" + databases));
        client = new Client(server.address());
    }

    @AfterAll
    void stop() throws Exception {
        client.close();
        server.close();
    }

    private void expect(Answer answer, int status, String code) {
        assertThat(answer.status()).as(answer.json().toString()).isEqualTo(status);
        assertThat(answer.text("code")).isEqualTo(code);
        assertThat(answer.json().path("status").asInt()).isEqualTo(status);
        assertThat(answer.text("title")).isNotEmpty();
        assertThat(answer.text("detail")).isNotEmpty();
        assertThat(answer.headers().firstValue("Content-Type").orElse("")).startsWith("application/problem+json");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "..",
                "%2e%2e",
                "..%2f..%2fetc%2fpasswd",
                "%2fetc%2fpasswd",
                "..%5c..%5cx",
                "app_20260413_142530.db%00",
                "%00",
                "notes.txt",
                "app_2026.db",
                ".holdfast",
                "other_20260413_142530.db",
                "app_20260413_142530.db%0a",
            })
    void a_name_that_is_none_of_a_backup_is_an_invalid_filename(String name) throws Exception {
        for (Answer answer : List.of(
                client.get("/api/v1/backup/%s?database=good".replace("%s", name)),
                client.get("/api/v1/backup/%s/download?database=good".replace("%s", name)),
                client.post("/api/v1/backup/%s/restore?database=good".replace("%s", name)),
                client.post("/api/v1/backup/%s/verify?database=good".replace("%s", name)),
                client.delete("/api/v1/backup/%s?database=good".replace("%s", name)))) {
            expect(answer, 400, "invalid-filename");
        }
    }

    @Test
    void a_name_of_300_characters_is_an_invalid_filename() throws Exception {
        expect(client.get("/api/v1/backup/" + "a".repeat(300) + "?database=good"), 400, "invalid-filename");
    }

    @ParameterizedTest
    @ValueSource(strings = {"nobody", "..", "a%2fb", "%00", "default"})
    void an_unregistered_database_is_not_found(String name) throws Exception {
        expect(client.get("/api/v1/backup?database=" + name), 404, "database-not-found");
        expect(client.post("/api/v1/backup?database=" + name), 404, "database-not-found");
        expect(
                client.post("/api/v1/backup/app_20260413_142530.db/restore?database=" + name),
                404,
                "database-not-found");
    }

    @Test
    void where_no_database_is_the_default_one_the_answer_says_to_select_one() throws Exception {
        Answer answer = client.get("/api/v1/backup");
        expect(answer, 404, "database-not-found");
        assertThat(answer.text("detail")).contains("select one by its name (\"database\")");
    }

    @Test
    void an_invalid_filename_is_told_all_the_forms_there_are() throws Exception {
        assertThat(client.get("/api/v1/backup/notes.txt?database=good").text("detail"))
                .contains("app_YYYYMMDD_HHMMSS.db", "app_YYYYMMDD_HHMMSS_1.db");
    }

    @Test
    void a_backup_that_is_not_there_is_not_found() throws Exception {
        String path = "/api/v1/backup/app_20260413_142530.db";
        expect(client.get(path + "?database=good"), 404, "backup-not-found");
        expect(client.get(path + "/download?database=good"), 404, "backup-not-found");
        expect(client.post(path + "/restore?database=good"), 404, "backup-not-found");
        expect(client.delete(path + "?database=good"), 404, "backup-not-found");
    }

    @ParameterizedTest(name = "a source that is {0}")
    @CsvSource({
        "missing,   404, source-not-found",
        "directory, 422, not-a-database",
        "text,      422, not-a-database",
        "encrypted, 422, not-a-database",
        "corrupt,   422, source-corrupt",
    })
    void a_source_that_cannot_be_backed_up_says_so_and_leaves_nothing(String database, int status, String code)
            throws Exception {
        expect(client.post("/api/v1/backup?database=" + database), status, code);

        assertThat(client.filenames(database)).isEmpty();
        assertThat(files("data/backups/" + database)).isEmpty();
        assertThat(Files.exists(directory.resolve("missing.db"))).isFalse();
    }

    @Test
    void a_source_that_stays_locked_is_busy() throws Exception {
        try (Connection application = Bank.open(directory.resolve("locked.db"));
                Statement sql = application.createStatement()) {
            sql.execute("BEGIN EXCLUSIVE");
            expect(client.post("/api/v1/backup?database=locked"), 503, "source-busy");
            sql.execute("ROLLBACK");
        }
        assertThat(client.post("/api/v1/backup?database=locked").status()).isEqualTo(200);
    }

    @Test
    void a_second_operation_on_the_same_database_is_refused() throws Exception {
        try (Connection application = Bank.open(directory.resolve("locked.db"));
                Statement sql = application.createStatement()) {
            sql.execute("BEGIN EXCLUSIVE");
            Answer first = client.post("/api/v1/backup?database=locked", "Prefer", "respond-async");
            assertThat(first.status()).isEqualTo(202);
            expect(client.post("/api/v1/backup?database=locked"), 409, "operation-in-progress");
            sql.execute("ROLLBACK");
        }
    }

    @Test
    void a_backup_whose_bytes_were_changed_is_neither_restored_nor_downloaded() throws Exception {
        String name = client.backUp("spoiled");
        try (var file = new RandomAccessFile(
                directory.resolve("data/backups/spoiled").resolve(name).toFile(), "rw")) {
            file.seek(file.length() - 100);
            int was = file.read();
            file.seek(file.length() - 100);
            file.write(was ^ 1);
        }
        String before = content("spoiled.db");

        expect(client.post("/api/v1/backup/" + name + "/restore?database=spoiled"), 422, "backup-corrupt");
        expect(client.get("/api/v1/backup/" + name + "/download?database=spoiled"), 422, "backup-corrupt");

        assertThat(content("spoiled.db")).isEqualTo(before);
        assertThat(client.filenames("spoiled")).containsExactly(name);
        assertThat(client.get("/api/v1/backup/" + name + "?database=spoiled")
                        .json()
                        .path("verification")
                        .path("state")
                        .asText())
                .isEqualTo("corrupt");
        assertThat(client.text("/metrics").lines())
                .contains(
                        "holdfast_backups_corrupt{database=\"spoiled\"} 1.0",
                        "holdfast_backups_corrupt{database=\"good\"} 0.0");
        assertThat(database("spoiled").path("corrupt_count").asInt()).isEqualTo(1);
    }

    @ParameterizedTest
    @CsvSource({"good, present, 1.0", "missing, missing, 0.0", "directory, missing, 0.0"})
    void a_missing_source_shows_before_anybody_backs_it_up(String name, String source, String gauge) throws Exception {
        assertThat(database(name).path("source").asText()).isEqualTo(source);
        assertThat(database(name).path("source_size").isNull()).isEqualTo(source.equals("missing"));
        assertThat(client.text("/metrics").lines())
                .contains("holdfast_source_present{database=\"" + name + "\"} " + gauge);
    }

    private JsonNode database(String name) throws Exception {
        for (JsonNode database : client.get("/api/v1/databases").json().path("databases")) {
            if (database.path("name").asText().equals(name)) {
                return database;
            }
        }
        throw new AssertionError("no database " + name);
    }

    @Test
    void unknown_routes_wrong_methods_and_bad_bodies_are_problems_too() throws Exception {
        assertThat(client.get("/api/v1/nothing").status()).isEqualTo(404);
        assertThat(client.get("/api/v1/nothing")
                        .headers()
                        .firstValue("Content-Type")
                        .orElse(""))
                .startsWith("application/problem+json");
        Answer method = client.send("PUT", "/api/v1/backup", "{}", "Content-Type", "application/json");
        assertThat(method.status()).isEqualTo(405);
        assertThat(method.headers().firstValue("Allow")).isPresent();
        String name = client.backUp("good");
        expect(
                client.send(
                        "PATCH",
                        "/api/v1/backup/" + name + "?database=good",
                        "{\"pinned\":",
                        "Content-Type",
                        "application/json"),
                400,
                "invalid-argument");
        expect(
                client.send(
                        "PATCH", "/api/v1/backup/" + name + "?database=good", "pinned", "Content-Type", "text/plain"),
                415,
                "unsupported-media-type");
    }

    private List<Path> files(String folder) throws Exception {
        Path root = directory.resolve(folder);
        if (!Files.exists(root)) {
            return List.of();
        }
        try (Stream<Path> walk = Files.walk(root)) {
            return walk.filter(Files::isRegularFile).toList();
        }
    }

    private String content(String file) throws Exception {
        try (Connection connection = Bank.open(directory.resolve(file))) {
            return Bank.text(connection, "SELECT group_concat(balance) FROM account")
                    + Bank.text(connection, "SELECT count(*) FROM entry");
        }
    }

    /** Noise over pages in the middle: the header stays, the trees do not. */
    private static void corrupt(Path file) throws Exception {
        try (var raw = new RandomAccessFile(file.toFile(), "rw")) {
            byte[] noise = new byte[4096];
            new Random(2).nextBytes(noise);
            for (int page = 1; page < 6; page++) {
                raw.seek(page * 4096L);
                raw.write(noise);
            }
        }
    }
}
