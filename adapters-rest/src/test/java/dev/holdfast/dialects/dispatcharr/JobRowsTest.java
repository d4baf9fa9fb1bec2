package dev.holdfast.dialects.dispatcharr;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.application.Outcome;
import dev.holdfast.application.operation.OperationRequest;
import dev.holdfast.application.operation.Requester;
import dev.holdfast.domain.backup.Layout;
import dev.holdfast.domain.identity.BackupKey;
import dev.holdfast.domain.identity.DatabaseName;
import dev.holdfast.domain.identity.OperationId;
import dev.holdfast.domain.operation.OperationKind;
import dev.holdfast.domain.operation.OperationState;
import dev.holdfast.domain.problem.Problem;
import dev.holdfast.domain.problem.ProblemException;
import dev.holdfast.http.dialect.HttpCalls.Answer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Every field of a job in each of its states, and what may be done with it there. */
@Tag("adapter")
@DisplayNameGeneration(ReplaceUnderscores.class)
@Timeout(60)
class JobRowsTest {
    private static final String JOBS = "/api/backups/jobs/";
    private static final String UPLOAD = "/api/backups/jobs/restore-upload/";
    private static final String FILE = "dispatcharr-backup-20260215T102030Z.tar.gz";
    private static final String BEGUN = "\"2026-02-15T10:20:30.123456Z\"";
    private static final String LATER = "\"2026-02-15T10:20:31.123456Z\"";
    private static final String ONLY_BACKUPS = "Only backup jobs can be restored.";
    private static final String ONLY_SUCCESSFUL = "Only successful backups can be restored.";
    private static final String NOT_CANCELED = "This job cannot be canceled.";
    private static final String NO_ARCHIVES = "Only backup jobs have downloadable archives.";
    private static final String NO_FILE = "Backup file not found";

    private DispatcharrServerFixture server;

    @BeforeEach
    void start() {
        server = new DispatcharrServerFixture(true);
    }

    @AfterEach
    void stop() {
        server.close();
    }

    private static void assertText(Answer answer, int status, String text) {
        assertThat(answer.status()).as(answer.text()).isEqualTo(status);
        assertThat(answer.header("Content-Type")).isEqualTo("application/json");
        assertThat(answer.text()).isEqualTo(text);
    }

    private static void assertDetail(Answer answer, int status, String detail) {
        assertText(answer, status, "{\"detail\":\"" + detail.replace("\"", "\\\"") + "\"}");
    }

    /** All that can be asked of a job but to delete it, or of one that has a file. */
    private void assertRefused(String path, int download, String noDownload, String noRestore, String noCancel)
            throws Exception {
        assertDetail(server.get(path + "download/"), download, noDownload);
        assertDetail(server.call("POST", path + "restore/", ""), 400, noRestore);
        assertDetail(server.call("POST", path + "cancel/", ""), 400, noCancel);
    }

    private void delete(String path) throws Exception {
        Answer answer = server.call("DELETE", path, "");
        assertThat(answer.status()).as(answer.text()).isEqualTo(204);
        assertThat(answer.text()).isEmpty();
        for (String call : List.of("", "download/")) {
            assertDetail(server.get(path + call), 404, "Not found.");
        }
        assertDetail(server.call("DELETE", path, ""), 404, "Not found.");
    }

    private List<String> ids() throws Exception {
        var ids = new ArrayList<String>();
        server.get(JOBS)
                .json()
                .values()
                .forEach(it -> ids.add(requireNonNull(it.get("id")).coerceStringValue()));
        return ids;
    }

    private static String job(String status, String file, String size, String end, boolean download, boolean cancel) {
        return "{\"id\":1,\"job_type\":\"backup\",\"status\":\"" + status + "\",\"scheduled\":false,"
                + "\"requested_by\":\"ann\",\"file_path\":\"" + file + "\",\"file_name\":\"" + file + "\","
                + "\"file_size\":" + size + ",\"original_filename\":\"" + file + "\",\"celery_task_id\":\"op-1\","
                + "\"error_message\":\"\",\"created_at\":" + BEGUN + ",\"updated_at\":"
                + (end.equals("null") ? BEGUN : end) + ",\"completed_at\":" + end + ",\"can_download\":" + download
                + ",\"can_cancel\":" + cancel + ",\"can_delete\":" + !status.equals("running") + "}";
    }

