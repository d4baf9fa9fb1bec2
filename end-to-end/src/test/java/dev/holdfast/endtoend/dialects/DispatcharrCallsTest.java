package dev.holdfast.endtoend.dialects;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.holdfast.endtoend.plans.FarTime;
import dev.holdfast.endtoend.server.Client.Answer;
import dev.holdfast.endtoend.server.Command;
import dev.holdfast.endtoend.writers.Bank;
import java.io.ByteArrayOutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;
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

/** Dispatcharr's released API message by message, over a socket, with accounts. */
@Tag("process")
@Tag("slow")
@DisplayNameGeneration(ReplaceUnderscores.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class DispatcharrCallsTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String NAME = "dispatcharr-backup-\\d{4}(\\.\\d{2}){5}(-\\d+)?\\.zip";

    private DispatcharrInstallation server;
    private String kept;
    private String viewer;

    @BeforeAll
    void start(@TempDir Path directory) throws Exception {
        server = DispatcharrInstallation.withAccounts(directory);
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
        kept = server.create();
    }

    @AfterAll
    void stop() {
        server.close();
    }

    private Answer get(String path, String... headers) throws Exception {
        return server.send("GET", path, new byte[0], headers);
    }

    private static void assertDetail(Answer answer, int status, String detail) {
        assertThat(answer.status()).as(answer.text()).isEqualTo(status);
        assertThat(answer.header("Content-Type")).isEqualTo("application/json");
        assertThat(answer.text("detail")).isEqualTo(detail);
    }

    @ParameterizedTest
    @CsvSource({
        "GET, /api/backups/",
        "POST, /api/backups/create/",
        "POST, /api/backups/upload/",
        "GET, /api/backups/schedule/",
        "PUT, /api/backups/schedule/update/",
        "GET, /api/backups/any.zip/download-token/",
        "DELETE, /api/backups/any.zip/delete/",
        "POST, /api/backups/any.zip/restore/",
        "GET, /api/backups/jobs/",
        "POST, /api/backups/jobs/",
        "GET, /api/backups/jobs/1/",
        "DELETE, /api/backups/jobs/1/",
        "POST, /api/backups/jobs/1/cancel/",
        "GET, /api/backups/jobs/1/download/",
        "POST, /api/backups/jobs/1/restore/",
        "POST, /api/backups/jobs/restore-upload/",
        "GET, /api/backups/settings/",
        "PUT, /api/backups/settings/",
    })
    void admins_calls_are_nobody_elses(String method, String path) throws Exception {
        Answer nobody = server.send(method, path, new byte[0]);
        assertDetail(nobody, 401, "Authentication credentials were not provided.");
        assertThat(nobody.header("WWW-Authenticate")).isEqualTo("Bearer realm=\"api\"");

        Answer wrong = server.send(method, path, new byte[0], "Authorization", "Bearer x.y.z");
        assertDetail(wrong, 401, "Given token not valid for any token type");
        assertThat(wrong.json().path("code").asText()).isEqualTo("token_not_valid");
        assertThat(wrong.json().at("/messages/0/message").asText()).isEqualTo("Token is invalid");
        assertThat(wrong.json().at("/messages/0/token_class").asText()).isEqualTo("AccessToken");

        Answer other = server.send(method, path, new byte[0], "Authorization", "Bearer " + viewer);
        assertDetail(other, 403, "You do not have permission to perform this action.");
    }

    @Test
    void a_sign_in_gives_two_tokens_of_which_one_renews_the_other() throws Exception {
        long before = Instant.now().getEpochSecond();
        JsonNode granted = server.signIn(DispatcharrInstallation.ADMIN, DispatcharrInstallation.PASSWORD);
        long after = Instant.now().getEpochSecond();
        assertThat(granted.fieldNames()).toIterable().containsExactly("refresh", "access");
        assertThat(end(granted.path("access").asText()) - 1_800).isBetween(before, after);
        assertThat(end(granted.path("refresh").asText()) - 86_400).isBetween(before, after);

        Answer renewed = post(
                "/api/accounts/token/refresh/",
                "{\"refresh\":\"" + granted.path("refresh").asText() + "\"}");
        assertThat(renewed.status()).isEqualTo(200);
        assertThat(renewed.json().fieldNames()).toIterable().containsExactly("access");
        String access = renewed.json().path("access").asText();
        assertThat(get("/api/backups/", "Authorization", "Bearer " + access).status())
                .isEqualTo(200);

        for (String wrong : List.of(access, "nonsense")) {
            Answer refused = post("/api/accounts/token/refresh/", "{\"refresh\":\"" + wrong + "\"}");
            assertDetail(refused, 401, "Token is invalid");
            assertThat(refused.json().path("code").asText()).isEqualTo("token_not_valid");
        }
        assertDetail(
                get(
                        "/api/backups/",
                        "Authorization",
                        "Bearer " + granted.path("refresh").asText()),
                401,
                "Given token not valid for any token type");
        assertThat(get("/api/v1/databases", "Authorization", "Bearer " + access).status())
                .as("the tokens of this API open no other")
                .isEqualTo(401);
    }

    private Answer post(String path, String json) throws Exception {
        return server.send("POST", path, json.getBytes(UTF_8), "Content-Type", "application/json");
    }

    private static long end(String token) throws Exception {
        return JSON.readTree(Base64.getUrlDecoder().decode(token.split("\\.", -1)[1]))
                .path("exp")
                .asLong();
    }

    @ParameterizedTest
    @ValueSource(strings = {"/api/accounts/token/", "/api/accounts/auth/login/"})
    void a_sign_in_that_fails_says_why(String path) throws Exception {
        Answer missing = post(path, "{}");
        assertThat(missing.status()).isEqualTo(400);
        assertThat(missing.text())
                .isEqualTo("{\"username\":[\"This field is required.\"],\"password\":[\"This field is required.\"]}");
        assertDetail(
                post(path, "{\"username\":\"nobody" + path.length() + "\",\"password\":\"x\"}"),
                401,
                "No active account found with the given credentials");
        Answer form = server.send(
                "POST",
                path,
                ("username=admin&password=" + DispatcharrInstallation.PASSWORD.replace(' ', '+')).getBytes(UTF_8),
                "Content-Type",
                "application/x-www-form-urlencoded");
        assertThat(form.status()).isEqualTo(200);
    }

    @Test
    void who_guesses_too_often_has_to_wait() throws Exception {
        Answer last = post("/api/accounts/token/", "{\"username\":\"guessed\",\"password\":\"x\"}");
        for (int i = 0; i < 5; i++) {
            last = post("/api/accounts/token/", "{\"username\":\"guessed\",\"password\":\"x\"}");
        }
        assertThat(last.status()).isEqualTo(429);
        assertThat(last.text("detail"))
                .isEqualTo("Request was throttled. Expected available in " + last.header("Retry-After") + " seconds.");
    }

    @Test
    void a_token_of_somebody_who_is_gone_says_so() throws Exception {
        Path dataDir = server.options.dataDir();
        Command.run(dataDir, "password of gone", "user", "add", "gone", "--role", "admin", "--password-stdin");
        String access = server.signIn("gone", "password of gone").path("access").asText();
        String key = server.send(
                        "POST", "/api/accounts/api-keys/generate/", new byte[0], "Authorization", "Bearer " + access)
                .json()
                .path("key")
                .asText();
        assertThat(get("/api/backups/", "X-API-Key", key).status()).isEqualTo(200);
        Command.run(dataDir, "", "user", "remove", "gone");

        Answer refused = get("/api/backups/", "Authorization", "Bearer " + access);
        assertDetail(refused, 401, "User not found");
        assertThat(refused.json().path("code").asText()).isEqualTo("user_not_found");
        assertDetail(get("/api/backups/", "X-API-Key", key), 401, "Invalid API key");
    }

    @Test
    void an_api_key_ends_with_the_password_and_is_made_for_nobody_who_has_none() throws Exception {
        Path dataDir = server.options.dataDir();
        String keys = "/api/accounts/api-keys/generate/";
        Command.run(dataDir, "password of kim", "user", "add", "kim", "--role", "admin", "--password-stdin");
        String access = server.signIn("kim", "password of kim").path("access").asText();
        String key = server.send("POST", keys, new byte[0], "Authorization", "Bearer " + access)
                .json()
                .path("key")
                .asText();
        assertThat(get("/api/backups/", "X-API-Key", key).status()).isEqualTo(200);
        Command.run(dataDir, "another of kim", "user", "password", "kim", "--password-stdin");
        assertDetail(get("/api/backups/", "X-API-Key", key), 401, "Invalid API key");

        String token = Command.run(dataDir, "", "token", "create", "--name", "cron", "--role", "admin")
                .strip();
        assertThat(get("/api/backups/", "X-API-Key", token).status()).isEqualTo(200);
        Answer refused = server.send("POST", keys, new byte[0], "X-API-Key", token);
        assertThat(refused.status()).isEqualTo(403);
        assertThat(refused.text("detail")).contains("service token");
    }

    @Test
    void an_api_key_opens_what_its_user_may_do_until_it_is_replaced_or_revoked() throws Exception {
        String keys = "/api/accounts/api-keys/";
        assertThat(get(keys, "Authorization", "Bearer " + viewer).text()).isEqualTo("{\"key\":null}");
        Answer made = server.call("POST", keys + "generate/", "{}");
        assertThat(made.status()).isEqualTo(201);
        String key = made.json().path("key").asText();
        assertThat(key).matches("[A-Za-z0-9_-]{54}");
        assertThat(made.json().at("/user/username").asText()).isEqualTo("admin");
        assertThat(get("/api/backups/", "X-API-Key", key).status()).isEqualTo(200);
        assertThat(get("/api/backups/", "Authorization", "ApiKey " + key).status())
                .isEqualTo(200);
        assertThat(server.call("GET", keys).json().path("key").asText()).isEqualTo(key);
        assertThat(server.call("GET", "/api/accounts/users/me/")
                        .json()
                        .path("api_key")
                        .asText())
                .isEqualTo(key);

        String other =
                server.call("POST", keys + "generate/", "{}").json().path("key").asText();
        assertThat(other).isNotEqualTo(key);
        assertDetail(get("/api/backups/", "X-API-Key", key), 401, "Invalid API key");
        assertThat(server.call("POST", keys + "revoke/", "{}").text()).isEqualTo("{\"success\":true}");
        assertDetail(get("/api/backups/", "Authorization", "ApiKey " + other), 401, "Invalid API key");
        assertDetail(server.call("POST", keys + "generate/", "{\"user_id\":4}"), 404, "User not found.");
        Answer notMine = server.send(
                "POST",
                keys + "generate/",
                "{\"user_id\":4}".getBytes(UTF_8),
                "Content-Type",
                "application/json",
                "Authorization",
                "Bearer " + viewer);
        assertDetail(notMine, 403, "You do not have permission to perform this action.");
    }

    @Test
    void who_i_am_is_answered_with_a_level() throws Exception {
        JsonNode me = server.call("GET", "/api/accounts/users/me/").json();
        assertThat(me.path("username").asText()).isEqualTo("admin");
        assertThat(me.path("user_level").asInt()).isEqualTo(10);
        assertThat(me.path("id").isIntegralNumber()).isTrue();
        assertThat(me.path("custom_properties").isObject()).isTrue();
        assertThat(get("/api/accounts/users/me/", "Authorization", "Bearer " + viewer)
                        .json()
                        .path("user_level")
                        .asInt())
                .isEqualTo(1);
        assertThat(get("/api/accounts/users/me/").status()).isEqualTo(401);
        assertThat(get("/api/accounts/initialize-superuser/").text()).isEqualTo("{\"superuser_exists\":true}");
        assertThat(post("/api/accounts/initialize-superuser/", "{}").text()).isEqualTo("{\"superuser_exists\":true}");
    }

    @Test
    void the_list_is_a_bare_array_by_name_the_last_first() throws Exception {
        String next = server.create();
        Answer list = server.call("GET", "/api/backups/");
        assertThat(list.status()).isEqualTo(200);
        List<String> names = new ArrayList<>();
        for (JsonNode backup : list.json()) {
            assertThat(backup.fieldNames()).toIterable().containsExactly("name", "size", "created");
            String name = backup.path("name").asText();
            names.add(name);
            assertThat(name).matches("dispatcharr-backup-.*\\.zip");
            assertThat(backup.path("size").asLong())
                    .isEqualTo(Files.size(server.backups().resolve(name)));
            assertThat(backup.path("created").asText())
                    .matches("\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d(\\.\\d{6})?\\+00:00");
            OffsetDateTime.parse(backup.path("created").asText());
        }
        assertThat(names).contains(kept, next);
        assertThat(names).isSortedAccordingTo((a, b) -> b.compareTo(a));
        assertThat(kept).matches(NAME);
    }

    @Test
    void the_archive_holds_the_database_and_what_it_is() throws Exception {
        try (var zip = new ZipFile(server.backups().resolve(kept).toFile())) {
            assertThat(zip.stream().map(ZipEntry::getName)).containsExactly("database.sqlite3", "metadata.json");
            JsonNode metadata = JSON.readTree(zip.getInputStream(zip.getEntry("metadata.json")));
            assertThat(metadata.path("format").asText()).isEqualTo("dispatcharr-backup");
            assertThat(metadata.path("version").asInt()).isEqualTo(2);
            assertThat(metadata.path("database_type").asText()).isEqualTo("sqlite");
            assertThat(metadata.path("database_file").asText()).isEqualTo("database.sqlite3");
        }
    }

    @Test
    void a_task_is_polled_with_its_token_alone_or_as_admin() throws Exception {
        Answer started = server.call("POST", "/api/backups/create/");
        assertThat(started.status()).isEqualTo(202);
        assertThat(started.json().fieldNames()).toIterable().containsExactly("detail", "task_id", "task_token");
        assertThat(started.text("detail")).isEqualTo("Backup started");
        String token = started.json().path("task_token").asText();
        assertThat(token).matches("[0-9a-f]{32}");
        JsonNode end = server.await(started);
        assertThat(end.path("state").asText()).isEqualTo("completed");
        assertThat(end.path("result").fieldNames()).toIterable().containsExactly("status", "filename", "size");
        assertThat(end.at("/result/status").asText()).isEqualTo("completed");

        String path = "/api/backups/status/" + started.json().path("task_id").asText() + "/";
        assertThat(server.call("GET", path).json()).isEqualTo(end);
        assertThat(server.call("GET", path + "?token=").json()).isEqualTo(end);
        assertDetail(server.call("GET", path + "?token=" + "0".repeat(32)), 403, "Invalid task token");
        assertDetail(get(path + "?token=x"), 403, "Invalid task token");
        assertDetail(get(path), 401, "Authentication required");
        assertDetail(get(path, "Authorization", "Bearer " + viewer), 401, "Authentication required");
        assertDetail(
                get(path + "?token=" + token, "Authorization", "Bearer x"),
                401,
                "Given token not valid for any token type");
        assertThat(server.call("GET", "/api/backups/status/no-such-task/").text())
                .isEqualTo("{\"state\":\"failed\",\"error\":\"There is no such task.\"}");
    }

    @Test
    void a_download_takes_a_token_or_an_admin() throws Exception {
        String path = "/api/backups/" + kept + "/";
        String token = server.call("GET", path + "download-token/")
                .json()
                .path("token")
                .asText();
        assertThat(token).matches("[0-9a-f]{32}");
        byte[] file = Files.readAllBytes(server.backups().resolve(kept));

        Answer download = get(path + "download/?token=" + token, "Accept", "text/html,*/*;q=0.8");
        assertThat(download.status()).isEqualTo(200);
        assertThat(download.bytes()).isEqualTo(file);
        assertThat(download.header("Content-Type")).isEqualTo("application/zip");
        assertThat(download.header("Content-Length")).isEqualTo(Integer.toString(file.length));
        assertThat(download.header("Content-Disposition")).isEqualTo("attachment; filename=\"" + kept + "\"");
        assertThat(server.call("GET", path + "download/").bytes()).isEqualTo(file);
        Answer part = get(path + "download/?token=" + token, "Range", "bytes=2-5");
        assertThat(part.status()).isEqualTo(206);
        assertThat(part.bytes()).hasSize(4);

        assertDetail(get(path + "download/?token=" + "0".repeat(32)), 403, "Invalid download token");
        assertDetail(get("/api/backups/other.zip/download/?token=" + token), 403, "Invalid download token");
        assertDetail(get(path + "download/"), 401, "Authentication required");
        assertDetail(
                get(path + "download/?token=" + token, "Authorization", "Bearer x"),
                401,
                "Given token not valid for any token type");
        for (String call : List.of("download-token/", "download/")) {
            assertDetail(server.call("GET", "/api/backups/none.zip/" + call), 404, "Backup file not found");
            assertDetail(server.call("GET", "/api/backups/a..zip/" + call), 404, "Invalid filename");
            assertDetail(server.call("GET", "/api/backups/a%5Cb.zip/" + call), 404, "Invalid filename");
        }
    }

    @Test
    void a_backup_that_is_deleted_is_gone_and_nothing_else_is() throws Exception {
        String name = server.create();
        Answer deleted = server.call("DELETE", "/api/backups/" + name + "/delete/");
        assertThat(deleted.status()).isEqualTo(204);
        assertThat(deleted.text()).isEmpty();
        assertThat(server.backups().resolve(name)).doesNotExist();
        assertDetail(server.call("DELETE", "/api/backups/" + name + "/delete/"), 404, "Backup file not found");
        assertDetail(server.call("DELETE", "/api/backups/a..b/delete/"), 500, "Delete failed: Invalid filename");
        assertDetail(server.call("DELETE", "/api/backups/a%5Cb/delete/"), 500, "Delete failed: Invalid filename");
        Path note = Files.writeString(server.backups().resolve("note.txt"), "not a backup");
        assertDetail(server.call("DELETE", "/api/backups/note.txt/delete/"), 404, "Backup file not found");
        assertThat(note).exists();
    }

    @Test
    void an_upload_keeps_its_name_and_is_restored_by_it() throws Exception {
        byte[] archive = Files.readAllBytes(server.backups().resolve(kept));
        Answer first = server.upload("/api/backups/upload/", "C:\\\\x\\\\mybackup.zip", archive);
        assertThat(first.status()).as(first.text()).isEqualTo(201);
        assertThat(first.text())
                .isEqualTo("{\"detail\":\"Backup uploaded successfully\",\"filename\":\"mybackup.zip\"}");
        assertThat(server.upload("/api/backups/upload/", "mybackup.zip", archive)
                        .json()
                        .path("filename")
                        .asText())
                .isEqualTo("mybackup-1.zip");
        assertThat(server.call("GET", "/api/backups/").text()).doesNotContain("mybackup");
        assertThat(server.call("GET", "/api/backups/mybackup.zip/download/").bytes())
                .isEqualTo(archive);

        Answer started = server.call("POST", "/api/backups/mybackup.zip/restore/");
        assertThat(started.text("detail")).isEqualTo("Restore started");
        assertThat(server.await(started).toString())
                .isEqualTo(
                        "{\"state\":\"completed\",\"result\":{\"status\":\"completed\",\"filename\":\"mybackup.zip\"}}");
        assertThat(server.call("DELETE", "/api/backups/mybackup.zip/delete/").status())
                .isEqualTo(204);

        assertDetail(server.upload("/api/backups/upload/", "a..zip", archive), 400, "Invalid filename.");
        assertDetail(server.call("POST", "/api/backups/upload/"), 415, unsupported("application/json"));
        assertDetail(
                server.send(
                        "POST",
                        "/api/backups/upload/",
                        "--x\r\nContent-Disposition: form-data; name=\"other\"\r\n\r\n1\r\n--x--\r\n".getBytes(UTF_8),
                        "Content-Type",
                        "multipart/form-data; boundary=x",
                        "Authorization",
                        "Bearer " + server.access),
                400,
                "No file uploaded");
        Answer nonsense = server.upload("/api/backups/upload/", "dispatcharr-backup-x.zip", "nonsense".getBytes(UTF_8));
        assertThat(nonsense.status()).isEqualTo(400);
        assertThat(nonsense.text("detail")).startsWith("Upload failed: ");
        assertThat(server.call("GET", "/api/backups/").text()).doesNotContain("dispatcharr-backup-x.zip");
    }

    private static String unsupported(String type) {
        return "Unsupported media type \"" + type + "\" in request.";
    }

    @Test
    void a_restore_of_nothing_is_refused_at_once_and_of_something_else_by_its_task() throws Exception {
        assertDetail(server.call("POST", "/api/backups/none.zip/restore/"), 404, "Backup file not found");
        assertDetail(server.call("POST", "/api/backups/a..zip/restore/"), 404, "Invalid filename");
        record Row(String name, String error) {}
        String metadata = "{\"database_type\":\"%s\",\"database_file\":\"%s\"}";
        put("nozip", "nonsense".getBytes(UTF_8));
        put("empty", zip("other.txt", "x"));
        put("nofile", zip("metadata.json", metadata.formatted("sqlite", "database.sqlite3")));
        put("postgres", zip("metadata.json", metadata.formatted("postgresql", "database.dump"), "database.dump", "x"));
        List<Row> rows = List.of(
                new Row("nozip", "File is not a zip file"),
                new Row("empty", "Invalid backup: missing metadata.json"),
                new Row("nofile", "Invalid backup: missing database.sqlite3"),
                new Row("postgres", "Database type mismatch: backup is postgresql, but current database is sqlite"));
        for (Row row : rows) {
            JsonNode end = server.await(
                    server.call("POST", "/api/backups/dispatcharr-backup-" + row.name() + ".zip/restore/"));
            assertThat(end.path("state").asText()).isEqualTo("failed");
            assertThat(end.path("error").asText()).as(row.name()).isEqualTo(row.error());
        }
        put(
                "nosqlite",
                zip("metadata.json", metadata.formatted("sqlite", "database.sqlite3"), "database.sqlite3", "nonsense"));
        JsonNode end = server.await(server.call("POST", "/api/backups/dispatcharr-backup-nosqlite.zip/restore/"));
        assertThat(end.path("error").asText()).startsWith("SQLite restore verification failed: ");
        assertThat(Bank.check(server.database())).isNotNegative();
        for (String name : List.of("nozip", "empty", "nofile", "postgres", "nosqlite")) {
            Files.delete(server.backups().resolve("dispatcharr-backup-" + name + ".zip"));
        }
    }

    private void put(String name, byte[] content) throws Exception {
        Files.write(server.backups().resolve("dispatcharr-backup-" + name + ".zip"), content);
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
    void the_schedule_is_changed_key_by_key() throws Exception {
        String update = "/api/backups/schedule/update/";
        String daily = "{\"enabled\":true,\"frequency\":\"daily\",\"time\":\"" + FarTime.OF_DAY
                + "\",\"day_of_week\":0,\"retention_count\":3,\"cron_expression\":\"\"}";
        Answer saved = server.call("PUT", update, daily);
        assertThat(saved.status()).as(saved.text()).isEqualTo(200);
        assertThat(saved.text()).isEqualTo(daily);
        assertThat(server.call("GET", "/api/backups/schedule/").text()).isEqualTo(daily);
        assertThat(planOf().path("retention").path("last").asInt()).isEqualTo(3);

        assertThat(server.call(
                                "PUT",
                                update,
                                "{\"frequency\":\"weekly\",\"time\":\"4:5\",\"day_of_week\":\"" + FarTime.DAY_OF_WEEK
                                        + "\",\"other\":1}")
                        .text())
                .isEqualTo("{\"enabled\":true,\"frequency\":\"weekly\",\"time\":\"04:05\",\"day_of_week\":"
                        + FarTime.DAY_OF_WEEK + ",\"retention_count\":3,\"cron_expression\":\"\"}");
        String weekly = "0 2 * * " + FarTime.DAY_OF_WEEK;
        assertThat(server.call("PUT", update, "{\"cron_expression\":\"" + weekly.replace("2 *", "2  *") + "\"}")
                        .json()
                        .path("cron_expression")
                        .asText())
                .isEqualTo(weekly);
        assertThat(server.call("PUT", update, "{\"enabled\":\"\"}")
                        .json()
                        .path("enabled")
                        .asBoolean())
                .isFalse();
        assertThat(server.call("PUT", update, "{\"enabled\":\"false\"}")
                        .json()
                        .path("enabled")
                        .asBoolean())
                .isTrue();
        JsonNode core = server.call("GET", "/api/core/settings/").json();
        assertThat(core.at("/0/key").asText()).isEqualTo("backup_settings");
        assertThat(core.at("/0/value").fieldNames())
                .toIterable()
                .containsExactly(
                        "schedule_enabled",
                        "schedule_frequency",
                        "schedule_time",
                        "schedule_day_of_week",
                        "retention_count",
                        "schedule_cron_expression");
        assertThat(server.call("PUT", update, daily).text()).isEqualTo(daily);
    }

    private JsonNode planOf() throws Exception {
        String token = Command.run(
                        server.options.dataDir(), "", "token", "create", "--name", "reader", "--role", "viewer")
                .replaceAll("(?s).*(hft_\\S+).*", "$1");
        return get("/api/v1/backup/plan?database=tv", "Authorization", "Bearer " + token)
                .json();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            {"frequency":"hourly"}                     | 400 | frequency must be 'daily' or 'weekly'
            {"time":"noon"}                            | 400 | time must be in HH:MM format
            {"time":"25:00"}                           | 400 | time must be in HH:MM format
            {"day_of_week":7}                          | 400 | day_of_week must be 0-6 (Sunday-Saturday)
            {"retention_count":-1}                     | 400 | retention_count must be >= 0
            {"retention_count":"abc"}                  | 400 | invalid literal for int() with base 10: 'abc'
            {"enabled":true,"cron_expression":"1 2 3"} | 400 | Cron expression must have 5 parts: minute hour day month weekday
            {"retention_count":null}                   | 500 | Failed to update schedule: int() argument must be a string, a bytes-like object or a real number, not 'NoneType'
            """)
    void a_schedule_that_does_not_fit_changes_nothing(String body, int status, String detail) throws Exception {
        String before = server.call("GET", "/api/backups/schedule/").text();
        assertDetail(server.call("PUT", "/api/backups/schedule/update/", body), status, detail);
        assertThat(server.call("GET", "/api/backups/schedule/").text()).isEqualTo(before);
    }

    @Test
    void a_schedule_that_cannot_be_read_is_refused() throws Exception {
        String update = "/api/backups/schedule/update/";
        Answer malformed = server.call("PUT", update, "{");
        assertThat(malformed.status()).isEqualTo(500);
        assertThat(malformed.text("detail")).startsWith("Failed to update schedule: JSON parse error - ");
        Answer text = server.send(
                "PUT",
                update,
                "x".getBytes(UTF_8),
                "Content-Type",
                "text/plain",
                "Authorization",
                "Bearer " + server.access);
        assertDetail(text, 500, "Failed to update schedule: " + unsupported("text/plain"));
        Answer wrongCron = server.call("PUT", update, "{\"enabled\":true,\"cron_expression\":\"99 * * * *\"}");
        assertThat(wrongCron.status()).isEqualTo(400);
        assertThat(wrongCron.text("detail")).contains("99");
    }

    @Test
    void addresses_that_there_are_not_get_the_page_and_wrong_methods_are_told() throws Exception {
        for (String path : List.of(
                "/api/backups", "/api/none/", "/api/backups/a%2Fb/download/", "/dispatcharr/api/backups", "/api")) {
            Answer page = server.call("GET", path);
            assertThat(page.status()).as(path).isEqualTo(200);
            assertThat(page.header("Content-Type")).startsWith("text/html");
        }
        assertThat(server.call("POST", "/api/backups/create").status()).isEqualTo(405);
        assertDetail(server.call("POST", "/api/backups/"), 405, "Method \"POST\" not allowed.");
        assertDetail(
                get("/api/backups/", "Accept", "application/zip"), 406, "Could not satisfy the request Accept header.");
        Answer html = get("/api/backups/", "Accept", "text/html", "Authorization", "Bearer " + server.access);
        assertThat(html.status()).isEqualTo(200);
        assertThat(html.header("Content-Type")).startsWith("text/html");
        assertThat(html.text()).contains(kept);
        assertThat(server.call("GET", "/dispatcharr/api/backups/").json())
                .isEqualTo(server.call("GET", "/api/backups/").json());
    }

    @Test
    void pages_of_all_origins_may_call() throws Exception {
        assertThat(server.call("GET", "/api/backups/").header("Access-Control-Allow-Origin"))
                .isEqualTo("*");
        Answer preflight = server.send(
                "OPTIONS",
                "/api/backups/create/",
                new byte[0],
                "Origin",
                "http://tv.example",
                "Access-Control-Request-Method",
                "POST",
                "Access-Control-Request-Headers",
                "authorization");
        assertThat(preflight.status()).isEqualTo(200);
        assertThat(preflight.header("Access-Control-Allow-Headers")).isEqualTo("authorization");
        assertThat(preflight.header("Access-Control-Allow-Methods")).contains("POST");
    }
}
