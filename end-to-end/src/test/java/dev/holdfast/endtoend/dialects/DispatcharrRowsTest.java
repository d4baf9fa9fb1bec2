package dev.holdfast.endtoend.dialects;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.holdfast.endtoend.plans.FarTime;
import dev.holdfast.endtoend.plans.PlanProgressProbe;
import dev.holdfast.endtoend.plans.Planned;
import dev.holdfast.endtoend.server.Client.Answer;
import dev.holdfast.endtoend.server.Command;
import dev.holdfast.endtoend.server.Eventually;
import dev.holdfast.endtoend.writers.Bank;
import java.io.ByteArrayOutputStream;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.Collections;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Rows of both APIs and the calls of both web clients, over one server that has JobOps' API beside. */
@Tag("process")
@Tag("slow")
@DisplayNameGeneration(ReplaceUnderscores.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Timeout(120)
class DispatcharrRowsTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String BACKUPS = "/api/backups/";
    private static final String JOBS = "/api/backups/jobs/";
    private static final String SETTINGS = "/api/backups/settings/";
    private static final String SCHEDULE = "/api/backups/schedule/";
    private static final String UPDATE = "/api/backups/schedule/update/";
    private static final String KEYS = "/api/accounts/api-keys/";
    private static final String OFF = "{\"enabled\":false,\"frequency\":\"daily\",\"time\":\"03:00\",\"day_of_week\":0,"
            + "\"retention_count\":0,\"cron_expression\":\"\"}";

    private DispatcharrInstallation server;
    private String viewer;
    private List<Answer> first;

    @BeforeAll
    void start(@TempDir Path directory) throws Exception {
        server = DispatcharrInstallation.besideJobOps(directory);
        first = new ArrayList<>();
        for (String path : List.of(BACKUPS, JOBS, SCHEDULE, SETTINGS)) {
            first.add(server.call("GET", path));
        }
        Command.run(
                server.options.dataDir(),
                "password of vera",
                "user",
                "add",
                "vera",
                "--role",
                "viewer",
                "--password-stdin");
        viewer = server.signIn("vera", "password of vera").path("access").asText();
    }

    @AfterAll
    void stop() {
        server.close();
    }

    private Answer get(String path, String... headers) throws Exception {
        return server.send("GET", path, new byte[0], headers);
    }

    private Answer post(String path, String json, String... headers) throws Exception {
        var all = new ArrayList<>(List.of("Content-Type", "application/json"));
        all.addAll(List.of(headers));
        return server.send("POST", path, json.getBytes(UTF_8), all.toArray(String[]::new));
    }

    private static void assertDetail(Answer answer, int status, String detail) {
        assertThat(answer.status()).as(answer.text()).isEqualTo(status);
        assertThat(answer.text("detail")).isEqualTo(detail);
    }

    private List<String> listed() throws Exception {
        return server.call("GET", BACKUPS).json().findValuesAsText("name");
    }

    private JsonNode finished(Answer started) throws Exception {
        assertThat(started.status()).as(started.text()).isEqualTo(202);
        return server.job(started.json().path("id").asLong());
    }

    private JsonNode succeeded(Answer started) throws Exception {
        JsonNode job = finished(started);
        assertThat(job.path("status").asText()).as(job + server.process.log()).isEqualTo("succeeded");
        return job;
    }

    @Test
    void at_first_there_is_nothing_and_nothing_is_planned() {
        assertThat(first.get(0).text()).isEqualTo("[]");
        assertThat(first.get(1).text()).isEqualTo("[]");
        assertThat(first.get(2).text()).isEqualTo(OFF);
        assertThat(first.get(3).text())
                .isEqualTo("{\"enabled\":false,\"retention\":0,\"path\":\"" + server.backups()
                        + "\",\"extra_paths\":[],\"include_recordings\":true,\"schedule\":{\"preset\":\"daily\","
                        + "\"minute\":\"15\",\"hour\":\"3\",\"day_of_month\":\"*\",\"month\":\"*\","
                        + "\"day_of_week\":\"*\",\"timezone\":\"UTC\"}}");
    }

    @Test
    void with_dispatcharr_at_the_root_jobops_answers_under_its_prefix_alone() throws Exception {
        assertThat(server.call("GET", "/api/backups/").json().isArray()).isTrue();
        assertThat(server.call("GET", "/api/backups").header("Content-Type")).startsWith("text/html");
        assertThat(server.call("POST", "/api/backups").status()).isEqualTo(405);
        assertThat(server.call("DELETE", "/api/backups/jobs_2026_01_01.db").status())
                .isEqualTo(405);

        String token = post(
                        "/jobops/api/auth/login",
                        "{\"username\":\"" + DispatcharrInstallation.ADMIN + "\",\"password\":\""
                                + DispatcharrInstallation.PASSWORD + "\"}")
                .text()
                .replaceAll(".*\"token\":\"([^\"]+)\".*", "$1");
        String[] who = {"Authorization", "Bearer " + token};
        for (String path : List.of("/jobops/api/backups", "/jobops/api/backups/")) {
            assertThat(get(path, who).text())
                    .as("neither the database nor the directory exists")
                    .startsWith("{\"ok\":true,\"data\":{\"backups\":[],\"nextScheduled\":null}");
        }
        Answer failed = post("/jobops/api/backups", "", who);
        assertThat(failed.status()).isEqualTo(500);
        assertThat(failed.text())
                .contains("\"code\":\"INTERNAL_ERROR\"")
                .contains("Database file not found: " + server.directory.resolve("jobs.db"));
        assertThat(get("/jobops/api/backups", who).text()).contains("\"backups\":[]");
        assertThat(get("/api/backups/", who).status())
                .as("one dialect's token opens no other")
                .isEqualTo(401);
    }

    @Test
    void the_first_admin_is_made_on_the_server_itself(@TempDir Path directory) throws Exception {
        String path = "/api/accounts/initialize-superuser/";
        try (var empty = DispatcharrInstallation.withoutAccounts(directory)) {
            assertThat(empty.call("GET", path).text()).isEqualTo("{\"superuser_exists\":false}");
            Answer incomplete = empty.call("POST", path, "{\"username\":\"eve\",\"password\":\"\"}");
            assertThat(incomplete.status()).isEqualTo(400);
            assertThat(incomplete.text()).isEqualTo("{\"error\":\"Username and password are required.\"}");
            Answer refused =
                    empty.call("POST", path, "{\"username\":\"eve\",\"password\":\"password of eve\",\"email\":\"\"}");
            assertThat(refused.status()).isEqualTo(403);
            assertThat(refused.json().path("error").asText()).contains("holdfast user add");
            assertThat(empty.call("GET", path).text()).isEqualTo("{\"superuser_exists\":false}");
        }
    }

    @ParameterizedTest
    @CsvSource({
        "GET, /api/backups/create/",
        "GET, /api/backups/upload/",
        "POST, /api/backups/schedule/",
        "GET, /api/backups/schedule/update/",
        "PATCH, /api/backups/schedule/update/",
        "POST, /api/backups/status/1/",
        "POST, /api/backups/a.zip/download-token/",
        "POST, /api/backups/a.zip/download/",
        "GET, /api/backups/a.zip/delete/",
        "GET, /api/backups/a.zip/restore/",
        "PUT, /api/backups/jobs/",
        "PUT, /api/backups/jobs/1/",
        "GET, /api/backups/jobs/1/cancel/",
        "POST, /api/backups/jobs/1/download/",
        "GET, /api/backups/jobs/1/restore/",
        "GET, /api/backups/jobs/restore-upload/",
        "POST, /api/backups/settings/",
        "GET, /api/accounts/token/",
        "GET, /api/accounts/api-keys/generate/",
    })
    void another_method_is_told(String method, String path) throws Exception {
        assertDetail(server.call(method, path), 405, "Method \"" + method + "\" not allowed.");
    }

    @Test
    void a_token_that_is_over_says_so() throws Exception {
        JsonNode granted = server.signIn(DispatcharrInstallation.ADMIN, DispatcharrInstallation.PASSWORD);
        Answer refused = get(
                BACKUPS,
                "Authorization",
                "Bearer " + over(granted.path("access").asText()));
        assertDetail(refused, 401, "Given token not valid for any token type");
        assertThat(refused.json().path("messages").toString())
                .isEqualTo("[{\"token_class\":\"AccessToken\",\"token_type\":\"access\","
                        + "\"message\":\"Token is expired\"}]");
        Answer notRefreshed = post(
                "/api/accounts/token/refresh/",
                "{\"refresh\":\"" + over(granted.path("refresh").asText()) + "\"}");
        assertDetail(notRefreshed, 401, "Token is invalid");
        assertThat(notRefreshed.json().path("code").asText()).isEqualTo("token_not_valid");
    }

    /** The same token, had it been given a day earlier. */
    private static String over(String token) throws Exception {
        String[] parts = token.split("\\.", -1);
        var claims = (ObjectNode) JSON.readTree(Base64.getUrlDecoder().decode(parts[1]));
        claims.put("exp", claims.path("iat").asLong() - 1);
        Base64.Encoder base64 = Base64.getUrlEncoder().withoutPadding();
        String signed = parts[0] + "." + base64.encodeToString(JSON.writeValueAsBytes(claims));
        Mac mac = Mac.getInstance("HmacSHA256");
        mac.init(new SecretKeySpec(DispatcharrInstallation.SECRET.getBytes(UTF_8), mac.getAlgorithm()));
        return signed + "." + base64.encodeToString(mac.doFinal(signed.getBytes(UTF_8)));
    }

    @Test
    void keys_are_everybodys_own_and_an_admin_makes_those_of_others() throws Exception {
        String[] vera = {"Authorization", "Bearer " + viewer};
        for (String path : List.of(KEYS + "generate/", KEYS + "revoke/")) {
            assertDetail(post(path, "{}"), 401, "Authentication credentials were not provided.");
            assertDetail(
                    post(path, "{\"user_id\":4}", vera), 403, "You do not have permission to perform this action.");
            assertDetail(server.call("POST", path, "{\"user_id\":4}"), 404, "User not found.");
        }
        assertDetail(get(KEYS), 401, "Authentication credentials were not provided.");
        assertDetail(get(KEYS, "X-API-Key", "nonsense"), 401, "Invalid API key");

        JsonNode me = get("/api/accounts/users/me/", vera).json();
        assertThat(me.path("api_key").isNull()).isTrue();
        assertThat(me.path("email").isTextual()).isTrue();
        Answer made = server.call(
                "POST", KEYS + "generate/", "{\"user_id\":" + me.path("id").asLong() + "}");
        assertThat(made.status()).isEqualTo(201);
        assertThat(made.json().at("/user/username").asText()).isEqualTo("vera");
        String key = made.json().path("key").asText();
        assertThat(get(KEYS, "X-API-Key", key).json().path("key").asText()).isEqualTo(key);
        assertDetail(get(BACKUPS, "X-API-Key", key), 403, "You do not have permission to perform this action.");
        assertThat(post(KEYS + "generate/", "{}", vera).status()).isEqualTo(201);
        assertDetail(get(KEYS, "X-API-Key", key), 401, "Invalid API key");
        assertThat(server.call(
                                "POST",
                                KEYS + "revoke/",
                                "{\"user_id\":" + me.path("id").asLong() + "}")
                        .text())
                .isEqualTo("{\"success\":true}");
        assertThat(get(KEYS, vera).text()).isEqualTo("{\"key\":null}");
    }

    @Test
    void the_calls_of_the_released_web_client_one_after_the_other() throws Exception {
        // Sign-in; the token is refreshed when its time is over.
        Answer signedIn = post(
                "/api/accounts/token/",
                "{\"username\":\"" + DispatcharrInstallation.ADMIN + "\",\"password\":\""
                        + DispatcharrInstallation.PASSWORD + "\"}");
        String bearer = "Bearer " + signedIn.json().path("access").asText();
        assertThat(get("/api/accounts/users/me/", "Content-Type", "application/json", "Authorization", bearer)
                        .json()
                        .path("user_level")
                        .asInt())
                .isEqualTo(10);
        Answer refreshed = post(
                "/api/accounts/token/refresh/",
                "{\"refresh\":\"" + signedIn.json().path("refresh").asText() + "\"}");
        var browser = new Browser(refreshed.json().path("access").asText());
        // The page opens.
        assertThat(browser.call("GET", BACKUPS, "").json().isArray()).isTrue();
        assertThat(browser.call("GET", SCHEDULE, "").json().path("enabled").isBoolean())
                .isTrue();
        // Save.
        String form = "{\"enabled\":true,\"frequency\":\"weekly\",\"time\":\"04:30\",\"day_of_week\":"
                + FarTime.DAY_OF_WEEK + ",\"retention_count\":0,\"cron_expression\":\"\"}";
        assertThat(browser.call("PUT", UPDATE, form).text()).isEqualTo(form);
        String cron = form.replace(
                "\"cron_expression\":\"\"", "\"cron_expression\":\"*/15 2-4 1,15 * " + FarTime.DAY_OF_WEEK + "\"");
        assertThat(browser.call("PUT", UPDATE, cron).json().path("cron_expression"))
                .isEqualTo(JSON.readTree(cron).path("cron_expression"));
        assertThat(browser.call("PUT", UPDATE, OFF).text()).isEqualTo(OFF);
        // Create Backup.
        JsonNode made = server.await(browser.call("POST", BACKUPS + "create/", ""));
        assertThat(made.path("state").asText()).as(made.toString()).isEqualTo("completed");
        String name = made.at("/result/filename").asText();
        JsonNode list = browser.call("GET", BACKUPS, "").json();
        List<String> names = list.findValuesAsText("name");
        // By name, the last first: of those of one second the one without a number, which is the oldest.
        assertThat(withoutNumber(names.getFirst())).isEqualTo(withoutNumber(name));
        assertThat(names).containsOnlyOnce(name);
        JsonNode shown = list.path(names.indexOf(name));
        assertThat(shown.path("size")).isEqualTo(made.at("/result/size"));
        // Download: a call, then a link that has no headers but a browser's.
        String token = browser.call("GET", BACKUPS + name + "/download-token/", "")
                .json()
                .path("token")
                .asText();
        Answer file = get(
                BACKUPS + name + "/download/?token=" + token,
                "Accept",
                "text/html,application/xhtml+xml,application/xml;q=0.9,image/webp,*/*;q=0.8",
                "Sec-Fetch-Site",
                "same-origin");
        assertThat(file.bytes()).hasSize(shown.path("size").asInt());
        // Upload.
        Answer uploaded = server.upload(BACKUPS + "upload/", "dispatcharr-backup-mine.zip", file.bytes());
        assertThat(uploaded.status()).as(uploaded.text()).isEqualTo(201);
        assertThat(listed()).first().isEqualTo("dispatcharr-backup-mine.zip");
        // Restore.
        long before = Bank.entries(server.database());
        try (var connection = Bank.open(server.database())) {
            Bank.transact(connection);
        }
        JsonNode restored = server.await(browser.call("POST", BACKUPS + "dispatcharr-backup-mine.zip/restore/", ""));
        assertThat(restored.path("state").asText()).as(restored.toString()).isEqualTo("completed");
        assertThat(Bank.entries(server.database())).isEqualTo(before);
        assertThat(listed()).as("the safety backup is there").hasSizeGreaterThan(2);
        // Delete.
        for (String gone : List.of(name, "dispatcharr-backup-mine.zip")) {
            assertThat(browser.call("DELETE", BACKUPS + gone + "/delete/", "").status())
                    .isEqualTo(204);
            assertThat(browser.call("GET", BACKUPS, "").text()).doesNotContain("\"" + gone + "\"");
        }
    }

    private static String withoutNumber(String zip) {
        return zip.replaceFirst("(-\\d+)?\\.zip$", "");
    }

    /** Sends what the web client's calls have, also where there is no body. */
    private final class Browser {
        private final String access;

        Browser(String access) {
            this.access = access;
        }

        Answer call(String method, String path, String body) throws Exception {
            return server.send(
                    method,
                    path,
                    body.getBytes(UTF_8),
                    "Content-Type",
                    "application/json",
                    "Authorization",
                    "Bearer " + access);
        }
    }

    @Test
    void the_calls_of_the_draft_web_client_one_after_the_other() throws Exception {
        // The page opens.
        JsonNode settings = server.call("GET", SETTINGS).json();
        assertThat(server.call("GET", JOBS).json().isArray()).isTrue();
        assertThat(server.call("PUT", SETTINGS, settings.toString()).json()).isEqualTo(settings);
        // Run; the jobs are asked for until none is pending or running.
        Answer started = server.call("POST", JOBS);
        assertThat(started.status()).isEqualTo(202);
        assertThat(started.json().path("status").asText()).isEqualTo("pending");
        assertThat(started.json().path("celery_task_id").asText()).isNotEmpty();
        JsonNode jobs = Eventually.get(
                () -> server.call("GET", JOBS).json(),
                all -> all.findValuesAsText("status").stream()
                        .noneMatch(it -> it.equals("pending") || it.equals("running")));
        assertThat(jobs.path(0).path("id")).isEqualTo(started.json().path("id"));
        assertThat(jobs.findValuesAsText("created_at")).isSortedAccordingTo((one, other) -> other.compareTo(one));
        // Download: the name is found as the client finds it.
        JsonNode job = jobs.path(0);
        String path = JOBS + job.path("id").asLong() + "/";
        Answer download = get(path + "download/", "Authorization", "Bearer " + server.access);
        Matcher name = Pattern.compile("filename=\"?([^\";]+)\"?").matcher(download.header("Content-Disposition"));
        assertThat(name.find()).isTrue();
        assertThat(name.group(1)).isEqualTo(job.path("file_name").asText());
        assertDetail(get(path + "download/"), 401, "Authentication credentials were not provided.");
        // Restore by the job's number, restore of an upload, delete.
        JsonNode restored = succeeded(server.call("POST", path + "restore/"));
        assertThat(restored.path("file_path")).isEqualTo(job.path("file_path"));
        assertThat(server.call("GET", JOBS).json().path(0).path("id")).isEqualTo(restored.path("id"));
        JsonNode uploaded = succeeded(server.upload(JOBS + "restore-upload/", "mine.tar.gz", download.bytes()));
        assertThat(uploaded.path("original_filename").asText()).isEqualTo("mine.tar.gz");
        int before = server.call("GET", JOBS).json().size();
        JsonNode again = succeeded(server.upload(JOBS + "restore-upload/", "mine.tar.gz", download.bytes()));
        assertThat(again.path("file_name").asText()).isEqualTo("mine-1.tar.gz");
        assertThat(server.call("GET", JOBS).json()).hasSize(before + 1);
        assertThat(server.call("DELETE", path).status()).isEqualTo(204);
        assertThat(server.call("GET", path).status()).isEqualTo(404);
    }

    @Test
    void only_zips_of_the_known_form_are_listed_with_the_time_that_they_show() throws Exception {
        byte[] zip = zip("metadata.json", "{}");
        Path plain = Files.write(server.backups().resolve("dispatcharr-backup-2025.01.02.03.04.05.zip"), zip);
        Files.setLastModifiedTime(plain, FileTime.from(Instant.parse("2025-01-02T03:04:06Z")));
        Path other = Files.write(server.backups().resolve("dispatcharr-backup-old.zip"), zip);
        Files.setLastModifiedTime(other, FileTime.from(Instant.parse("2025-01-02T03:04:05.123456Z")));
        Path tar = Files.write(server.backups().resolve("dispatcharr-backup-20250102T030405Z.tar.gz"), zip);
        Path alien = Files.write(server.backups().resolve("backup.zip"), zip);
        try {
            JsonNode list = server.call("GET", BACKUPS).json();
            assertThat(list.findValuesAsText("name"))
                    .contains("dispatcharr-backup-2025.01.02.03.04.05.zip", "dispatcharr-backup-old.zip")
                    .noneMatch(it -> it.endsWith(".tar.gz") || it.equals("backup.zip"));
            assertThat(list.findValuesAsText("created"))
                    .contains("2025-01-02T03:04:05+00:00", "2025-01-02T03:04:05.123456+00:00");
        } finally {
            for (Path file : List.of(plain, other, tar, alien)) {
                Files.delete(file);
            }
        }
    }

    private static byte[] zip(String... members) throws Exception {
        var bytes = new ByteArrayOutputStream();
        try (var zip = new ZipOutputStream(bytes)) {
            for (int i = 0; i < members.length; i += 2) {
                zip.putNextEntry(new ZipEntry(members[i]));
                zip.write(members[i + 1].getBytes(UTF_8));
                zip.closeEntry();
            }
        }
        return bytes.toByteArray();
    }

    @Test
    void a_backup_that_fails_is_told_by_its_task() throws Exception {
        server.create(); // so that there is a directory
        Path database = server.database();
        Path aside = Files.move(database, database.resolveSibling("aside.db"));
        try {
            JsonNode end = server.await(server.call("POST", BACKUPS + "create/"));
            assertThat(end.path("state").asText()).isEqualTo("failed");
            assertThat(end.path("error").asText()).contains("dispatcharr.db");
            JsonNode job = finished(server.call("POST", JOBS));
            assertThat(job.path("status").asText()).isEqualTo("failed");
            assertThat(job.path("error_message").asText()).contains("dispatcharr.db");
            assertThat(job.path("file_size").isNull()).isTrue();
            assertThat(job.path("can_download").asBoolean()).isFalse();
            assertThat(job.path("can_delete").asBoolean()).isTrue();
            String path = JOBS + job.path("id").asLong() + "/";
            assertThat(server.call("GET", path + "download/").status()).isEqualTo(404);
            assertDetail(server.call("POST", path + "restore/"), 400, "Only successful backups can be restored.");
            assertThat(server.call("DELETE", path).status()).isEqualTo(204);
        } finally {
            Files.move(aside, database);
        }
    }

    @Test
    void a_task_that_runs_is_pending_and_one_that_was_cancelled_has_failed() throws Exception {
        Path large = server.data.resolve("uploads/large");
        try (var file = new RandomAccessFile(large.toFile(), "rw")) {
            file.setLength(3L << 30); // a hole: costs no space, but time to pack
        }
        try {
            Answer started = server.call("POST", JOBS);
            String path = JOBS + started.json().path("id").asLong() + "/";
            String status =
                    BACKUPS + "status/" + started.json().path("celery_task_id").asText() + "/";
            assertThat(server.call("GET", status).text()).isEqualTo("{\"state\":\"pending\"}");
            assertThat(server.call("GET", path + "download/").status()).isEqualTo(404);
            assertDetail(server.call("POST", path + "restore/"), 400, "Only successful backups can be restored.");
            Answer busy = server.call("POST", BACKUPS + "create/");
            assertThat(busy.status()).isEqualTo(409);
            assertThat(busy.text("detail")).startsWith("Failed to start backup: ");
            assertThat(server.call("POST", path + "cancel/")
                            .json()
                            .path("status")
                            .asText())
                    .isEqualTo("canceled");
            assertThat(server.call("GET", status).text())
                    .isEqualTo("{\"state\":\"failed\",\"error\":\"The task was canceled.\"}");
        } finally {
            Files.delete(large);
        }
    }

    @Test
    void tokens_of_addresses_stay_the_same_and_survive_a_restore() throws Exception {
        Answer created = server.call("POST", BACKUPS + "create/");
        String name = server.await(created).at("/result/filename").asText();
        String path = BACKUPS + name + "/";
        String token = server.call("GET", path + "download-token/")
                .json()
                .path("token")
                .asText();
        assertThat(server.call("GET", path + "download-token/")
                        .json()
                        .path("token")
                        .asText())
                .isEqualTo(token);
        assertThat(server.await(server.call("POST", path + "restore/"))
                        .path("state")
                        .asText())
                .isEqualTo("completed");
        assertThat(get(path + "download/?token=" + token).status()).isEqualTo(200);
        String status = BACKUPS + "status/" + created.json().path("task_id").asText() + "/";
        assertThat(get(status + "?token=" + created.json().path("task_token").asText())
                        .json()
                        .path("state")
                        .asText())
                .isEqualTo("completed");
        assertDetail(get(status + "?token=" + token), 403, "Invalid task token");

        String key =
                server.call("POST", KEYS + "generate/", "{}").json().path("key").asText();
        for (String call : List.of(path + "download/", status)) {
            assertThat(get(call, "X-API-Key", key).status()).isEqualTo(200);
            assertThat(get(call, "Authorization", "ApiKey " + key).status()).isEqualTo(200);
            assertDetail(get(call, "X-API-Key", "nonsense"), 401, "Invalid API key");
            assertDetail(get(call, "Authorization", "Bearer " + viewer), 401, "Authentication required");
            assertThat(get(call + "?token=", "Authorization", "Bearer " + server.access)
                            .status())
                    .isEqualTo(200);
            assertDetail(get(call, "Accept", "application/zip"), 406, "Could not satisfy the request Accept header.");
        }
        server.call("POST", KEYS + "revoke/", "{}");
    }

    @Test
    void what_is_no_backup_is_no_files_name_and_what_is_pinned_is_not_deleted() throws Exception {
        String name = server.create();
        Path directory = Files.createDirectories(server.backups().resolve("directory.zip"));
        Path note = Files.writeString(server.backups().resolve("note.txt"), "no backup");
        for (String other : List.of("directory.zip", "note.txt")) {
            String path = BACKUPS + other + "/";
            assertDetail(server.call("GET", path + "download-token/"), 404, "Backup file not found");
            assertDetail(server.call("GET", path + "download/"), 404, "Backup file not found");
            assertDetail(server.call("POST", path + "restore/"), 404, "Backup file not found");
            assertDetail(server.call("DELETE", path + "delete/"), 404, "Backup file not found");
        }
        assertThat(note).hasContent("no backup");
        Files.delete(note);
        Files.delete(directory);
        String[] native1 = nativeToken();
        String pin = "/api/v1/backup/" + name + "?database=tv";
        assertThat(server.send("PATCH", pin, "{\"pinned\":true}".getBytes(UTF_8), native1)
                        .status())
                .isEqualTo(200);
        Answer refused = server.call("DELETE", BACKUPS + name + "/delete/");
        assertThat(refused.status()).isEqualTo(409);
        assertThat(refused.text("detail")).startsWith("Delete failed: ");
        server.send("PATCH", pin, "{\"pinned\":false}".getBytes(UTF_8), native1);
        assertThat(server.call("DELETE", BACKUPS + name + "/delete/").status()).isEqualTo(204);
    }

    private String[] nativeToken() throws Exception {
        JsonNode granted = post(
                        "/api/v1/auth/login",
                        "{\"username\":\"" + DispatcharrInstallation.ADMIN + "\",\"password\":\""
                                + DispatcharrInstallation.PASSWORD + "\"}")
                .json();
        return new String[] {
            "Content-Type",
            "application/json",
            "Authorization",
            "Bearer " + granted.path("access_token").asText()
        };
    }

    @Test
    void an_upload_is_named_as_the_client_names_it() throws Exception {
        byte[] archive = Files.readAllBytes(server.backups().resolve(server.create()));
        record Row(String sent, String kept) {}
        for (Row row : List.of(
                new Row("named.zip", "named\\.zip"),
                new Row("named.zip", "named-1\\.zip"),
                new Row("/some/where/named.zip", "named-2\\.zip"),
                new Row("folder/", "uploaded-backup\\.zip"),
                new Row("folder/", "uploaded-backup-1\\.zip"),
                new Row("no-archive.bin", "dispatcharr-backup-\\d{4}(\\.\\d\\d){5}(-\\d+)?\\.zip"))) {
            Answer answer = server.upload(BACKUPS + "upload/", row.sent(), archive);
            assertThat(answer.status()).as(row + answer.text()).isEqualTo(201);
            String name = answer.json().path("filename").asText();
            assertThat(name).matches(row.kept());
            assertThat(server.backups().resolve(name)).hasBinaryContent(archive);
        }
        assertDetail(server.upload(BACKUPS + "upload/", "", archive), 400, "No file uploaded");
        assertThat(listed()).noneMatch(it -> it.startsWith("named") || it.startsWith("uploaded"));
        assertThat(listedByAll()).contains("named.zip", "named-2.zip", "uploaded-backup-1.zip");
    }

    private List<String> listedByAll() throws Exception {
        return get("/api/v1/backup?database=tv", nativeToken()).json().findValuesAsText("filename");
    }

    @Test
    void the_safety_backup_of_a_restore_is_of_the_same_kind_and_no_copy_lies_beside_the_database() throws Exception {
        JsonNode job = succeeded(server.call("POST", JOBS));
        List<String> zips = listed();
        List<String> all = listedByAll();
        Path since = Files.writeString(server.data.resolve("logos/since.txt"), "since");
        succeeded(server.call("POST", JOBS + job.path("id").asLong() + "/restore/"));
        assertThat(since).as("a directory is replaced completely").doesNotExist();
        assertThat(listed()).isEqualTo(zips);
        assertThat(listedByAll())
                .filteredOn(it -> !all.contains(it))
                .singleElement()
                .asString()
                .matches("dispatcharr-backup-\\d{8}T\\d{6}Z(-\\d+)?\\.tar\\.gz");

        String zip = server.create();
        zips = listed();
        assertThat(server.await(server.call("POST", BACKUPS + zip + "/restore/"))
                        .path("state")
                        .asText())
                .isEqualTo("completed");
        assertThat(listed()).hasSize(zips.size() + 1).containsAll(zips);
        try (var files = Files.list(server.data)) {
            assertThat(files.map(it -> it.getFileName().toString())).noneMatch(it -> it.endsWith(".bak"));
        }
    }

    @Test
    void an_archive_with_recordings_restores_them_whatever_new_archives_hold() throws Exception {
        JsonNode job = succeeded(server.call("POST", JOBS));
        var settings = (ObjectNode) server.call("GET", SETTINGS).json();
        settings.put("include_recordings", false);
        assertThat(server.call("PUT", SETTINGS, settings.toString()).status()).isEqualTo(200);
        try {
            Files.writeString(server.data.resolve("recordings/recordings.txt"), "second of recordings");
            succeeded(server.call("POST", JOBS + job.path("id").asLong() + "/restore/"));
            assertThat(server.data.resolve("recordings/recordings.txt")).hasContent("first of recordings");
        } finally {
            settings.put("include_recordings", true);
            server.call("PUT", SETTINGS, settings.toString());
        }
    }

    @Test
    void what_metadata_leaves_out_counts_as_the_original_counts_it() throws Exception {
        record Row(String metadata, String error) {}
        for (Row row : List.of(
                new Row(
                        "{\"database_file\":\"database.sqlite3\"}",
                        "Database type mismatch: backup is postgresql, but current database is sqlite"),
                new Row("{\"database_type\":\"sqlite\"}", "Invalid backup: missing database.dump"),
                new Row(
                        "{\"database_type\":\"sqlite\",\"database_file\":\"tv.sqlite3\"}",
                        "Invalid backup: missing tv.sqlite3"))) {
            Path file = Files.write(
                    server.backups().resolve("dispatcharr-backup-row.zip"),
                    zip("metadata.json", row.metadata(), "database.sqlite3", "x"));
            JsonNode end = server.await(server.call("POST", BACKUPS + "dispatcharr-backup-row.zip/restore/"));
            assertThat(end.path("error").asText()).as(row.metadata()).isEqualTo(row.error());
            Files.delete(file);
        }
    }

    @Test
    void format_version_and_time_in_the_metadata_are_not_looked_at() throws Exception {
        Path archive = server.backups().resolve(server.create());
        byte[] database;
        try (var zip = new ZipFile(archive.toFile())) {
            database = zip.getInputStream(zip.getEntry("database.sqlite3")).readAllBytes();
            JsonNode metadata = JSON.readTree(zip.getInputStream(zip.getEntry("metadata.json")));
            assertThat(metadata.fieldNames())
                    .toIterable()
                    .startsWith("format", "version", "database_type", "database_file", "created_at");
            assertThat(metadata.path("created_at").asText())
                    .matches("\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d(\\.\\d{6})?\\+00:00");
        }
        var bytes = new ByteArrayOutputStream();
        try (var zip = new ZipOutputStream(bytes)) {
            zip.putNextEntry(new ZipEntry("tv.db"));
            zip.write(database);
            zip.closeEntry();
            zip.putNextEntry(new ZipEntry("metadata.json"));
            zip.write("{\"format\":\"other\",\"version\":9,\"database_type\":\"sqlite\",\"database_file\":\"tv.db\"}"
                    .getBytes(UTF_8));
            zip.closeEntry();
        }
        long counted = Bank.entries(server.database());
        try (var connection = Bank.open(server.database())) {
            Bank.transact(connection);
        }
        Path file = Files.write(server.backups().resolve("dispatcharr-backup-foreign.zip"), bytes.toByteArray());
        JsonNode end = server.await(server.call("POST", BACKUPS + "dispatcharr-backup-foreign.zip/restore/"));
        assertThat(end.toString())
                .isEqualTo("{\"state\":\"completed\",\"result\":{\"status\":\"completed\","
                        + "\"filename\":\"dispatcharr-backup-foreign.zip\"}}");
        assertThat(Bank.entries(server.database())).isEqualTo(counted);
        Files.delete(file);
    }

    @Test
    void a_schedule_may_be_a_form_and_its_cron_line_counts_while_it_is_on_alone() throws Exception {
        Answer form = server.send(
                "PUT",
                UPDATE,
                "enabled=&time=05%3A06&day_of_week=3&retention_count=0".getBytes(UTF_8),
                "Content-Type",
                "application/x-www-form-urlencoded",
                "Authorization",
                "Bearer " + server.access);
        assertThat(form.status()).as(form.text()).isEqualTo(200);
        assertThat(form.json().path("time").asText()).isEqualTo("05:06");
        assertThat(form.json().path("day_of_week").asInt()).isEqualTo(3);
        Answer off = server.call("PUT", UPDATE, "{\"enabled\":false,\"cron_expression\":\"1 2 3\"}");
        assertThat(off.status()).as(off.text()).isEqualTo(200);
        assertThat(off.json().path("cron_expression").asText()).isEqualTo("1 2 3");
        assertDetail(
                server.call("PUT", UPDATE, "{\"enabled\":true}"),
                400,
                "Cron expression must have 5 parts: minute hour day month weekday");
        assertThat(server.call("GET", SCHEDULE).json()).isEqualTo(off.json());
        Answer noNumber = server.call("PUT", UPDATE, "{\"day_of_week\":null}");
        assertThat(noNumber.status()).isEqualTo(500);
        assertThat(noNumber.text("detail")).startsWith("Failed to update schedule: ");
        assertThat(server.call("PUT", UPDATE, "{}").json()).isEqualTo(off.json());
        assertThat(server.call("PUT", UPDATE, OFF).text()).isEqualTo(OFF);
    }

    @Test
    void retention_follows_a_scheduled_run_and_no_other() throws Exception {
        List<String> manual = new ArrayList<>();
        server.call("PUT", UPDATE, OFF.replace("\"retention_count\":0", "\"retention_count\":2"));
        for (int i = 0; i < 3; i++) {
            manual.add(server.create());
        }
        assertThat(listed()).containsAll(manual);

        server.call(
                "PUT",
                UPDATE,
                OFF.replace("\"retention_count\":0", "\"retention_count\":2")
                        .replace("03:00", FarTime.OF_DAY)
                        .replace("\"enabled\":false", "\"enabled\":true"));
        String scheduled = planned();
        assertThat(scheduled).endsWith(".zip").isNotIn(manual);

        List<String> left = Eventually.get(this::listed, it -> Collections.disjoint(it, manual.subList(0, 2)));
        // If another test has restored something, the newest safety backup stays beside them.
        assertThat(left).contains(scheduled, manual.getLast()).hasSizeLessThanOrEqualTo(3);
        assertThat(manual).doesNotHaveDuplicates();
        JsonNode job = server.call("GET", JOBS).json().path(0);
        assertThat(job.path("file_name").asText()).isEqualTo(scheduled);
        assertThat(job.path("scheduled").asBoolean()).isTrue();
        assertThat(job.path("requested_by").isNull()).isTrue();
        assertThat(server.call("PUT", UPDATE, OFF).text()).isEqualTo(OFF);
    }

    /** Has the plan make a backup for a second that has gone by just now. @return its name */
    private String planned() throws Exception {
        String[] who = nativeToken();
        String plan = "/api/v1/backup/plan?database=tv";
        var progress = new PlanProgressProbe(server.options.dataDir(), "tv");
        Planned daily = Planned.justGoneBy();
        Answer changed = server.send("PATCH", plan, daily.json().getBytes(UTF_8), who);
        assertThat(changed.status()).as(changed.text()).isEqualTo(200);
        progress.awaitBegun("BACKUP", daily.timetable());
        progress.wasDownFor("BACKUP", Duration.ofDays(2));
        progress.awaitDone("BACKUP");
        server.send("PATCH", plan, "{\"time_zone\":\"UTC\"}".getBytes(UTF_8), who);
        return server.call("GET", JOBS).json().path(0).path("file_name").asText();
    }

    @ParameterizedTest
    @CsvSource({
        "GET, 99999/",
        "DELETE, 99999/",
        "POST, 99999/cancel/",
        "GET, 99999/download/",
        "POST, 99999/restore/",
        "GET, 99999999999999999999/",
    })
    void a_job_that_there_is_not_is_404(String method, String path) throws Exception {
        assertDetail(server.call(method, JOBS + path), 404, "Not found.");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "enabled|/enabled/0|This field is required.",
                "retention|/retention/0|This field is required.",
                "path|/path/0|This field is required.",
                "schedule|/schedule/0|This field is required.",
            })
    void a_setting_that_is_required_is_missed(String key, String at, String text) throws Exception {
        var settings = (ObjectNode) server.call("GET", SETTINGS).json();
        settings.remove(key);
        Answer refused = server.call("PUT", SETTINGS, settings.toString());
        assertThat(refused.status()).isEqualTo(400);
        assertThat(refused.json().at(at).asText()).isEqualTo(text);
    }

    @Test
    void the_parts_of_a_schedule_are_required_and_paths_have_an_end() throws Exception {
        var settings = (ObjectNode) server.call("GET", SETTINGS).json();
        settings.put("path", "x".repeat(1025));
        settings.putObject("schedule").put("timezone", "UTC");
        JsonNode wrong = server.call("PUT", SETTINGS, settings.toString()).json();
        for (String part : List.of("preset", "minute", "hour", "day_of_month", "month", "day_of_week")) {
            assertThat(wrong.at("/schedule/" + part + "/0").asText()).isEqualTo("This field is required.");
        }
        assertThat(wrong.at("/path/0").asText()).contains("1024");
        settings.put("path", " ");
        assertThat(server.call("PUT", SETTINGS, settings.toString())
                        .json()
                        .at("/path/0")
                        .asText())
                .isEqualTo("This field may not be blank.");
    }

    @Test
    void extra_paths_left_out_are_emptied_and_recordings_left_out_stay() throws Exception {
        Path extra = Files.createDirectories(server.data.resolve("epg"));
        var settings = (ObjectNode) server.call("GET", SETTINGS).json();
        settings.putArray("extra_paths").add(extra.toString());
        settings.put("include_recordings", false);
        assertThat(server.call("PUT", SETTINGS, settings.toString()).json()).isEqualTo(settings);

        settings.remove(List.of("extra_paths", "include_recordings"));
        JsonNode saved = server.call("PUT", SETTINGS, settings.toString()).json();

        assertThat(saved.path("extra_paths")).isEmpty();
        assertThat(saved.path("include_recordings").asBoolean()).isFalse();
        settings.put("include_recordings", true);
        server.call("PUT", SETTINGS, settings.toString());
    }

    @Test
    void the_manifest_says_what_is_in_the_archive_and_what_is_not() throws Exception {
        Path aside = Files.move(server.data.resolve("plugins"), server.data.resolve("plugins-aside"));
        JsonNode job;
        try {
            job = succeeded(server.call("POST", JOBS));
        } finally {
            Files.move(aside, server.data.resolve("plugins"));
        }
        Path archive = server.backups().resolve(job.path("file_name").asText());
        JsonNode manifest = JSON.readTree(command("tar", "-xzOf", archive.toString(), "manifest.json"));

        assertThat(manifest.path("format").asText()).isEqualTo("dispatcharr-backup");
        assertThat(manifest.path("version").asInt()).isEqualTo(1);
        assertThat(manifest.path("created_at").asText()).matches("\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\+00:00");
        assertThat(manifest.path("database_dump").asText()).isEqualTo("database.json");
        assertThat(manifest.path("include_recordings").asBoolean()).isTrue();
        assertThat(texts(manifest.path("data_directories")))
                .containsExactly(
                        server.data.resolve("logos").toString(),
                        server.data.resolve("recordings").toString(),
                        server.data.resolve("uploads").toString());
        assertThat(texts(manifest.path("missing_directories")))
                .containsExactly(server.data.resolve("plugins").toString());
        assertThat(manifest.fieldNames())
                .toIterable()
                .containsExactly(
                        "format",
                        "version",
                        "created_at",
                        "dispatcharr_version",
                        "data_directories",
                        "missing_directories",
                        "database_dump",
                        "include_recordings",
                        "schedule");
        assertThat(manifest.path("dispatcharr_version").isNull()).isTrue();
        assertThat(manifest.path("schedule").toString()).isEqualTo("{}");
        List<String> members =
                command("tar", "-tzf", archive.toString()).lines().toList();
        assertThat(members).startsWith("database.json", "manifest.json").endsWith("holdfast-manifest.json");
        assertThat(members.subList(2, members.size() - 1)).isNotEmpty().allMatch(it -> it.startsWith("data/"));
    }

    private static List<String> texts(JsonNode array) {
        var texts = new ArrayList<String>();
        array.forEach(it -> texts.add(it.asText()));
        return texts;
    }

    @Test
    void a_restore_of_a_draft_archive_that_cannot_be_says_why() throws Exception {
        JsonNode job = succeeded(server.call("POST", JOBS));
        Path archive = server.backups().resolve(job.path("file_name").asText());
        Path unpacked = Files.createDirectories(server.directory.resolve("unpacked"));
        command("tar", "-xzf", archive.toString(), "-C", unpacked.toString());
        Path outside = server.directory.resolve("outside.tar.gz");
        String[] pack = {"tar", "-czPf", outside.toString(), "-C", unpacked.toString()};
        command(with(pack, "--transform=s,^data/logos,../logos,", "database.json", "manifest.json", "data/logos"));
        assertFailed(outside, "Archive contains invalid paths");
        command(with(pack, "manifest.json", "data"));
        assertFailed(outside, "Backup archive missing database dump");
        Path noGzip = server.directory.resolve("outside.tar");
        command("tar", "-cf", noGzip.toString(), "-C", unpacked.toString(), "database.json", "manifest.json");
        assertFailed(
                noGzip,
                "The file is neither a SQLite database nor an archive with one that is known here, or its end is"
                        + " missing.");
        Path put = Files.copy(outside, server.backups().resolve("dispatcharr-backup-20250102T030405Z.tar.gz"));
        assertThat(server.await(server.call("POST", BACKUPS + put.getFileName() + "/restore/"))
                        .path("error")
                        .asText())
                .isEqualTo("Backup archive missing database dump");
        Files.delete(put);
        Files.writeString(
                unpacked.resolve("database.json"),
                "[\n{\"model\": \"channels.channel\", \"fields\": {\"name\": \"One\"}}\n]");
        command(with(pack, "database.json", "manifest.json"));
        assertFailed(
                outside,
                "database.json cannot be loaded: It does not begin as a dump that Holdfast made. One that Django's dumpdata made"
                        + " has no schema, so that no database can be made of it.");

        Files.move(archive, server.directory.resolve("gone"));
        Answer gone = server.call("POST", JOBS + job.path("id").asLong() + "/restore/");
        assertDetail(gone, 404, "Backup file not found");
    }

    @Test
    void recordings_are_left_out_however_they_are_written_and_a_directory_of_others_is_passed_over() throws Exception {
        Path extra = Files.createDirectories(server.data.resolve("dvr/Recordings"));
        Files.writeString(extra.resolve("a.ts"), "recorded");
        var settings = (ObjectNode) server.call("GET", SETTINGS).json();
        settings.putArray("extra_paths").add(extra.toString());
        settings.put("include_recordings", false);
        assertThat(server.call("PUT", SETTINGS, settings.toString()).status()).isEqualTo(200);
        JsonNode job = succeeded(server.call("POST", JOBS));
        settings.putArray("extra_paths");
        settings.put("include_recordings", true);
        assertThat(server.call("PUT", SETTINGS, settings.toString()).status()).isEqualTo(200);
        Path archive = server.backups().resolve(job.path("file_name").asText());
        assertThat(command("tar", "-tzf", archive.toString()))
                .contains("data/logos/logos.txt")
                .doesNotContainIgnoringCase("recordings");

        Path unpacked = Files.createDirectories(server.directory.resolve("stranger"));
        command("tar", "-xzf", archive.toString(), "-C", unpacked.toString());
        Files.createDirectories(unpacked.resolve("data/unknown"));
        Files.writeString(unpacked.resolve("data/unknown/x"), "x");
        Files.writeString(unpacked.resolve("data/logos/logos.txt"), "a stranger's logo");
        Path packed = server.directory.resolve("stranger.tar.gz");
        command("tar", "-czf", packed.toString(), "-C", unpacked.toString(), "database.json", "manifest.json", "data");
        succeeded(server.upload(JOBS + "restore-upload/", "stranger.tar.gz", Files.readAllBytes(packed)));
        assertThat(server.data.resolve("logos/logos.txt")).hasContent("a stranger's logo");
        assertThat(server.data.resolve("unknown")).doesNotExist();
        assertThat(server.data.resolve("recordings/recordings.txt")).hasContent("first of recordings");
    }

    private static String[] with(String[] begin, String... end) {
        var all = new ArrayList<>(List.of(begin));
        all.addAll(List.of(end));
        return all.toArray(String[]::new);
    }

    private void assertFailed(Path upload, String error) throws Exception {
        long before = Bank.entries(server.database());
        JsonNode job = finished(
                server.upload(JOBS + "restore-upload/", upload.getFileName().toString(), Files.readAllBytes(upload)));
        assertThat(job.path("status").asText()).isEqualTo("failed");
        assertThat(job.path("error_message").asText()).isEqualTo(error);
        assertThat(Bank.entries(server.database())).isEqualTo(before);
    }

    private static String command(String... command) throws Exception {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String said = new String(process.getInputStream().readAllBytes(), UTF_8);
        assertThat(process.waitFor()).as(Arrays.toString(command) + said).isZero();
        return said;
    }

    @Test
    void a_directory_that_cannot_be_read_is_told_with_what_failed() throws Exception {
        server.create();
        Path aside = Files.move(server.backups(), server.data.resolve("backups-aside"));
        Files.writeString(server.backups(), "no directory");
        try {
            Answer refused = server.call("GET", BACKUPS);
            assertThat(refused.status()).isEqualTo(500);
            assertThat(refused.text("detail")).startsWith("Failed to list backups: ");
        } finally {
            Files.delete(server.backups());
            Files.move(aside, server.backups());
        }
    }
}
