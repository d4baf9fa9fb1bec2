package dev.holdfast.dialects.dispatcharr;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.domain.backup.Layout;
import dev.holdfast.domain.identity.BackupKey;
import dev.holdfast.domain.problem.Problem;
import dev.holdfast.http.dialect.HttpCalls.Answer;
import dev.holdfast.http.dialect.ServedDatabase;
import java.net.http.HttpRequest.BodyPublishers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Rows of the released API's contract for which a clock has to be set, or an operation to wait. */
@Tag("adapter")
class DispatcharrContractRowsTest extends DispatcharrRowsFixture {
    private static final String UPLOAD = "/api/backups/upload/";
    private static final String UPDATE = "/api/backups/schedule/update/";
    private static final String JOBS = "/api/backups/jobs/";

    private List<String> listed() throws Exception {
        var names = new ArrayList<String>();
        server.get(BACKUPS)
                .json()
                .values()
                .forEach(it -> names.add(requireNonNull(it.get("name")).getStringValue()));
        return names;
    }

    private void delete(String name) throws Exception {
        Answer answer = server.call("DELETE", BACKUPS + name + "/delete/", "");
        assertThat(answer.status()).as(answer.text()).isEqualTo(204);
        assertThat(answer.text()).isEmpty();
    }

    @Test
    void a_backup_is_listed_once_it_is_whole_and_nothing_else_begins_before() throws Exception {
        server.put("other.zip");
        server.put("third.zip");
        server.database.text.hold();
        Answer started = server.call("POST", CREATE, "");
        assertThat(started.text())
                .matches("\\{\"detail\":\"Backup started\",\"task_id\":\"op-1\",\"task_token\":\"[0-9a-f]{32}\"}");
        server.database.text.awaitHeld();
        assertThat(server.polled(started).text()).isEqualTo("{\"state\":\"pending\"}");
        assertThat(server.get(BACKUPS).text()).isEqualTo("[]");
        String running =
                "Operation op-1 is still running on database \"tv\"; ask again when it has ended, or cancel it.";
        assertDetail(server.call("POST", CREATE, ""), 409, "Failed to start backup: " + running);
        assertDetail(server.call("POST", JOBS, ""), 409, "Failed to start backup: " + running);
        assertDetail(
                server.call("POST", BACKUPS + "other.zip/restore/", ""), 409, "Failed to start restore: " + running);
        assertThat(server.upload(UPLOAD, "sent.zip", server.archive()).status()).isEqualTo(201);
        delete("other.zip");

        server.database.text.release();
        assertThat(server.ended(started).text())
                .isEqualTo("{\"state\":\"completed\",\"result\":{\"status\":\"completed\",\"filename\":\"" + FIRST
                        + "\",\"size\":12}}");
        assertThat(server.get(BACKUPS).text())
                .isEqualTo(
                        "[{\"name\":\"" + FIRST + "\",\"size\":12,\"created\":\"2026-02-15T10:20:30.123456+00:00\"}]");
    }

    @Test
    void two_backups_of_one_second_have_two_names_in_utc() throws Exception {
        server.database.askedPlans.port().change("tv", Map.of("time_zone", Optional.of("Europe/Berlin")), "ann");
        assertThat(server.create()).isEqualTo(FIRST);
        server.clock.advance(Duration.ofNanos(876_544_000 - 1));
        assertThat(server.create()).isEqualTo("dispatcharr-backup-2026.02.15.10.20.30-1.zip");
        server.clock.advance(Duration.ofNanos(1));
        assertThat(server.create()).isEqualTo("dispatcharr-backup-2026.02.15.10.20.31.zip");
        assertThat(server.get(BACKUPS).at("0.created")).isEqualTo("2026-02-15T10:20:31+00:00");
        for (String name :
                List.of("dispatcharr-backup-20260215T102031Z.tar.gz", "dispatcharr-backup-20260215T102031Z-1.tar.gz")) {
            Answer job = server.finished(server.call("POST", JOBS, ""));
            assertThat(job.at("file_name")).isEqualTo(name);
        }
    }

