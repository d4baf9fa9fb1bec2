package dev.holdfast.endtoend.dialects;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.holdfast.endtoend.server.Client;
import dev.holdfast.endtoend.server.Client.Answer;
import dev.holdfast.endtoend.server.ServerProcess;
import dev.holdfast.endtoend.server.ServerProcess.Options;
import dev.holdfast.endtoend.writers.Bank;
import dev.holdfast.endtoend.writers.BankWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** JobOps' data directory: which files come and go, what is missing, and restores next to the application. */
@Tag("process")
@Tag("slow")
@DisplayNameGeneration(ReplaceUnderscores.class)
class JobOpsDirectoryTest extends JobOpsInstallation {
    @Test
    void in_the_data_directory_nothing_but_backups_comes_and_goes() throws Exception {
        Files.writeString(data.resolve("jobs_2026_02_31.db"), "a file that JobOps would not list");
        Files.writeString(data.resolve("jobs_2026_02_14.db"), "made by JobOps");
        try (Connection application = Bank.open(jobs);
                ServerProcess server = ServerProcess.start(options);
                Client client = new Client(server.address())) {
            Bank.transact(application);
            Map<String, String> before = files();

            String name = client.post("/api/backups")
                    .json()
                    .path("data")
                    .path("filename")
                    .asText();
            JsonNode listed = client.get("/api/backups").json().path("data").path("backups");
            assertThat(listed.findValuesAsText("filename")).containsExactly(name, "jobs_2026_02_14.db");
            Map<String, String> between = files();
            assertThat(between.remove(name)).isNotNull();
            assertThat(between).isEqualTo(before);

            for (String other :
                    List.of("jobs.db", "jobs.db-wal", "other.db", "secrets.json", "pdfs", "..%2Fholdfast.yml")) {
                assertThat(client.delete("/api/backups/" + other).status())
                        .as(other)
                        .isEqualTo(400);
            }
            assertThat(client.delete("/api/backups/" + name).status()).isEqualTo(200);
            assertThat(files()).isEqualTo(before);
            assertThat(client.delete("/api/backups/jobs_2026_02_31.db").status())
                    .isEqualTo(200);
            assertThat(Bank.check(jobs)).isEqualTo(1);
        }
    }

    /** All but Holdfast's own folder and what writing the database changes, with content and time. */
    private Map<String, String> files() throws IOException {
        var found = new TreeMap<String, String>();
        try (Stream<Path> all = Files.walk(data)) {
            for (Path file : all.filter(Files::isRegularFile).toList()) {
                String name = data.relativize(file).toString();
                if (!name.startsWith(".holdfast") && !name.equals("jobs.db-shm")) {
                    found.put(name, Files.getLastModifiedTime(file) + " " + Arrays.hashCode(Files.readAllBytes(file)));
                }
            }
        }
        return found;
    }

    @Test
    void what_is_missing_is_told_and_a_directory_that_is_gone_is_no_empty_one() throws Exception {
        Files.writeString(data.resolve("jobs_2026_02_14.db"), "made by JobOps");
        try (ServerProcess server = ServerProcess.start(options);
                Client client = new Client(server.address())) {
            Path hidden = Files.move(jobs, data.resolve("hidden"));
            assertError(client.post("/api/backups"), "Database file not found: " + jobs);
            Files.move(hidden, jobs);
            assertThat(client.get("/api/backups").json().findValuesAsText("filename"))
                    .containsExactly("jobs_2026_02_14.db");

            Path away = Files.move(data, directory.resolve("away"));
            String gone = "The backup directory " + data
                    + " is not the directory that was here before: is its disk mounted? No backup is listed, written or"
                    + " removed there. Mount the right disk, or confirm the directory as it is now: holdfast store"
                    + " confirm local --database jobs with the server's --config or --data-dir, or"
                    + " POST /api/v1/stores/local/confirm?database=jobs.";
            assertError(client.get("/api/backups"), gone);
            assertError(client.delete("/api/backups/jobs_2026_02_14.db"), gone);

            Files.move(away, data);
            assertThat(client.post("/api/backups").status()).isEqualTo(200);
            assertThat(client.get("/api/backups").json().findValuesAsText("filename"))
                    .hasSize(2)
                    .contains("jobs_2026_02_14.db");
        }
    }

    private static void assertError(Answer answer, String message) {
        assertThat(answer.status()).as(answer.toString()).isEqualTo(500);
        assertThat(answer.json().path("error").path("code").asText()).isEqualTo("INTERNAL_ERROR");
        assertThat(answer.json().path("error").path("message").asText()).isEqualTo(message);
    }

    @Test
    void a_data_directory_that_is_not_there_yet_has_no_backups() throws Exception {
        Path later = directory.resolve("later");
        Options before =
                Options.in(directory.resolve("other")).config(directory.resolve("later.yml"), """
                        holdfast:
                          databases:
                            jobs: {file: "%1$s/jobs.db", profile: jobops, backup-directory: "%1$s"}
                          dialects: {root: jobops, jobops: {database: jobs}}
                        """.formatted(later));
        try (ServerProcess server = ServerProcess.start(before);
                Client client = new Client(server.address())) {
            Answer list = client.get("/api/backups");
            assertThat(list.status()).isEqualTo(200);
            assertThat(list.json().path("data").toString()).isEqualTo("{\"backups\":[],\"nextScheduled\":null}");
            assertError(client.post("/api/backups"), "Database file not found: " + later.resolve("jobs.db"));
        }
    }

    @Test
    void stop_copy_and_start_restores_as_the_page_says() throws Exception {
        String name;
        try (ServerProcess server = ServerProcess.start(options);
                Client client = new Client(server.address())) {
            try (Connection application = Bank.open(jobs)) {
                Bank.transact(application);
                name = client.post("/api/backups")
                        .json()
                        .path("data")
                        .path("filename")
                        .asText();
                Bank.transact(application);
            }
            assertThat(Bank.check(jobs)).isEqualTo(2);
            Process cp = new ProcessBuilder("cp", data.resolve(name).toString(), jobs.toString())
                    .inheritIO()
                    .start();
            assertThat(cp.waitFor()).isZero();

            try (Connection application = Bank.open(jobs)) {
                assertThat(Bank.number(application, "SELECT count(*) FROM entry"))
                        .isEqualTo(1);
                Bank.transact(application);
            }
            assertThat(Bank.check(jobs)).isEqualTo(2);
            assertThat(client.post("/api/backups").status()).isEqualTo(200);
        }
    }

    @Test
    void a_wal_that_a_killed_application_left_does_not_spoil_what_holdfast_restores() throws Exception {
        try (ServerProcess server = ServerProcess.start(options);
                Client client = new Client(server.address())) {
            String name = client.post("/api/backups")
                    .json()
                    .path("data")
                    .path("filename")
                    .asText();
            BankWriter.start(jobs, "WAL").close();
            assertThat(data.resolve("jobs.db-wal")).isNotEmptyFile();

            Answer restored = client.post("/api/v1/backup/" + name + "/restore?database=jobs");

            assertThat(restored.status()).as(restored.json().toString()).isEqualTo(200);
            assertThat(Bank.check(jobs)).isZero();
            String safety = restored.text("safety_backup");
            assertThat(safety).matches("jobs_manual_\\d{4}(_\\d\\d){5}(_\\d+)?\\.db");
            assertThat(Bank.check(data.resolve(safety))).isPositive();
            assertThat(client.get("/api/backups").json().findValuesAsText("filename"))
                    .contains(name, safety);
        }
    }
}
