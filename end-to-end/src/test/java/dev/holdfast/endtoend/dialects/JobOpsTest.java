package dev.holdfast.endtoend.dialects;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.holdfast.endtoend.plans.FarTime;
import dev.holdfast.endtoend.server.Client;
import dev.holdfast.endtoend.server.Client.Answer;
import dev.holdfast.endtoend.server.ServerProcess;
import dev.holdfast.endtoend.server.ServerProcess.Options;
import dev.holdfast.endtoend.writers.Bank;
import dev.holdfast.endtoend.writers.BankWriter;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Beside a JobOps installation: its page's lines, its web client's calls, and its data directory. */
@Tag("process")
@Tag("slow")
@DisplayNameGeneration(ReplaceUnderscores.class)
class JobOpsTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String MANUAL = "jobs_manual_\\d{4}(_\\d\\d){5}\\.db";
    private static final String INSTANT = "\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3}Z";
    private static final String PASSWORD = "password of admin";

    @TempDir
    Path directory;

    private Path data;
    private Path jobs;
    private Options options;

    @BeforeEach
    void install() throws Exception {
        data = Files.createDirectory(directory.resolve("jobops"));
        jobs = Bank.create(data.resolve("jobs.db"), "WAL", 1);
        Files.writeString(data.resolve("secrets.json"), "{}");
        Files.writeString(data.resolve("other.db"), "the application's own");
        Files.createDirectory(data.resolve("pdfs"));
        Files.writeString(data.resolve("pdfs/jobs_2026_01_01.db"), "not a backup");
        options =
                Options.in(directory.resolve("server")).config(directory.resolve("holdfast.yml"), """
                        holdfast:
                          databases:
                            jobs: {file: "%1$s/jobs.db", profile: jobops, backup-directory: "%1$s"}
                          dialects: {root: jobops, jobops: {database: jobs}}
                        """.formatted(data));
    }

    @Test
    void the_lines_of_the_page_do_what_it_says() throws Exception {
        try (Connection application = Bank.open(jobs);
                ServerProcess server = ServerProcess.start(options)) {
            Bank.transact(application);
            String host = server.address().toString().replaceAll("/$", "");

            JsonNode list = curl(host + "/api/backups");
            assertThat(list.path("ok").asBoolean()).isTrue();
            assertThat(list.path("data").toString()).isEqualTo("{\"backups\":[],\"nextScheduled\":null}");

            JsonNode made = curl("-X", "POST", host + "/api/backups").path("data");
            String name = made.path("filename").asText();
            assertThat(name).matches(MANUAL);
            assertThat(made.path("size").asLong()).isEqualTo(Files.size(data.resolve(name)));
            assertThat(made.path("createdAt").asText()).matches(INSTANT);
            assertThat(curl(host + "/api/backups/").path("data").path("backups").path(0))
                    .isEqualTo(made);
            assertThat(Bank.check(data.resolve(name))).isEqualTo(1);

            JsonNode settings = curl(
                            "-X", "PATCH", host + "/api/settings", "-H", "content-type: application/json", "-d", """
                            {
                                "backupEnabled": true,
                                "backupHour": 2,
                                "backupMaxCount": 5
                              }""")
                    .path("data");
            assertThat(settings.path("backupEnabled").path("value").asBoolean()).isTrue();
            assertThat(curl(host + "/api/backups")
                            .path("data")
                            .path("nextScheduled")
                            .asText())
                    .matches("\\d{4}-\\d\\d-\\d\\dT02:00:00\\.000Z");

            JsonNode deleted = curl("-X", "DELETE", host + "/api/backups/" + name);
            assertThat(deleted.path("data").path("message").asText())
                    .isEqualTo("Backup " + name + " deleted successfully");
            assertThat(data.resolve(name)).doesNotExist();
        }
    }

    private static JsonNode curl(String... arguments) throws Exception {
        var command = new ArrayList<>(List.of("curl", "-s"));
        command.addAll(List.of(arguments));
        Process process = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(command.toString()).isZero();
        return JSON.readTree(out);
    }

    @Test
    void the_calls_of_the_web_client_get_what_it_expects_also_after_a_restart() throws Exception {
        Options closed = options.env("HOLDFAST_AUTH_ENABLED", "true")
                .env("HOLDFAST_ADMIN_USERNAME", "admin")
                .env("HOLDFAST_ADMIN_PASSWORD", PASSWORD);
        List<String> signedIn;
        try (ServerProcess server = ServerProcess.start(closed);
                Client client = new Client(server.address())) {
            var browser = new Browser(client, List.of());
            assertThat(browser.call("GET", "/api/auth/bootstrap-status", "")
                            .path("data")
                            .path("setupRequired")
                            .asBoolean())
                    .isFalse();
            assertThat(browser.call("GET", "/api/backups", "")
                            .path("error")
                            .path("code")
                            .asText())
                    .isEqualTo("UNAUTHORIZED");
            String token = browser.call(
                            "POST", "/api/auth/login", "{\"username\":\"admin\",\"password\":\"" + PASSWORD + "\"}")
                    .path("data")
                    .path("token")
                    .asText();
            signedIn = List.of("Authorization", "Bearer " + token, "x-jobops-analytics-session-id", "s1");
            browser = new Browser(client, signedIn);
            assertThat(browser.call("GET", "/api/auth/me", "")
                            .path("data")
                            .path("user")
                            .path("isSystemAdmin")
                            .asBoolean())
                    .isTrue();

            opensTheSettingsPage(browser);
            saves(browser);
            createsAndDeletes(browser);
            server.stop();
        }
        try (ServerProcess server = ServerProcess.start(closed);
                Client client = new Client(server.address())) {
            var browser = new Browser(client, signedIn);
            JsonNode settings = browser.call("GET", "/api/settings", "").path("data");
            assertThat(settings.path("backupHour").path("override").asInt()).isEqualTo(FarTime.HOUR);
            assertThat(settings.path("backupMaxCount").path("override").isNull())
                    .isTrue();
            assertThat(browser.call("GET", "/api/backups", "")
                            .path("data")
                            .path("nextScheduled")
                            .asText())
                    .matches("\\d{4}-\\d\\d-\\d\\dT" + FarTime.OF_DAY + ":00\\.000Z");
            assertThat(browser.call("POST", "/api/auth/logout", "").path("ok").asBoolean())
                    .isTrue();
            server.stop();
        }
        try (ServerProcess server = ServerProcess.start(closed);
                Client client = new Client(server.address())) {
            JsonNode refused = new Browser(client, signedIn).call("GET", "/api/backups", "");
            assertThat(refused.path("error").path("message").asText()).isEqualTo("Authentication required");
        }
    }

    /** Sends what the web client's does with every call, and takes nothing but an envelope. */
    private record Browser(Client client, List<String> headers) {
        JsonNode call(String method, String path, String body) throws Exception {
            var all = new ArrayList<>(headers);
            all.addAll(List.of("Content-Type", "application/json"));
            Answer answer = client.send(method, path, body, all.toArray(String[]::new));
            assertThat(answer.json().path("ok").isBoolean())
                    .as(answer.toString())
                    .isTrue();
            assertThat(answer.json().path("ok").asBoolean()).isEqualTo(answer.status() < 400);
            assertThat(answer.json().path("meta").path("requestId").asText())
                    .isEqualTo(answer.headers().firstValue("x-request-id").orElseThrow());
            return answer.json();
        }
    }

    private static void opensTheSettingsPage(Browser browser) throws Exception {
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            Future<JsonNode> settings = threads.submit(() -> browser.call("GET", "/api/settings", ""));
            Future<JsonNode> status = threads.submit(() -> browser.call("GET", "/api/app/status", ""));
            Future<JsonNode> backups = threads.submit(() -> browser.call("GET", "/api/backups", ""));
            for (String key : List.of("backupEnabled", "backupHour", "backupMaxCount")) {
                JsonNode setting = settings.get().path("data").path(key);
                assertThat(setting.path("value")).isEqualTo(setting.path("default"));
                assertThat(setting.path("override").isNull()).isTrue();
            }
            assertThat(status.get().path("error").path("code").asText()).isEqualTo("NOT_FOUND");
            assertThat(backups.get().path("data").path("backups").isArray()).isTrue();
        }
    }

    /** The whole form, what is as usual as null, and much that is not about backups. */
    private static void saves(Browser browser) throws Exception {
        JsonNode saved = browser.call("PATCH", "/api/settings", """
                        {"model":null,"chatStyleTone":"professional","searchTerms":["engineer"],"backupEnabled":true,
                         "backupHour":%d,"backupMaxCount":null}""".formatted(FarTime.HOUR));
        assertThat(browser.call("GET", "/api/settings", "").path("data")).isEqualTo(saved.path("data"));
        JsonNode refused = browser.call("PATCH", "/api/settings", "{\"backupEnabled\":false,\"backupHour\":24}");
        assertThat(refused.path("error")
                        .path("details")
                        .path("fieldErrors")
                        .path("backupHour")
                        .path(0)
                        .asText())
                .isEqualTo("Number must be less than or equal to 23");
        assertThat(JSON.readTree(refused.path("error").path("message").asText()).isArray())
                .isTrue();
    }

    private static void createsAndDeletes(Browser browser) throws Exception {
        String name = browser.call("POST", "/api/backups", "")
                .path("data")
                .path("filename")
                .asText();
        assertThat(names(browser)).containsExactly(name);
        browser.call("DELETE", "/api/backups/" + name.replace("_", "%5F"), "");
        assertThat(names(browser)).isEmpty();
        assertThat(browser.call("DELETE", "/api/backups/" + name, "")
                        .path("error")
                        .path("message")
                        .asText())
                .isEqualTo("Backup not found: " + name);
    }

    private static List<String> names(Browser browser) throws Exception {
        JsonNode backups = browser.call("GET", "/api/backups", "").path("data").path("backups");
        return StreamSupport.stream(backups.spliterator(), false)
                .map(it -> it.path("filename").asText())
                .toList();
    }

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
            String gone =
                    "The backup directory " + data + " has lost its folder .holdfast; is its file system mounted?";
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