    @Test
    void what_is_read_or_pinned_is_not_deleted() throws Exception {
        String read = server.create();
        String other = server.create();
        server.store.update(new BackupKey(other), it -> it.withPinned(true));
        server.database.text.hold();
        Answer restore = server.call("POST", BACKUPS + read + "/restore/", "");
        assertThat(restore.text())
                .matches("\\{\"detail\":\"Restore started\",\"task_id\":\"op-3\",\"task_token\":\"[0-9a-f]{32}\"}");
        server.database.text.awaitHeld();
        assertDetail(
                server.call("DELETE", BACKUPS + read + "/delete/", ""),
                409,
                "Delete failed: Backup \"" + read
                        + "\" is being read by a download, restore or verification; try again later.");
        assertDetail(
                server.call("DELETE", BACKUPS + other + "/delete/", ""),
                409,
                "Delete failed: Backup \"" + other + "\" is pinned; unpin it first.");
        server.database.text.release();
        assertThat(server.ended(restore).text())
                .isEqualTo("{\"state\":\"completed\",\"result\":{\"status\":\"completed\",\"filename\":\"" + read
                        + "\"}}");
        assertThat(listed()).as("with the safety backup").hasSize(3);
        delete(read);
    }

    @Test
    void a_task_and_its_token_stay_good_and_what_is_no_task_of_this_api_is_none() throws Exception {
        Answer started = server.call("POST", CREATE, "");
        String completed = server.ended(started).text();
        server.upload(UPLOAD, "sent.zip", server.archive());
        server.clock.advance(Duration.ofDays(300));
        assertThat(server.polled(started).text()).isEqualTo(completed);
        for (String id : List.of("op-2", "op-3", "none", "%00")) {
            assertThat(server.get(BACKUPS + "status/" + id + "/").text())
                    .as(id)
                    .isEqualTo("{\"state\":\"failed\",\"error\":\"There is no such task.\"}");
        }
        String path = BACKUPS + "status/" + started.at("task_id") + "/";
        assertDetail(server.get(path + "?token=" + "0".repeat(32)), 403, "Invalid task token");
        assertDetail(server.get(BACKUPS + "status/op-2/?token=" + started.at("task_token")), 403, "Invalid task token");
        assertDetail(
                server.send("GET", path + "?token=" + started.at("task_token"), "", "X-API-Key", "wrong"),
                401,
                "Invalid API key");
    }

    @Test
    void a_download_token_is_the_same_for_an_hour_and_ends_with_the_next() throws Exception {
        String name = server.create();
        String path = BACKUPS + name + "/";
        String token = server.get(path + "download-token/").at("token");
        assertThat(server.get(path + "download-token/").text()).isEqualTo("{\"token\":\"" + token + "\"}");
        server.clock.advance(Duration.ofMinutes(39));
        assertThat(server.get(path + "download-token/").at("token")).isEqualTo(token);
        server.clock.advance(Duration.ofMinutes(1));
        assertThat(server.get(path + "download-token/").at("token")).isNotEqualTo(token);
        server.clock.advance(Duration.ofSeconds(59 * 60 + 29));
        Answer download = server.send("GET", path + "download/?token=" + token, "");
        assertThat(download.status()).isEqualTo(200);
        assertThat(download.text().getBytes(ISO_8859_1)).isEqualTo(server.archive());
        assertThat(download.header("ETag")).isEmpty();
        server.clock.advance(Duration.ofSeconds(1));
        assertDetail(server.send("GET", path + "download/?token=" + token, ""), 403, "Invalid download token");
        // The token is looked at before the name, whoever asks.
        for (String other : List.of("none.zip", "a..zip", "a%5Cb.zip")) {
            assertDetail(server.get(BACKUPS + other + "/download/?token=" + token), 403, "Invalid download token");
            assertDetail(server.send("GET", BACKUPS + other + "/download/", ""), 401, "Authentication required");
        }
        String fresh = server.get(path + "download-token/").at("token");
        assertDetail(
                server.send("GET", path + "download/?token=" + fresh, "", "Authorization", "ApiKey wrong"),
                401,
                "Invalid API key");
        server.store.delete(new BackupKey(name));
        assertDetail(server.send("GET", path + "download/?token=" + fresh, ""), 404, "Backup file not found");
    }

