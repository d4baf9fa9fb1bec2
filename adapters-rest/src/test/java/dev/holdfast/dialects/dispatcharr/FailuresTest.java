package dev.holdfast.dialects.dispatcharr;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.application.archive.UnpackResult;
import dev.holdfast.domain.backup.Layout;
import dev.holdfast.domain.identity.BackupKey;
import dev.holdfast.domain.identity.DatabaseName;
import dev.holdfast.domain.problem.Problem;
import dev.holdfast.domain.problem.ProblemException;
import dev.holdfast.http.dialect.Failing;
import dev.holdfast.http.dialect.HttpCalls.Answer;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What clients are told where something fails that is not theirs. */
@Tag("adapter")
@DisplayNameGeneration(ReplaceUnderscores.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Timeout(60)
class FailuresTest {
    private static final String JOBS = "/api/backups/jobs/";
    private static final String NO_DUMP = "Backup archive missing database dump";
    private static final String UNFORESEEN = "Something went wrong inside the server; its log has the cause.";

    /** What a port throws, and what of it a client may read. */
    private static final Map<RuntimeException, String> TROUBLES = Map.of(
            new ProblemException(new Problem.StoreUnavailable("The disk is full.")), "The disk is full.",
            new ProblemException(new Problem.Internal(new IOException("/srv/secret is odd"))), UNFORESEEN,
            new IllegalStateException("/srv/secret is odd"), UNFORESEEN);

    private final DispatcharrServerFixture server = new DispatcharrServerFixture(true);
    private String name;
    private Answer task;
    private long job;

    @BeforeAll
    void makeBackups() throws Exception {
        task = server.call("POST", "/api/backups/create/", "");
        name = server.ended(task).at("result.filename");
        job = Long.parseLong(server.finished(server.call("POST", JOBS, "")).at("id"));
    }

    @AfterEach
    void recover() throws Exception {
        server.database.recover();
        server.database.settle();
    }

    @AfterAll
    void stop() {
        server.close();
    }

    private static void assertDetail(Answer answer, int status, String detail) {
        assertThat(answer.status()).as(answer.text()).isEqualTo(status);
        assertThat(answer.header("Content-Type")).isEqualTo("application/json");
        assertThat(answer.text()).isEqualTo("{\"detail\":\"" + detail.replace("\"", "\\\"") + "\"}");
    }

    private Failing<?> port(String port) {
        return switch (port) {
            case "store" -> server.database.askedStore;
            case "log" -> server.database.askedLog;
            case "operations" -> server.database.askedOperations;
            case "documents" -> server.database.askedDocuments;
            case "plans" -> server.database.askedPlans;
            default -> throw new IllegalArgumentException("port: " + port + " (expected: one of those above)");
        };
    }

    @ParameterizedTest(name = "{0} {1} where {2}.{3} fails: {4}")
    @CsvSource({
        "GET, /api/backups/, store, list, Failed to list backups",
        "POST, /api/backups/create/, log, save, Failed to start backup",
        "POST, /api/backups/jobs/, log, save, Failed to start backup",
        "GET, /api/backups/status/TASK/, log, find, Failed to get task status",
        "GET, /api/backups/status/TASK/, operations, find, Failed to get task status",
        "GET, /api/backups/NAME/download-token/, store, find, Failed to generate token",
        "GET, /api/backups/NAME/download/, store, find, Download failed",
        "GET, /api/backups/NAME/download/, store, open, Download failed",
        "GET, /api/backups/jobs/JOB/download/, store, open, Download failed",
        "DELETE, /api/backups/NAME/delete/, store, delete, Delete failed",
        "DELETE, /api/backups/jobs/JOB/, store, delete, Delete failed",
        "POST, /api/backups/NAME/restore/, store, find, Failed to start restore",
        "POST, /api/backups/NAME/restore/, log, save, Failed to start restore",
        "POST, /api/backups/jobs/JOB/restore/, log, save, Failed to start restore",
        "GET, /api/backups/schedule/, plans, find, Failed to get schedule",
        "GET, /api/backups/schedule/, documents, find, Failed to get schedule",
        "PUT, /api/backups/schedule/update/, plans, find, Failed to update schedule",
        "PUT, /api/backups/schedule/update/, plans, change, Failed to update schedule",
        "GET, /api/backups/jobs/, operations, list,",
        "GET, /api/backups/settings/, plans, find,",
        "PUT, /api/backups/settings/, plans, change,",
    })
    void what_nobody_foresaw_is_500_with_what_was_tried(
            String method, String path, String port, String failing, String prefix) throws Exception {
        String body = method.equals("PUT") ? path.contains("settings") ? settings() : "{\"retention_count\":7}" : "";
        server.get("/api/backups/"); // signs in
        for (var trouble : TROUBLES.entrySet()) {
            port(port).fail(failing, trouble.getKey());
            Answer answer = server.call(
                    method,
                    path.replace("NAME", name)
                            .replace("TASK", task.at("task_id"))
                            .replace("JOB", Long.toString(job)),
                    body);
            assertDetail(answer, 500, (prefix == null ? "" : prefix + ": ") + trouble.getValue());
        }
        server.database.recover();
        assertThat(server.get("/api/backups/").text()).contains(name);
        assertThat(server.get("/api/backups/schedule/").at("retention_count")).isEqualTo("0");
    }

    private String settings() throws Exception {
        return server.get("/api/backups/settings/").text().replace("\"retention\":0", "\"retention\":7");
    }

    @Test
    void a_schedule_that_cannot_be_kept_beside_the_plan_is_500() throws Exception {
        for (var trouble : TROUBLES.entrySet()) {
            server.database.askedDocuments.fail("keep", trouble.getKey());
            assertDetail(
                    server.call("PUT", "/api/backups/schedule/update/", "{\"time\":\"05:00\"}"),
                    500,
                    "Failed to update schedule: " + trouble.getValue());
        }
        server.database.recover();
        assertThat(server.get("/api/backups/schedule/").at("time")).isEqualTo("03:00");
    }

    @Test
    void a_token_in_the_address_is_told_the_same() throws Exception {
        String download =
                server.get("/api/backups/" + name + "/download-token/").at("token");
        server.database.askedStore.fail("open", new IllegalStateException("/srv/secret is odd"));
        server.database.askedLog.fail("find", new IllegalStateException("/srv/secret is odd"));
        assertDetail(
                server.send("GET", "/api/backups/" + name + "/download/?token=" + download, ""),
                500,
                "Download failed: " + UNFORESEEN);
        assertDetail(server.polled(task), 500, "Failed to get task status: " + UNFORESEEN);
    }

    @Test
    void what_could_not_be_opened_is_nobodys_to_read_and_can_be_deleted() throws Exception {
        String other = server.create();
        for (RuntimeException trouble : TROUBLES.keySet()) {
            server.database.askedStore.fail("open", trouble);
            assertThat(server.get("/api/backups/" + other + "/download/").status())
                    .isEqualTo(500);
        }
        assertThat(server.call("DELETE", "/api/backups/" + other + "/delete/", "")
                        .status())
                .isEqualTo(204);
    }

    @Test
    void an_upload_that_cannot_be_kept_is_500() throws Exception {
        for (var trouble : TROUBLES.entrySet()) {
            for (Failing<?> port : List.of(server.database.askedLog, server.database.askedStore)) {
                port.fail(port == server.database.askedLog ? "save" : "stage", trouble.getKey());
                assertDetail(
                        server.upload("/api/backups/upload/", "mine.zip", server.archive()),
                        500,
                        "Upload failed: " + trouble.getValue());
                port.recover();
            }
        }
        assertThat(server.get("/api/backups/mine.zip/download-token/").status()).isEqualTo(404);
    }

    @Test
    void a_job_that_cannot_be_asked_to_stop_is_500() throws Exception {
        server.database.text.hold();
        String path = JOBS + server.call("POST", JOBS, "").at("id") + "/";
        for (var trouble : TROUBLES.entrySet()) {
            server.database.askedOperations.fail("cancel", trouble.getKey());
            assertDetail(server.call("POST", path + "cancel/", ""), 500, "Failed to cancel job: " + trouble.getValue());
        }
        server.database.askedOperations.recover();
        assertThat(server.get(path).at("can_cancel")).isEqualTo("true");
        assertThat(server.call("POST", path + "cancel/", "").at("status")).isEqualTo("canceled");
    }

    @Test
    void a_task_that_failed_is_a_state_with_its_reason_and_no_status_of_http() throws Exception {
        record Row(Problem problem, String error) {}
        for (Row row : List.of(
                new Row(new Problem.SourceBusy("Somebody writes."), "Somebody writes."),
                new Row(new Problem.SourceBusy(" "), "Unknown error"),
                new Row(new Problem.Internal(new IOException("/srv/secret is odd")), UNFORESEEN))) {
            server.database.text.trouble = Optional.of(row.problem());
            Answer end = server.ended(server.call("POST", "/api/backups/create/", ""));
            assertThat(end.status()).isEqualTo(200);
            assertThat(end.text()).isEqualTo("{\"state\":\"failed\",\"error\":\"" + row.error() + "\"}");
            Answer failed = server.finished(server.call("POST", JOBS, ""));
            assertThat(failed.at("status")).isEqualTo("failed");
            assertThat(failed.at("error_message")).isEqualTo(row.error());
        }
    }

    @Test
    void a_backup_of_another_database_is_refused_at_once() throws Exception {
        String name = server.create();
        server.store.add(server.store
                .find(new BackupKey(name))
                .orElseThrow()
                .inStoreOf(new DatabaseName("tv"), Optional.of(new DatabaseName("shop"))));

        var before = server.store.list();

        Answer refused = server.call("POST", "/api/backups/" + name + "/restore/", "");

        assertThat(refused.status()).isEqualTo(500);
        assertThat(refused.at("detail"))
                .startsWith("Failed to start restore: Backup")
                .contains("database \"shop\"");
        assertThat(server.store.list()).as("without a safety backup").isEqualTo(before);
        server.store.delete(new BackupKey(name));
    }

    @Test
    void an_archive_that_is_gone_by_the_time_it_is_read_is_not_found() throws Exception {
        server.put("gone.tar.gz");
        server.database.askedStore.instead("open", Optional::empty);
        Answer end = server.ended(server.call("POST", "/api/backups/gone.tar.gz/restore/", ""));
        assertThat(end.text()).isEqualTo("{\"state\":\"failed\",\"error\":\"Archive file not found for restore\"}");
        server.store.delete(new BackupKey("gone.tar.gz"));
    }

    @Test
    void an_upload_that_is_no_archive_is_told_by_what_it_holds_and_not_by_its_name() throws Exception {
        record Row(String content, Optional<UnpackResult> finding, String error, String detail) {}
        String unknown = "The file is neither a SQLite database nor an archive with one that is known here, or its end"
                + " is missing.";
        String outside = "a member's name leads out of the archive: \"../logos\"";
        Optional<UnpackResult> unfit = Optional.of(new UnpackResult.Invalid(outside));
        String tar = new String(server.database.text.archive(Layout.DISPATCHARR_TAR_GZ), ISO_8859_1);
        for (Row row : List.of(
                new Row("nonsense", Optional.empty(), unknown, unknown),
                new Row("\u001f\u008b of something else", Optional.empty(), NO_DUMP, unknown),
                new Row(tar, unfit, "Archive contains invalid paths", outside))) {
            server.database.text.finding = row.finding();
            for (String filename : List.of("x.tar.gz", "x.tgz", "x.tar")) {
                byte[] content = row.content().getBytes(ISO_8859_1);
                Answer failed = server.upload(JOBS + "restore-upload/", filename, content);
                assertThat(failed.status()).isEqualTo(202);
                assertThat(failed.at("status")).isEqualTo("failed");
                assertThat(failed.at("error_message")).isEqualTo(row.error());
                assertThat(failed.at("original_filename")).isEqualTo(filename);
                assertDetail(
                        server.upload("/api/backups/upload/", filename, content),
                        400,
                        "Upload failed: " + row.detail());
            }
        }
    }
}
