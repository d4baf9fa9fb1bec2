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
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.sql.Connection;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** JobOps' page line by line, and the calls of its web client. */
@Tag("process")
@Tag("slow")
@DisplayNameGeneration(ReplaceUnderscores.class)
class JobOpsTest extends JobOpsInstallation {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String MANUAL = "jobs_manual_\\d{4}(_\\d\\d){5}\\.db";
    private static final String INSTANT = "\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3}Z";
    private static final String PASSWORD = "password of admin";

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
}
