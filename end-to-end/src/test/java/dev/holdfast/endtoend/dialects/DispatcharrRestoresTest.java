package dev.holdfast.endtoend.dialects;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.holdfast.endtoend.server.Client.Answer;
import dev.holdfast.endtoend.writers.Bank;
import java.io.ByteArrayOutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Uploads and restores over Dispatcharr's APIs: what is accepted, what is restored, and why not. */
@Tag("process")
@DisplayNameGeneration(ReplaceUnderscores.class)
@Timeout(120)
class DispatcharrRestoresTest extends DispatcharrCalls {
    private String kept;

    @BeforeAll
    void create() throws Exception {
        kept = server.create();
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
}