    @Test
    void a_backup_is_pending_then_running_then_succeeded() throws Exception {
        assertText(server.get(JOBS), 200, "[]");
        server.database.text.hold();
        Answer begun = server.call("POST", JOBS, "");
        assertText(begun, 202, job("pending", "", "null", "null", false, true));
        server.database.text.awaitHeld();
        assertText(server.get(JOBS + "1/"), 200, job("running", "", "null", "null", false, true));
        assertDetail(server.call("DELETE", JOBS + "1/", ""), 400, "Running jobs cannot be deleted.");
        assertDetail(server.get(JOBS + "1/download/"), 404, NO_FILE);
        assertDetail(server.call("POST", JOBS + "1/restore/", ""), 400, ONLY_SUCCESSFUL);
        server.clock.advance(Duration.ofSeconds(1));
        server.database.text.release();
        String succeeded =
                job("succeeded", FILE, "12", LATER, true, false).replace("20260215T102030Z", "20260215T102031Z");
        assertText(server.finished(begun), 200, succeeded);
        assertText(server.get(JOBS), 200, "[" + succeeded + "]");
        assertDetail(server.call("POST", JOBS + "1/cancel/", ""), 400, NOT_CANCELED);

        Answer download = server.get(JOBS + "1/download/");
        assertThat(download.status()).isEqualTo(200);
        assertThat(download.text().getBytes(ISO_8859_1))
                .isEqualTo(server.database.text.archive(Layout.DISPATCHARR_TAR_GZ));
        assertThat(download.header("Content-Disposition"))
                .isEqualTo("attachment; filename=\"dispatcharr-backup-20260215T102031Z.tar.gz\"");
        assertDetail(
                server.send("GET", JOBS + "1/download/?token=" + "0".repeat(32), ""),
                401,
                "Authentication credentials were not provided.");
        delete(JOBS + "1/");
        assertThat(server.store.list()).isEmpty();
        assertText(server.get(JOBS), 200, "[]");
    }

    /** Four operations of other databases run, and no more run at a time. */
    @Test
    void a_job_that_waits_for_its_turn_can_be_deleted_and_then_never_runs() throws Exception {
        server.finished(server.call("POST", JOBS, ""));
        var turn = new CountDownLatch(1);
        var running = new CountDownLatch(4);
        for (int i = 0; i < 4; i++) {
            var other = new OperationRequest(
                    OperationKind.BACKUP,
                    new DatabaseName("other" + i),
                    Optional.empty(),
                    "",
                    new Requester("otto", Optional.empty()));
            server.database.runner.start(other, _ -> {
                running.countDown();
                turn.await();
                return Outcome.refused(new Problem.SourceBusy("It is over."));
            });
        }
        try {
            running.await();
            for (String path : List.of(JOBS, JOBS + "1/restore/")) {
                Answer waiting = server.call("POST", path, "");
                String job = JOBS + waiting.at("id") + "/";
                assertThat(server.get(job).at("status")).isEqualTo("pending");
                assertThat(server.get(job).at("can_delete")).isEqualTo("true");
                delete(job);
                assertThat(server.database
                                .runner
                                .awaitEnd(new OperationId(waiting.at("celery_task_id")))
                                .state())
                        .isEqualTo(OperationState.CANCELLED);
            }
        } finally {
            turn.countDown();
        }
        assertThat(server.store.list()).extracting(it -> it.key().value()).containsExactly(FILE);
    }

    @Test
    void a_backup_that_is_canceled_leaves_no_file_and_one_that_fails_its_reason() throws Exception {
        server.database.text.hold();
        server.call("POST", JOBS, "");
        server.database.text.awaitHeld();
        assertText(server.call("POST", JOBS + "1/cancel/", ""), 200, job("canceled", "", "null", BEGUN, false, false));
        assertText(server.get(JOBS + "1/"), 200, job("canceled", "", "null", BEGUN, false, false));
        assertRefused(JOBS + "1/", 404, NO_FILE, ONLY_SUCCESSFUL, NOT_CANCELED);
        assertThat(server.store.list()).isEmpty();
        delete(JOBS + "1/");

        server.database.recover();
        server.database.text.trouble = Optional.of(new Problem.SourceBusy("Somebody writes."));
        assertText(
                server.finished(server.call("POST", JOBS, "")),
                200,
                job("failed", "", "null", BEGUN, false, false)
                        .replace("\"id\":1", "\"id\":2")
                        .replace("op-1", "op-2")
                        .replace("\"error_message\":\"\"", "\"error_message\":\"Somebody writes.\""));
        assertRefused(JOBS + "2/", 404, NO_FILE, ONLY_SUCCESSFUL, NOT_CANCELED);
        delete(JOBS + "2/");
    }

