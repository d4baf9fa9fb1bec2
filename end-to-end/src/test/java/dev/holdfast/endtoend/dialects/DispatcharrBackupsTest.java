package dev.holdfast.endtoend.dialects;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.holdfast.endtoend.server.Client.Answer;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Backups over Dispatcharr's released API: making, listing, downloading and deleting them. */
@Tag("process")
@DisplayNameGeneration(ReplaceUnderscores.class)
@Timeout(120)
class DispatcharrBackupsTest extends DispatcharrCalls {
    private static final String NAME = "dispatcharr-backup-\\d{4}(\\.\\d{2}){5}(-\\d+)?\\.zip";

    private String kept;

    @BeforeAll
    void create() throws Exception {
        kept = server.create();
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