    @Test
    void what_is_uploaded_is_called_as_the_client_calls_it_if_it_can_be() throws Exception {
        record Row(String sent, String kept) {}
        for (Row row : List.of(
                new Row("mine.zip", "mine.zip"),
                new Row("mine.zip", "mine-1.zip"),
                new Row("mine.zip", "mine-2.zip"),
                new Row("of.two.dots.zip", "of.two.dots.zip"),
                new Row("of.two.dots.zip", "of.two.dots-1.zip"),
                new Row("/srv/x/mine.zip", "mine-3.zip"),
                new Row("C:\\\\x\\\\other.zip", "other.zip"),
                new Row("folder/", "uploaded-backup.zip"),
                new Row("folder/", "uploaded-backup-1.zip"),
                new Row("notes.txt", FIRST),
                new Row("plain", "dispatcharr-backup-2026.02.15.10.20.30-1.zip"),
                new Row("a-zip.tar.gz", "dispatcharr-backup-2026.02.15.10.20.30-2.zip"),
                new Row("dispatcharr-backup-old.zip", "dispatcharr-backup-old.zip"))) {
            Answer answer = server.upload(UPLOAD, row.sent(), server.archive());
            assertThat(answer.status()).as(answer.text()).isEqualTo(201);
            assertThat(answer.text())
                    .isEqualTo("{\"detail\":\"Backup uploaded successfully\",\"filename\":\"" + row.kept() + "\"}");
            assertThat(server.get(BACKUPS + row.kept() + "/download/").text().getBytes(ISO_8859_1))
                    .isEqualTo(server.archive());
        }
        server.clock.advance(Duration.ofSeconds(5));
        assertThat(server.get(BACKUPS).at("0.created"))
                .as("when it came")
                .isEqualTo("2026-02-15T10:20:30.123456+00:00");
        byte[] tar = server.database.text.archive(Layout.DISPATCHARR_TAR_GZ);
        assertThat(server.upload(UPLOAD, "x.tar.gz", tar).at("filename")).isEqualTo("x.tar.gz");
        assertThat(server.upload(UPLOAD, "x.tar.gz", tar).at("filename")).isEqualTo("x-1.tar.gz");
        assertThat(server.get(BACKUPS + "x.tar.gz/download/").header("Content-Type"))
                .isEqualTo("application/gzip");
        assertThat(listed())
                .containsExactly(
                        "dispatcharr-backup-old.zip",
                        FIRST,
                        "dispatcharr-backup-2026.02.15.10.20.30-2.zip",
                        "dispatcharr-backup-2026.02.15.10.20.30-1.zip");
    }