    @Test
    void a_restore_is_a_job_with_the_same_path_that_nobody_stops() throws Exception {
        server.finished(server.call("POST", JOBS, ""));
        server.clock.advance(Duration.ofSeconds(1));
        server.database.text.hold();
        Answer begun = server.call("POST", JOBS + "1/restore/", "");
        server.database.text.awaitHeld();
        String restore = job("pending", FILE, "null", "null", false, false)
                .replace("\"id\":1,\"job_type\":\"backup\"", "\"id\":2,\"job_type\":\"restore\"")
                .replace("op-1", "op-2")
                .replace(BEGUN, LATER);
        assertText(begun, 202, restore);
        assertText(
                server.get(JOBS + "2/"),
                200,
                restore.replace("pending", "running").replace("\"can_delete\":true", "\"can_delete\":false"));
        assertRefused(JOBS + "2/", 400, NO_ARCHIVES, ONLY_BACKUPS, NOT_CANCELED);
        assertDetail(server.call("DELETE", JOBS + "2/", ""), 400, "Running jobs cannot be deleted.");
        assertDetail(
                server.call("DELETE", JOBS + "1/", ""),
                409,
                "Delete failed: Backup \"" + FILE
                        + "\" is being read by a download, restore or verification; try again later.");
        assertDetail(
                server.call("POST", JOBS + "1/restore/", ""),
                409,
                "Failed to start restore: Operation op-2 is still running on database \"tv\"; ask again when it has"
                        + " ended, or cancel it.");
        server.database.text.release();
        Answer end = server.finished(begun);
        assertThat(end.at("status")).isEqualTo("succeeded");
        assertThat(end.at("file_size")).isEqualTo("null");
        assertThat(end.at("can_download")).isEqualTo("false");
        assertRefused(JOBS + "2/", 400, NO_ARCHIVES, ONLY_BACKUPS, NOT_CANCELED);
        assertThat(ids()).as("the newest first").containsExactly("2", "1");
        delete(JOBS + "2/");
        assertThat(server.get(JOBS + "1/").at("can_download"))
                .as("what it read stays")
                .isEqualTo("true");
    }

    @Test
    void a_job_whose_backup_is_gone_has_nothing_to_give() throws Exception {
        server.finished(server.call("POST", JOBS, ""));
        server.store.delete(new BackupKey(FILE));
        assertGone();
        server.put(FILE); // what has the name now is another one
        assertGone();
        delete(JOBS + "1/");
        assertThat(server.store.find(new BackupKey(FILE))).isPresent();
    }

    /** The archives of both APIs, and the records of the backups alone. */
    @Test
    void a_backup_that_retention_removes_takes_its_record_with_it() throws Exception {
        server.finished(server.call("POST", JOBS, ""));
        server.clock.advance(Duration.ofSeconds(1));
        server.ended(server.call("POST", "/api/backups/" + FILE + "/restore/", ""));
        server.clock.advance(Duration.ofSeconds(1));
        String zip = server.create();
        server.clock.advance(Duration.ofSeconds(1));
        String settings = server.get("/api/backups/settings/").text().replace("\"retention\":0", "\"retention\":1");
        assertThat(server.call("PUT", "/api/backups/settings/", settings).status())
                .isEqualTo(200);
        // Jobs are not asked for while the backups go: an answer, also that to this call, would remove their records.
        server.database.text.hold();
        server.call("POST", JOBS, "");
        server.database.text.awaitHeld();
        server.database.text.release();
        awaitGone(new BackupKey(FILE));
        awaitGone(new BackupKey(zip));
        server.database.settle();
        var unavailable = new ProblemException(new Problem.StoreUnavailable("The disk does not answer."));
        server.database.askedStore.fail(unavailable);
        assertThat(ids()).as("as long as nothing says that they are gone").containsExactly("4", "3", "2", "1");
        server.database.recover();
        assertThat(ids()).as("what read a backup stays").containsExactly("4", "2");
        assertThat(ids()).containsExactly("4", "2");
        for (String job : List.of("1/", "3/")) {
            assertDetail(server.get(JOBS + job), 404, "Not found.");
        }
        assertThat(server.get(JOBS + "4/").at("can_download")).isEqualTo("true");
    }

    private void awaitGone(BackupKey key) {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
        while (server.store.find(key).isPresent() && System.nanoTime() < end) {
            Thread.onSpinWait();
        }
        assertThat(server.store.find(key)).isEmpty();
    }

    private void assertGone() throws Exception {
        assertThat(server.get(JOBS + "1/").at("can_download")).isEqualTo("false");
        assertThat(server.get(JOBS).at("0.can_download")).isEqualTo("false");
        assertDetail(server.get(JOBS + "1/download/"), 404, NO_FILE);
        assertDetail(server.call("POST", JOBS + "1/restore/", ""), 404, NO_FILE);
    }

    @Test
    void all_backups_and_restores_of_the_database_are_jobs() throws Exception {
        String zip = server.create();
        server.clock.advance(Duration.ofSeconds(1));
        server.ended(server.call("POST", "/api/backups/" + zip + "/restore/", ""));
        server.clock.advance(Duration.ofSeconds(1));
        server.upload("/api/backups/upload/", "mine.zip", server.archive());
        server.finished(server.call("POST", JOBS, ""));
        Answer jobs = server.get(JOBS);
        assertThat(ids()).as("an upload alone is none").containsExactly("3", "2", "1");
        assertThat(jobs.at("2.file_name")).isEqualTo(zip);
        assertThat(jobs.at("1.job_type")).isEqualTo("restore");
        assertThat(jobs.at("1.file_name")).isEqualTo(zip);
        server.store.update(new BackupKey(zip), it -> it.withPinned(true));
        assertDetail(
                server.call("DELETE", JOBS + "1/", ""),
                409,
                "Delete failed: Backup \"" + zip + "\" is pinned; unpin it first.");
        // Its task is known to both APIs.
        assertThat(server.get("/api/backups/status/" + jobs.at("0.celery_task_id") + "/")
                        .at("state"))
                .isEqualTo("completed");
    }

    @Test
    void an_upload_is_kept_and_restored_and_gets_one_job() throws Exception {
        byte[] archive = server.database.text.archive(Layout.DISPATCHARR_TAR_GZ);
        record Row(String sent, String kept) {}
        List<Row> rows = List.of(
                new Row("x.tar.gz", "x.tar.gz"),
                new Row("x.tar.gz", "x-1.tar.gz"),
                new Row("x.tar.gz", "x-2.tar.gz"),
                new Row("of.two.tar.gz", "of.two.tar.gz"),
                new Row("of.two.tar.gz", "of.two-1.tar.gz"),
                new Row("x.tgz", "dispatcharr-backup-20260215T102035Z.tar.gz"));
        for (Row row : rows) {
            Answer begun = server.upload(UPLOAD, row.sent(), archive);
            assertThat(begun.status()).as(begun.text()).isEqualTo(202);
            assertThat(begun.at("job_type")).isEqualTo("restore");
            assertThat(begun.at("status")).isEqualTo("pending");
            assertThat(begun.at("file_path")).isEqualTo(row.kept());
            assertThat(begun.at("original_filename")).isEqualTo(row.sent());
            Answer end = server.finished(begun);
            assertThat(end.at("status")).as(end.text()).isEqualTo("succeeded");
            assertThat(end.at("original_filename")).isEqualTo(row.sent());
            assertThat(server.store.find(new BackupKey(row.kept()))).isPresent();
            server.clock.advance(Duration.ofSeconds(1));
        }
        assertThat(ids()).containsExactly("6", "5", "4", "3", "2", "1");
        Answer zip = server.finished(server.upload(UPLOAD, "released.zip", server.archive()));
        assertThat(zip.at("status")).as("archives of the released API, too").isEqualTo("succeeded");
    }

    @Test
    void an_upload_that_cannot_be_restored_is_a_job_that_failed() throws Exception {
        String failed = "{\"id\":1,\"job_type\":\"restore\",\"status\":\"failed\",\"scheduled\":false,"
                + "\"requested_by\":\"ann\",\"file_path\":\"\",\"file_name\":\"\",\"file_size\":null,"
                + "\"original_filename\":\"x.tar.gz\",\"celery_task_id\":\"\",\"error_message\":\"The file is neither a"
                + " SQLite database nor an archive with one that is known here, or its end is missing.\","
                + "\"created_at\":\"2026-02-15T10:20:30.123000Z\",\"updated_at\":\"2026-02-15T10:20:30.123000Z\","
                + "\"completed_at\":\"2026-02-15T10:20:30.123000Z\",\"can_download\":false,\"can_cancel\":false,"
                + "\"can_delete\":true}";
        assertText(server.upload(UPLOAD, "x.tar.gz", "nonsense".getBytes(ISO_8859_1)), 202, failed);
        assertText(server.get(JOBS), 200, "[" + failed + "]");
        assertRefused(JOBS + "1/", 400, NO_ARCHIVES, ONLY_BACKUPS, NOT_CANCELED);
        delete(JOBS + "1/");

        server.database.text.hold();
        server.call("POST", JOBS, "");
        server.database.text.awaitHeld();
        byte[] archive = server.database.text.archive(Layout.DISPATCHARR_TAR_GZ);
        Answer busy = server.upload(UPLOAD, "y.tar.gz", archive);
        assertThat(busy.status()).isEqualTo(202);
        assertThat(busy.at("status")).isEqualTo("failed");
        assertThat(busy.at("error_message"))
                .isEqualTo("Operation op-2 is still running on database \"tv\"; ask again when it has ended, or cancel"
                        + " it.");
        server.database.text.release();
        server.database.settle();

        assertDetail(server.upload(UPLOAD, "", archive), 400, "No archive uploaded.");
        assertDetail(server.upload(UPLOAD, "a..tar.gz", archive), 400, "Invalid filename.");
        assertDetail(server.call("POST", UPLOAD, ""), 415, "Unsupported media type \"application/json\" in request.");
    }
}