    @Test
    void an_upload_that_is_none_says_what_is_wrong_and_keeps_nothing() throws Exception {
        assertDetail(server.upload(UPLOAD, "", server.archive()), 400, "No file uploaded");
        assertDetail(server.upload(UPLOAD, "a..zip", server.archive()), 400, "Invalid filename.");
        assertDetail(
                server.upload(UPLOAD, "x.zip", "nonsense".getBytes(ISO_8859_1)),
                400,
                "Upload failed: The file is neither a SQLite database nor an archive with one that is known here, or its"
                        + " end is missing.");
        assertDetail(
                server.upload(UPLOAD, "x.zip", new byte[ServedDatabase.MOST_UPLOADED + 1]),
                413,
                "Upload failed: An upload has at most 1000000 bytes; the setting holdfast.uploads.max-size says how"
                        + " many.");
        String token = "Bearer " + server.signIn("ann").at("access");
        for (String type : List.of("application/json", "text/plain; charset=utf-8")) {
            assertDetail(
                    server.send("POST", UPLOAD, "{}", "Content-Type", type, "Authorization", token),
                    415,
                    "Unsupported media type \"" + type + "\" in request.");
        }
        assertDetail(server.send("POST", UPLOAD, "", "Authorization", token), 400, "No file uploaded");
        assertDetail(
                server.send(
                        "POST",
                        UPLOAD,
                        BodyPublishers.ofString(
                                "--b\r\nContent-Disposition: form-data; name=\"file\"\r\n\r\nno file\r\n--b--\r\n"),
                        "Content-Type",
                        "multipart/form-data; boundary=b",
                        "Authorization",
                        token),
                400,
                "No file uploaded");
        assertThat(server.store.list()).isEmpty();
    }

    @Test
    void retention_follows_scheduled_runs_that_succeed_and_goes_by_time() throws Exception {
        server.upload(UPLOAD, "dispatcharr-backup-9999.zip", server.archive());
        server.clock.advance(Duration.ofSeconds(1));
        String manual = server.create();
        server.clock.advance(Duration.ofSeconds(1));
        String stuck = server.create();
        String saved = "{\"enabled\":true,\"frequency\":\"daily\",\"time\":\"03:00\",\"day_of_week\":0,"
                + "\"retention_count\":2,\"cron_expression\":\"\"}";
        assertThat(server.call("PUT", UPDATE, saved).text()).isEqualTo(saved);
        server.database.at("2026-02-16T02:59:59Z");
        assertThat(listed()).as("a schedule alone removes nothing").hasSize(3);

        server.database.text.trouble = Optional.of(new Problem.SourceBusy("Somebody writes."));
        server.database.at("2026-02-16T03:00:00Z");
        assertThat(listed()).as("nor does a run that fails").hasSize(3);
        assertThat(server.get(JOBS).at("0.status")).isEqualTo("failed");

        server.database.text.trouble = Optional.empty();
        server.store.stick(new BackupKey(stuck));
        server.database.at("2026-02-17T03:00:00Z");
        String second = "dispatcharr-backup-2026.02.17.03.00.00.zip";
        assertThat(listed()).as("an upload goes by when it came").containsExactly(second, stuck);

        server.database.at("2026-02-18T03:00:00Z");
        String third = "dispatcharr-backup-2026.02.18.03.00.00.zip";
        assertThat(listed()).as("what cannot be removed is skipped").containsExactly(third, second, stuck);
        assertThat(manual).isEqualTo("dispatcharr-backup-2026.02.15.10.20.31.zip");
        server.store.loosen(new BackupKey(stuck));
        server.store.update(new BackupKey(second), it -> it.withPinned(true));
        server.database.at("2026-02-19T03:00:00Z");
        server.database.at("2026-02-20T03:00:00Z");
        assertThat(listed())
                .as("a pinned one stays beside the newest")
                .containsExactly(
                        "dispatcharr-backup-2026.02.20.03.00.00.zip",
                        "dispatcharr-backup-2026.02.19.03.00.00.zip",
                        second);
    }

    @Test
    void a_schedule_is_met_in_the_plans_time_zone() throws Exception {
        server.call("PUT", UPDATE, "{\"enabled\":true,\"time\":\"3:0\",\"day_of_week\":3}");
        server.database.askedPlans.port().change("tv", Map.of("time_zone", Optional.of("Europe/Berlin")), "ann");
        server.database.at("2026-02-16T01:59:59Z");
        assertThat(listed()).isEmpty();
        server.database.at("2026-02-16T02:00:00Z");
        assertThat(listed()).as("on a Monday").containsExactly("dispatcharr-backup-2026.02.16.02.00.00.zip");

        server.database.askedPlans.port().change("tv", Map.of("time_zone", Optional.of("UTC")), "ann");
        Answer weekly = server.call("PUT", UPDATE, "{\"frequency\":\"weekly\",\"time\":\"04:30\",\"day_of_week\":0}");
        assertThat(weekly.status()).as(weekly.text()).isEqualTo(200);
        server.database.at("2026-02-21T23:59:59Z");
        assertThat(listed()).hasSize(1);
        server.database.at("2026-02-22T04:30:00Z");
        assertThat(listed()).as("on a Sunday").first().isEqualTo("dispatcharr-backup-2026.02.22.04.30.00.zip");

        server.call("PUT", UPDATE, "{\"cron_expression\":\"15 6 * * *\"}");
        server.database.at("2026-02-23T06:15:00Z");
        assertThat(listed()).as("on a Monday").first().isEqualTo("dispatcharr-backup-2026.02.23.06.15.00.zip");
        server.call("PUT", UPDATE, "{\"enabled\":false}");
        server.database.at("2026-03-08T06:15:00Z");
        assertThat(listed()).hasSize(3);
        Answer job = server.get(JOBS);
        assertThat(job.at("0.scheduled")).isEqualTo("true");
        assertThat(job.at("0.requested_by")).isEqualTo("null");
        assertThat(job.at("0.job_type")).isEqualTo("backup");
    }

    @Test
    void the_stored_settings_are_shown_under_their_other_names_and_not_written_there() throws Exception {
        server.call(
                "PUT",
                UPDATE,
                "{\"enabled\":1,\"frequency\":\"weekly\",\"time\":\"4:5\",\"day_of_week\":6,\"retention_count\":8}");
        String shown = "[{\"id\":1,\"key\":\"backup_settings\",\"name\":\"Backup Settings\",\"value\":{"
                + "\"schedule_enabled\":true,\"schedule_frequency\":\"weekly\",\"schedule_time\":\"04:05\","
                + "\"schedule_day_of_week\":6,\"retention_count\":8,\"schedule_cron_expression\":\"\"}}]";
        assertThat(server.get("/api/core/settings/").text()).isEqualTo(shown);
        for (String method : List.of("PUT", "PATCH", "POST")) {
            assertDetail(
                    server.call(method, "/api/core/settings/", "{}"), 405, "Method \"" + method + "\" not allowed.");
        }
        assertThat(server.get("/api/core/settings/").text()).isEqualTo(shown);
    }

    @Test
    void what_accepts_neither_json_nor_a_page_is_406_and_a_browser_gets_a_page() throws Exception {
        String name = server.create();
        String path = BACKUPS + name + "/";
        String token = server.get(path + "download-token/").at("token");
        for (String call : List.of(BACKUPS, path + "download/?token=" + token)) {
            for (String accept : List.of("application/zip", "image/*, text/plain")) {
                assertDetail(
                        server.send("GET", call, "", "Accept", accept),
                        406,
                        "Could not satisfy the request Accept header.");
            }
        }
        String bearer = "Bearer " + server.signIn("ann").at("access");
        for (String accept : List.of("*/*", "application/*", "application/json;q=0.5, text/plain")) {
            Answer list = server.send("GET", BACKUPS, "", "Accept", accept, "Authorization", bearer);
            assertThat(list.header("Content-Type")).as(accept).isEqualTo("application/json");
            assertThat(list.at("0.name")).isEqualTo(name);
        }
        Answer html = server.send("GET", BACKUPS, "", "Accept", "text/html", "Authorization", bearer);
        assertThat(html.status()).isEqualTo(200);
        assertThat(html.header("Content-Type")).isEqualTo("text/html; charset=utf-8");
        assertThat(html.text()).contains(server.get(BACKUPS).text());
        Answer none = server.send("GET", "/api/backups", "", "Accept", "application/json");
        assertThat(none.status()).isEqualTo(200);
        assertThat(none.header("Content-Type")).isEqualTo("text/html; charset=utf-8");
        assertThat(none.text()).contains("The addresses of all calls end with a slash");
    }
}
