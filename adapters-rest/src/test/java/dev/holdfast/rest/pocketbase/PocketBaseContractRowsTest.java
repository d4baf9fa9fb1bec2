package dev.holdfast.rest.pocketbase;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.domain.backup.BackupKey;
import dev.holdfast.domain.backup.Origin;
import dev.holdfast.domain.operation.OperationKind;
import dev.holdfast.domain.problem.Problem;
import dev.holdfast.domain.problem.ProblemException;
import dev.holdfast.rest.dialect.HttpCalls;
import dev.holdfast.rest.dialect.HttpCalls.Answer;
import dev.holdfast.rest.dialect.ServedDatabase;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Rows of the contract's tables for which a clock has to be set, a store to fail or an operation to wait. */
@DisplayNameGeneration(ReplaceUnderscores.class)
@Timeout(60)
class PocketBaseContractRowsTest {
    private static final String BACKUPS = "/api/backups";
    private static final String UPLOAD = "/api/backups/upload";
    private static final String SETTINGS = "/api/settings";
    private static final String COLLECTION = "/api/collections/_superusers";
    private static final String SIGN_IN = COLLECTION + "/auth-with-password";
    private static final String BUSY = "Try again later - another backup/restore process has already been started.";
    private static final String NO_FILESYSTEM = "Failed to load backups filesystem.";
    private static final String NEEDS_TOKEN = "The request requires valid record authorization token.";
    private static final String CLOSED = "Insufficient permissions to access the resource.";
    private static final String UNREADABLE = "An error occurred while loading the submitted data.";
    private static final String INVALID = "An error occurred while validating the submitted data.";
    private static final String NOT_SAVED = "An error occurred while saving the new settings.";

    /** What a restore replaces is kept, under a name of the second in which it was. */
    private static final String SAFETY = "pb_backup_acme_20240115120000.zip";

    private PocketBaseServerFixture server;
    private String token;

    @BeforeEach
    void start() throws Exception {
        server = new PocketBaseServerFixture();
        token = server.signIn("ann");
    }

    @AfterEach
    void stop() {
        server.close();
    }

    private Answer call(String method, String path, String body) throws Exception {
        return server.send(method, path, body, "Authorization", token, "Content-Type", "application/json");
    }

    private Answer create(String name) throws Exception {
        return call("POST", BACKUPS, "{\"name\":\"" + name + "\"}");
    }

    private Answer upload(String filename, byte[] content) throws Exception {
        return upload(BodyPublishers.ofByteArray(HttpCalls.form(filename, content)));
    }

    private Answer upload(BodyPublisher form) throws Exception {
        return server.send(
                "POST", UPLOAD, form, "Authorization", token, "Content-Type", "multipart/form-data; boundary=b");
    }

    private static BodyPublisher ofUnknownLength(byte[] content) {
        return BodyPublishers.ofInputStream(() -> new ByteArrayInputStream(content));
    }

    private List<String> keys() throws Exception {
        var keys = new ArrayList<String>();
        Answer answer = call("GET", BACKUPS, "");
        assertThat(answer.status()).as(answer.text()).isEqualTo(200);
        answer.json()
                .values()
                .forEach(it -> keys.add(requireNonNull(it.get("key")).getStringValue()));
        return keys;
    }

    private static void assertDone(Answer answer) {
        assertThat(answer.status()).as(answer.text()).isEqualTo(204);
        assertThat(answer.text()).isEmpty();
    }

    private static void assertRefused(Answer answer, int status, String message) {
        assertRefused(answer, status, message, "{}");
    }

    private static void assertRefused(Answer answer, int status, String message, String data) {
        assertThat(answer.status()).as(answer.text()).isEqualTo(status);
        assertThat(answer.header("Content-Type")).isEqualTo("application/json");
        assertThat(answer.text())
                .isEqualTo("{\"data\":" + data + ",\"message\":\"" + message.replace("\n", "\\n") + "\",\"status\":"
                        + status + "}\n");
    }

    @Test
    void a_body_that_is_too_large_is_413_whether_or_not_it_says_so_before() throws Exception {
        byte[] large = ("{\"name\":\"" + "x".repeat(11 << 20) + "\"}").getBytes(UTF_8);
        String tooLarge = "Request entity too large.";
        for (BodyPublisher body : List.of(BodyPublishers.ofByteArray(large), ofUnknownLength(large))) {
            String[] headers = {"Authorization", token, "Content-Type", "application/json"};
            assertRefused(server.send("POST", BACKUPS, body, headers), 413, tooLarge);
            assertRefused(server.send("PATCH", SETTINGS, body, headers), 413, tooLarge);
            assertRefused(server.send("POST", SIGN_IN, body, "Content-Type", "application/json"), 413, tooLarge);
        }
        byte[] most = new byte[ServedDatabase.MOST_UPLOADED + 1];
        most[0] = 'P';
        most[1] = 'K';
        byte[] form = HttpCalls.form("large.zip", most);
        assertRefused(upload(BodyPublishers.ofByteArray(form)), 413, tooLarge);
        assertRefused(upload(ofUnknownLength(form)), 413, tooLarge);
        assertThat(keys()).isEmpty();
    }

    @Test
    void whoever_guesses_passwords_waits() throws Exception {
        String wrong = "{\"identity\":\"ann\",\"password\":\"a guess\"}";
        for (int i = 0; i < 5; i++) {
            assertRefused(call("POST", SIGN_IN, wrong), 400, "Failed to authenticate.");
        }
        assertRefused(call("POST", SIGN_IN, wrong), 429, "Too Many Requests.");
        String right = "{\"identity\":\"ann\",\"password\":\"password of ann\"}";
        assertRefused(call("POST", SIGN_IN, right), 429, "Too Many Requests.");
        assertThat(call("GET", BACKUPS, "").status())
                .as("superusers' calls go on")
                .isEqualTo(200);
        server.clock.advance(Duration.ofMinutes(15));
        assertThat(call("POST", SIGN_IN, right).status()).isEqualTo(200);
    }

    @Test
    void a_sign_in_is_written_in_any_way_that_a_body_can_be() throws Exception {
        record Row(String path, String type, String body) {}
        String json = "{\"identity\":\"ann\",\"password\":\"password of ann\",\"identityField\":\"email\"}";
        String part = "--b\r\nContent-Disposition: form-data; name=\"";
        for (Row row : List.of(
                new Row(SIGN_IN, "application/json", json),
                new Row(SIGN_IN.replace("_superusers", "pbc_3142635823"), "application/json", json),
                new Row(SIGN_IN, "application/x-www-form-urlencoded", "identity=ann&password=password%20of+ann"),
                new Row(
                        SIGN_IN,
                        "multipart/form-data; boundary=b",
                        part + "identity\"\r\n\r\nann\r\n" + part + "password\"\r\n\r\npassword of ann\r\n--b--\r\n"),
                new Row(
                        SIGN_IN,
                        "multipart/form-data; boundary=b",
                        part + "@jsonPayload\"\r\n\r\n" + json + "\r\n--b--\r\n"))) {
            Answer answer = server.send("POST", row.path(), row.body(), "Content-Type", row.type());
            assertThat(answer.status()).as(row + answer.text()).isEqualTo(200);
            assertThat(answer.at("record.collectionName")).isEqualTo("_superusers");
            assertThat(answer.text()).doesNotContain("meta", "tokenKey", "\"password\"");
        }
    }

    @Test
    void a_sign_in_names_the_fields_that_are_wrong_with_their_limits() throws Exception {
        String blank = "{\"code\":\"validation_required\",\"message\":\"Cannot be blank.\"}";
        String length = "{\"code\":\"validation_length_out_of_range\",\"message\":\"The length must be between 1 and "
                + "255.\",\"params\":{\"max\":255,\"min\":1}}";
        assertRefused(
                call("POST", SIGN_IN, ""), 400, INVALID, "{\"identity\":" + blank + ",\"password\":" + blank + "}");
        assertRefused(
                call("POST", SIGN_IN, "{\"identity\":\"ann\",\"password\":\"" + "x".repeat(256) + "\"}"),
                400,
                INVALID,
                "{\"password\":" + length + "}");
        assertRefused(
                call("POST", SIGN_IN, "{\"identity\":\"" + "ä".repeat(128) + "\",\"password\":\"x\"}"),
                400,
                INVALID,
                "{\"identity\":" + length + "}");
    }

    @Test
    void a_file_token_lasts_three_minutes_and_opens_every_backup_as_often_as_one_likes() throws Exception {
        assertDone(create("one.zip"));
        assertDone(create("two.zip"));
        Answer given = call("POST", "/api/files/token", "");
        assertThat(given.status()).isEqualTo(200);
        String file = given.at("token");
        assertThat(claims(file)).contains("\"type\":\"file\"", "\"collectionId\":\"pbc_3142635823\"");
        for (String path : List.of("/one.zip?token=", "/two.zip?token=", "/one.zip?token=")) {
            assertThat(server.send("GET", BACKUPS + path + file, "").status()).isEqualTo(200);
        }
        server.clock.advance(Duration.ofSeconds(179));
        assertThat(server.send("GET", BACKUPS + "/one.zip?token=" + file, "").status())
                .isEqualTo(200);
        server.clock.advance(Duration.ofSeconds(1));
        assertRefused(server.send("GET", BACKUPS + "/one.zip?token=" + file, ""), 403, CLOSED);
        assertRefused(call("GET", BACKUPS + "/one.zip?token=" + file, ""), 403, CLOSED);
        assertRefused(server.send("GET", BACKUPS + "/one.zip?token=" + file, "", "Range", "bytes=5-"), 403, CLOSED);
        assertRefused(server.send("POST", "/api/files/token", ""), 401, NEEDS_TOKEN);
    }

    private static String claims(String jwt) {
        return new String(Base64.getUrlDecoder().decode(jwt.split("\\.", -1)[1]), UTF_8);
    }

    @Test
    void a_superusers_token_lasts_a_day_and_may_be_renewed_before() throws Exception {
        server.clock.advance(Duration.ofSeconds(86_399));
        String renewed = call("POST", COLLECTION + "/auth-refresh", "").at("token");
        server.clock.advance(Duration.ofSeconds(1));
        assertRefused(call("GET", BACKUPS, ""), 401, NEEDS_TOKEN);
        assertRefused(call("POST", COLLECTION + "/auth-refresh", ""), 401, NEEDS_TOKEN);
        assertRefused(call("POST", "/api/files/token", ""), 401, NEEDS_TOKEN);
        assertRefused(server.send("POST", COLLECTION + "/auth-refresh", ""), 401, NEEDS_TOKEN);
        assertThat(call("GET", "/api/health", "").text()).as("as for guests").contains("\"data\":{}");
        token = renewed;
        assertThat(keys()).isEmpty();
    }

    @Test
    void an_impersonating_token_lasts_as_long_as_it_is_asked_to() throws Exception {
        String id = call("POST", COLLECTION + "/auth-refresh", "").at("record.id");
        String path = COLLECTION + "/impersonate/" + id;
        long now = PocketBaseServerFixture.BEGIN.getEpochSecond();
        for (String body : List.of("", "{}", "{\"duration\":0}")) {
            assertThat(claims(call("POST", path, body).at("token")))
                    .contains("\"refreshable\":false", "\"exp\":" + (now + 86_400));
        }
        assertThat(claims(call("POST", path, "{\"duration\":60}").at("token"))).contains("\"exp\":" + (now + 60));
        for (String body : List.of("{\"duration\":\"soon\"}", "{\"duration\":[]}", "{")) {
            assertRefused(call("POST", path, body), 400, UNREADABLE);
        }
        assertRefused(
                call("POST", path, "{\"duration\":-1}"),
                400,
                INVALID,
                "{\"duration\":{\"code\":\"validation_min_greater_equal_than_required\",\"message\":\"Must be no less than 0.\","
                        + "\"params\":{\"threshold\":0}}}");
        assertThat(call("POST", path, "{\"duration\":315360000}").status()).isEqualTo(200);
        assertRefused(
                call("POST", path, "{\"duration\":315360001}"),
                400,
                INVALID,
                "{\"duration\":{\"code\":\"validation_max_less_equal_than_required\",\"message\":\"Must be no greater than "
                        + "315360000.\",\"params\":{\"threshold\":315360000}}}");
    }

    @Test
    void head_is_as_get_without_the_body() throws Exception {
        assertDone(create("kept.zip"));
        for (String path : List.of(
                BACKUPS, BACKUPS + "?fields=key", SETTINGS, "/api/crons", "/api/health", BACKUPS + "/kept.zip")) {
            Answer got = call("GET", path, "");
            Answer head = call("HEAD", path, "");
            assertThat(head.status()).as(path).isEqualTo(got.status()).isEqualTo(200);
            assertThat(head.text()).isEmpty();
            assertThat(head.header("Content-Type")).as(path).isEqualTo(got.header("Content-Type"));
        }
        assertThat(server.send("HEAD", BACKUPS, "").status()).isEqualTo(401);
        assertThat(server.send("HEAD", BACKUPS + "/kept.zip", "").status()).isEqualTo(403);
        assertThat(call("HEAD", BACKUPS + "/missing.zip", "").status()).isEqualTo(404);
        assertThat(call("HEAD", UPLOAD + "/x/y", "").status()).isEqualTo(404);
    }

    @Test
    void fields_picks_from_every_answer_but_from_no_error() throws Exception {
        assertDone(create("kept.zip"));
        assertDone(create("more.zip"));
        assertThat(call("GET", BACKUPS + "?fields=key", "").text())
                .isEqualTo("[{\"key\":\"kept.zip\"},{\"key\":\"more.zip\"}]\n");
        assertThat(call("GET", BACKUPS + "?fields=*", "").text())
                .isEqualTo(call("GET", BACKUPS, "").text());
        assertThat(call("GET", BACKUPS + "?fields=nothing", "").text()).isEqualTo("[{},{}]\n");
        assertThat(call("GET", "/api/health?fields=code,data.canBackup", "").text())
                .isEqualTo("{\"code\":200,\"data\":{\"canBackup\":true}}\n");
        assertThat(call("POST", "/api/files/token?fields=other", "").text()).isEqualTo("{}\n");
        assertThat(call("POST", COLLECTION + "/auth-refresh?fields=record.email", "")
                        .text())
                .isEqualTo("{\"record\":{\"email\":\"ann\"}}\n");
        assertThat(call("PATCH", SETTINGS + "?fields=backups.cronMaxKeep", "{\"backups\":{\"cronMaxKeep\":5}}")
                        .text())
                .isEqualTo("{\"backups\":{\"cronMaxKeep\":5}}\n");
        assertRefused(
                call("POST", BACKUPS + "/missing.zip/restore?fields=status", ""),
                400,
                "Missing or invalid backup file.");
        assertRefused(server.send("GET", BACKUPS + "?fields=status", ""), 401, NEEDS_TOKEN);
    }

    @Test
    void autogenerated_names_are_of_the_second_in_utc_and_take_nobodys_place() throws Exception {
        assertThat(call("GET", BACKUPS, "").text()).isEqualTo("[]\n");
        assertDone(call("POST", BACKUPS, ""));
        assertDone(call("POST", BACKUPS, "{\"name\":\"\"}"));
        assertThat(keys()).containsExactly("pb_backup_acme_20240115120000.zip", "pb_backup_acme_20240115120000_1.zip");
        assertThat(call("GET", BACKUPS, "").text())
                .startsWith("[{\"modified\":\"2024-01-15 12:00:00.123Z\",\"key\":\"pb_backup_acme_20240115120000.zip\","
                        + "\"size\":" + PocketBaseServerFixture.ARCHIVE.length + "}");
    }

    @Test
    void a_backup_or_an_upload_that_fails_says_no_more_than_that_it_did() throws Exception {
        for (Problem problem : List.of(
                new Problem.InsufficientStorage("full"),
                new Problem.SourceCorrupt("torn"),
                new Problem.SourceBusy("x"))) {
            server.database.text.trouble = Optional.of(problem);
            assertRefused(create("x.zip"), 400, "Failed to create backup.");
        }
        server.database.text.trouble = Optional.empty();
        for (RuntimeException trouble : List.of(
                new ProblemException(new Problem.StoreUnavailable("/srv/secret is gone")),
                new ProblemException(new Problem.Internal(new IOException("/srv/secret is odd"))))) {
            server.database.askedStore.fail(trouble);
            assertRefused(create("x.zip"), 400, "Failed to create backup.");
            assertRefused(upload("x.zip", PocketBaseServerFixture.ARCHIVE), 400, "Failed to upload backup.");
        }
        server.database.askedStore.recover();
        assertThat(call("GET", "/api/health", "").at("data.canBackup"))
                .as("the lock is free")
                .isEqualTo("true");
        assertDone(create("x.zip"));
    }

    @Test
    void of_an_upload_only_the_file_counts() throws Exception {
        String archive = new String(PocketBaseServerFixture.ARCHIVE, ISO_8859_1);
        String file = "--b\r\nContent-Type: text/plain\r\nContent-Disposition: form-data; name=\"file\"; filename=\"";
        String payload = "--b\r\nContent-Disposition: form-data; name=\"@jsonPayload\"\r\n\r\n{\"a\":1}\r\n";
        String end = "\r\n--b--\r\n";
        assertDone(upload(BodyPublishers.ofString(payload + file + "notes.txt\"\r\n\r\n" + archive + end)));
        assertDone(upload(
                BodyPublishers.ofString(file + "No Extension\"\r\n\r\n" + archive + "\r\n" + payload + "--b--\r\n")));
        assertThat(keys()).containsExactly("No Extension", "notes.txt");
        // PocketBase takes the first of several.
        assertRefused(
                upload(BodyPublishers.ofString(
                        file + "1.zip\"\r\n\r\n" + archive + "\r\n" + file + "2.zip\"\r\n\r\n" + archive + end)),
                400,
                INVALID,
                "{\"file\":{\"code\":\"validation_required\",\"message\":\"Cannot be blank.\"}}");
        assertThat(keys()).hasSize(2);
    }

    @Test
    void what_fits_no_other_row() throws Exception {
        assertDone(create("kept.zip"));
        assertRefused(server.send("POST", BACKUPS, "name=x.zip", "Authorization", token), 400, UNREADABLE);
        assertRefused(
                call("POST", "/api/collections/users/auth-refresh", ""),
                404,
                "Missing or invalid auth collection context.");
        assertRefused(
                call("POST", BACKUPS + "/missing.zip/download-token", ""), 404, "The requested resource wasn't found.");
        server.store.update(new BackupKey("kept.zip"), it -> it.withPinned(true));
        assertRefused(call("DELETE", BACKUPS + "/kept.zip", ""), 400, "The backup is pinned and cannot be deleted.");
        assertThat(keys()).containsExactly("kept.zip");
    }

    @Test
    void a_storage_that_does_not_answer_is_told_as_such() throws Exception {
        assertDone(create("kept.zip"));
        server.database.askedStore.fail(new ProblemException(new Problem.StoreUnavailable("/srv/secret is gone")));
        assertRefused(call("GET", BACKUPS, ""), 400, NO_FILESYSTEM);
        assertRefused(call("DELETE", BACKUPS + "/kept.zip", ""), 500, NO_FILESYSTEM);
        assertRefused(call("POST", BACKUPS + "/kept.zip/restore", ""), 500, NO_FILESYSTEM);
        assertRefused(call("GET", BACKUPS + "/kept.zip", ""), 500, NO_FILESYSTEM);
        assertRefused(server.send("GET", BACKUPS + "/kept.zip", ""), 403, CLOSED);

        server.database.askedStore.fail(
                new ProblemException(new Problem.Internal(new IOException("/srv/secret is odd"))));
        assertRefused(
                call("GET", BACKUPS, ""),
                400,
                "Failed to retrieve backup items. Raw error: \nthe server's log has the cause.");
        assertRefused(
                call("GET", BACKUPS + "/kept.zip", ""), 500, "Something went wrong while processing your request.");
        assertRefused(
                call("DELETE", BACKUPS + "/kept.zip", ""),
                400,
                "Invalid or already deleted backup file. Raw error: \nthe server's log has the cause.");
        assertRefused(call("POST", BACKUPS + "/kept.zip/restore", ""), 400, "Missing or invalid backup file.");
        // What nobody has thought of, too, says nothing of it.
        server.database.askedStore.fail(new IllegalStateException("/srv/secret is odd"));
        assertRefused(call("GET", BACKUPS, ""), 500, "Something went wrong while processing your request.");
        server.database.askedStore.recover();
        assertThat(keys()).containsExactly("kept.zip");
    }

    @Test
    void while_a_backup_is_made_only_another_operation_is_refused() throws Exception {
        server.put("other.zip", Origin.MANUAL);
        server.put("third.zip", Origin.MANUAL);
        server.database.text.hold();
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            Future<Answer> running = threads.submit(() -> create("made.zip"));
            awaitCanBackup("false");
            assertBusy();
            assertRefused(
                    call("DELETE", BACKUPS + "/made.zip", ""),
                    400,
                    "The backup is currently being used and cannot be deleted.");
            assertDone(call("DELETE", BACKUPS + "/other.zip", ""));
            assertDone(upload("sent.zip", PocketBaseServerFixture.ARCHIVE));
            assertThat(call("GET", BACKUPS + "/third.zip", "").status()).isEqualTo(200);
            assertThat(keys()).containsExactly("sent.zip", "third.zip");
            assertThat(running.isDone())
                    .as("a create answers when the backup is there")
                    .isFalse();
            server.database.text.release();
            assertDone(running.get());
        }
        assertThat(keys()).containsExactly("made.zip", "sent.zip", "third.zip");
        awaitCanBackup("true");
    }

    /** Whatever else is wrong with the call. */
    private void assertBusy() throws Exception {
        for (String body : List.of("", "{", "{\"name\":\"Not allowed\"}")) {
            assertRefused(call("POST", BACKUPS, body), 400, BUSY);
        }
        assertRefused(call("POST", BACKUPS + "/third.zip/restore", ""), 400, BUSY);
        assertRefused(call("POST", BACKUPS + "/missing.zip/restore", ""), 400, BUSY);
        assertRefused(server.send("POST", BACKUPS, "{"), 401, NEEDS_TOKEN);
    }

    private void awaitCanBackup(String expected) throws Exception {
        for (long end = System.nanoTime() + 30_000_000_000L; System.nanoTime() < end; ) {
            if (call("GET", "/api/health", "").at("data.canBackup").equals(expected)) {
                return;
            }
        }
        throw new AssertionError("canBackup does not become " + expected);
    }

    @Test
    void a_restore_answers_before_its_work_and_keeps_others_out_until_it_is_done() throws Exception {
        server.put("third.zip", Origin.MANUAL);
        assertDone(create("kept.zip"));
        server.database.text.hold();
        assertDone(call("POST", BACKUPS + "/kept.zip/restore", ""));
        assertThat(call("GET", "/api/health", "").at("data.canBackup")).isEqualTo("false");
        assertBusy();
        assertRefused(
                call("DELETE", BACKUPS + "/kept.zip", ""),
                400,
                "The backup is currently being used and cannot be deleted.");
        assertDone(call("DELETE", BACKUPS + "/third.zip", ""));
        server.database.text.release();
        awaitCanBackup("true");
        assertThat(keys()).as("beside what it replaced").containsExactly("kept.zip", SAFETY);
        assertThat(call("GET", "/api/health", "").at("data.lastRestore.state")).isEqualTo("succeeded");
    }

    @Test
    void the_scheduled_backups_alone_are_counted_and_removed() throws Exception {
        assertDone(create("given.zip"));
        assertDone(call("POST", BACKUPS, ""));
        assertDone(upload("sent.zip", PocketBaseServerFixture.ARCHIVE));
        assertThat(call("PATCH", SETTINGS, "{\"backups\":{\"cron\":\"0 3 * * *\",\"cronMaxKeep\":2}}")
                        .status())
                .isEqualTo(200);
        List<String> others = List.of("given.zip", "pb_backup_acme_20240115120000.zip", "sent.zip");
        assertThat(keys()).isEqualTo(others);

        server.database.at("2024-01-16T02:59:59Z");
        assertThat(keys()).isEqualTo(others);
        server.database.at("2024-01-16T03:00:00Z");
        assertThat(keys()).contains("@auto_pb_backup_acme_20240116030000.zip").hasSize(4);
        server.database.at("2024-01-17T03:00:00Z");
        server.database.at("2024-01-18T03:00:00Z");
        server.database.at("2024-01-19T03:00:00Z");
        signInAgain();
        var expected = new ArrayList<>(
                List.of("@auto_pb_backup_acme_20240118030000.zip", "@auto_pb_backup_acme_20240119030000.zip"));
        expected.addAll(others);
        assertThat(keys()).isEqualTo(expected);

        // Of a changed schedule from then on; of none, nothing more.
        call("PATCH", SETTINGS, "{\"backups\":{\"cron\":\"30 4 * * *\"}}");
        server.database.at("2024-01-19T04:29:59Z");
        assertThat(keys()).isEqualTo(expected);
        server.database.at("2024-01-19T04:30:00Z");
        assertThat(keys()).contains("@auto_pb_backup_acme_20240119043000.zip").hasSize(5);
        call("PATCH", SETTINGS, "{\"backups\":{\"cron\":\"\",\"cronMaxKeep\":0}}");
        server.database.at("2024-01-20T04:30:00Z");
        signInAgain();
        assertThat(keys())
                .doesNotContain("@auto_pb_backup_acme_20240120043000.zip")
                .hasSize(5);
    }

    /** Days have passed. */
    private void signInAgain() throws Exception {
        token = server.signIn("ann");
    }

    @Test
    void a_schedule_of_a_day_and_a_weekday_is_of_days_that_are_both() throws Exception {
        call("PATCH", SETTINGS, "{\"backups\":{\"cron\":\"0 3 13 * 5\"}}");
        server.database.at("2024-01-19T03:00:00Z");
        server.database.at("2024-02-13T03:00:00Z");
        signInAgain();
        assertThat(keys()).as("a Friday, and a 13th").isEmpty();
        server.database.at("2024-09-13T03:00:00Z");
        signInAgain();
        assertThat(keys()).containsExactly("@auto_pb_backup_acme_20240913030000.zip");
    }

    @Test
    void the_scheduled_backup_of_now_has_the_name_of_its_kind() throws Exception {
        call("PATCH", SETTINGS, "{\"backups\":{\"cron\":\"0 3 * * *\"}}");
        assertDone(call("POST", "/api/crons/__pbAutoBackup__", ""));
        server.database.settle();
        assertThat(keys()).containsExactly("@auto_pb_backup_acme_20240115120000.zip");
        assertRefused(call("POST", "/api/crons/other", ""), 404, "Missing or invalid cron job.");
    }

    @Test
    void all_settings_are_shown_with_what_they_are_at_first() throws Exception {
        String s3 = "{\"enabled\":false,\"bucket\":\"\",\"region\":\"\",\"endpoint\":\"\",\"accessKey\":\"\","
                + "\"forcePathStyle\":false}";
        String expected = "{\"superuserIPs\":[],"
                + "\"smtp\":{\"enabled\":false,\"port\":587,\"host\":\"smtp.example.com\",\"username\":\"\","
                + "\"authMethod\":\"\",\"tls\":false,\"localName\":\"\"},"
                + "\"backups\":{\"cron\":\"\",\"cronMaxKeep\":3,\"s3\":" + s3 + "},"
                + "\"s3\":" + s3 + ","
                + "\"meta\":{\"accentColor\":\"#1055c9\",\"appName\":\"Acme\",\"appURL\":\"http://localhost:8090\","
                + "\"senderName\":\"Support\",\"senderAddress\":\"support@example.com\",\"hideControls\":false},"
                + "\"rateLimits\":{\"rules\":[],\"excludedIPs\":[],\"enabled\":false},"
                + "\"trustedProxy\":{\"headers\":[],\"useLeftmostIP\":false},"
                + "\"batch\":{\"enabled\":false,\"maxRequests\":50,\"timeout\":3,\"maxBodySize\":0},"
                + "\"logs\":{\"maxDays\":5,\"minLevel\":0,\"logIP\":true,\"logAuthId\":false}}\n";
        assertThat(call("GET", SETTINGS, "").text()).isEqualTo(expected);
        assertThat(call("PATCH", SETTINGS, "").text()).isEqualTo(expected);
        assertThat(call("PATCH", SETTINGS, "{\"unknown\":{\"a\":1}}").text()).isEqualTo(expected);

        Answer changed = call(
                "PATCH",
                SETTINGS,
                "{\"smtp\":{\"password\":\"hidden\"},\"trustedProxy\":{\"headers\":[\"X-Real-IP\"]},"
                        + "\"s3\":{\"secret\":\"hidden\",\"endpoint\":\"s3.example.com:9000\"}}");
        assertThat(changed.text())
                .isEqualTo(call("GET", SETTINGS, "").text())
                .contains("\"headers\":[\"X-Real-IP\"]", "s3.example.com:9000")
                .doesNotContain("hidden", "\"password\"", "\"secret\"");
        assertThat(call("PATCH", SETTINGS, "{\"trustedProxy\":{\"headers\":[\"A\",\"B\"]}}")
                        .text())
                .contains("\"headers\":[\"A\",\"B\"]");
        String shop = "{\"meta\":{\"appName\":\"Shop\"}}";
        String payload =
                "--b\r\nContent-Disposition: form-data; name=\"@jsonPayload\"\r\n\r\n" + shop + "\r\n--b--\r\n";
        Answer form = server.send(
                "PATCH", SETTINGS, payload, "Authorization", token, "Content-Type", "multipart/form-data; boundary=b");
        assertThat(form.at("meta.appName")).isEqualTo("Shop");
    }

    @Test
    void a_setting_that_is_not_allowed_is_told_with_its_place_code_message_and_limit() throws Exception {
        String blank = "{\"code\":\"validation_required\",\"message\":\"Cannot be blank.\"}";
        assertRefused(
                call("PATCH", SETTINGS, "{\"backups\":{\"cron\":\"every day\"}}"),
                400,
                NOT_SAVED,
                "{\"backups\":{\"cron\":{\"code\":\"validation_invalid_cron\",\"message\":\"Invalid cron expression - "
                        + "must be a valid macro or to have exactly 5 space separated segments.\"}}}");
        assertRefused(
                call("PATCH", SETTINGS, "{\"backups\":{\"cron\":\"0 3 * * *\",\"cronMaxKeep\":0}}"),
                400,
                NOT_SAVED,
                "{\"backups\":{\"cronMaxKeep\":" + blank + "}}");
        assertRefused(
                call("PATCH", SETTINGS, "{\"backups\":{\"cronMaxKeep\":-1}}"),
                400,
                NOT_SAVED,
                "{\"backups\":{\"cronMaxKeep\":{\"code\":\"validation_min_greater_equal_than_required\",\"message\":"
                        + "\"Must be no less than 1.\",\"params\":{\"threshold\":1}}}}");
        assertRefused(
                call("PATCH", SETTINGS, "{\"backups\":{\"s3\":{\"endpoint\":\"not a url\"}}}"),
                400,
                NOT_SAVED,
                "{\"backups\":{\"s3\":{\"endpoint\":{\"code\":\"validation_is_url\",\"message\":"
                        + "\"Must be a valid URL.\"}}}}");
        assertRefused(
                call(
                        "PATCH",
                        SETTINGS,
                        "{\"backups\":{\"s3\":{\"enabled\":true,\"endpoint\":\"a.example\",\"region\":\"r\","
                                + "\"accessKey\":\"k\",\"secret\":\"s\"}}}"),
                400,
                NOT_SAVED,
                "{\"backups\":{\"s3\":{\"bucket\":" + blank + "}}}");
        assertThat(call("PATCH", SETTINGS, "{\"backups\":{\"cronMaxKeep\":0}}").at("backups.cronMaxKeep"))
                .as("while there is no schedule")
                .isEqualTo("0");
        assertRefused(call("POST", SETTINGS + "/test/s3", "{"), 400, UNREADABLE);
        assertRefused(
                call("POST", SETTINGS + "/test/s3", ""),
                400,
                "Failed to test the S3 filesystem.",
                "{\"filesystem\":" + blank + "}");
    }

    @Test
    void a_restore_keeps_nobody_from_reading_or_uploading() throws Exception {
        server.put("other.zip", Origin.MANUAL);
        assertDone(create("kept.zip"));
        server.database.text.hold();
        assertDone(call("POST", BACKUPS + "/kept.zip/restore", ""));
        assertDone(upload("sent.zip", PocketBaseServerFixture.ARCHIVE));
        assertThat(call("GET", BACKUPS + "/other.zip", "").status()).isEqualTo(200);
        assertThat(call("GET", BACKUPS + "/kept.zip", "").status()).isEqualTo(200);
        assertThat(keys()).containsExactly("kept.zip", "other.zip", "sent.zip");
        assertThat(call("PATCH", SETTINGS, "{}").status()).isEqualTo(200);
        server.database.text.release();
        awaitCanBackup("true");
    }

    @Test
    void an_upload_keeps_no_backup_from_being_made_but_another_upload_has_to_wait() throws Exception {
        byte[] form = HttpCalls.form("slow.zip", PocketBaseServerFixture.ARCHIVE);
        try (var socket = new Socket(InetAddress.getLoopbackAddress(), server.port())) {
            socket.setSoTimeout(30_000);
            write(socket, uploading(form, 10));
            server.awaitRunning(OperationKind.UPLOAD);

            assertThat(call("GET", "/api/health", "").at("data.canBackup")).isEqualTo("true");
            assertDone(create("made.zip"));
            assertRefused(upload("other.zip", PocketBaseServerFixture.ARCHIVE), 400, "Failed to upload backup.");
            assertThat(keys()).as("nothing half-made is listed").containsExactly("made.zip");

            write(socket, new String(form, form.length - 10, 10, ISO_8859_1));
            assertThat(new String(socket.getInputStream().readAllBytes(), ISO_8859_1))
                    .startsWith("HTTP/1.1 204 ");
        }
        assertThat(keys()).containsExactly("made.zip", "slow.zip");
        assertDone(upload("other.zip", PocketBaseServerFixture.ARCHIVE));
    }

    @Test
    void a_client_that_goes_away_stops_no_restore_and_leaves_no_half_upload() throws Exception {
        assertDone(create("kept.zip"));
        server.database.text.hold();
        try (var socket = new Socket(InetAddress.getLoopbackAddress(), server.port())) {
            write(
                    socket,
                    "POST /api/backups/kept.zip/restore HTTP/1.1\r\nHost: localhost\r\nAuthorization: " + token
                            + "\r\nPrefer: return=representation\r\nContent-Type: application/json\r\nContent-Length: 0\r\n\r\n");
            awaitCanBackup("false");
        }
        server.database.text.release();
        awaitCanBackup("true");
        assertThat(call("GET", "/api/health", "").at("data.lastRestore.state")).isEqualTo("succeeded");

        byte[] form = HttpCalls.form("cut.zip", PocketBaseServerFixture.ARCHIVE);
        try (var socket = new Socket(InetAddress.getLoopbackAddress(), server.port())) {
            write(socket, uploading(form, 10));
            server.awaitRunning(OperationKind.UPLOAD);
        }
        server.database.settle();
        assertThat(keys()).containsExactly("kept.zip", SAFETY);
        assertDone(upload("cut.zip", PocketBaseServerFixture.ARCHIVE));
    }

    /** A request but for its last bytes. */
    private String uploading(byte[] form, int missing) {
        return "POST /api/backups/upload HTTP/1.1\r\nHost: localhost\r\nAuthorization: " + token
                + "\r\nContent-Type: multipart/form-data; boundary=b\r\nConnection: close\r\nContent-Length: "
                + form.length + "\r\n\r\n" + new String(form, 0, form.length - missing, ISO_8859_1);
    }

    private static void write(Socket socket, String text) throws IOException {
        socket.getOutputStream().write(text.getBytes(ISO_8859_1));
        socket.getOutputStream().flush();
    }

    @Test
    void of_several_that_begin_at_once_all_but_those_whose_turn_it_is_are_told_so() throws Exception {
        List<Answer> answers = new ArrayList<>();
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var begin = new CountDownLatch(1);
            List<Future<Answer>> calls = new ArrayList<>();
            for (int i = 0; i < 8; i++) {
                String name = "at_once_" + i + ".zip";
                calls.add(threads.submit(() -> {
                    begin.await();
                    return create(name);
                }));
            }
            begin.countDown();
            for (Future<Answer> call : calls) {
                answers.add(call.get());
            }
        }
        for (Answer answer : answers) {
            if (answer.status() != 204) {
                assertRefused(answer, 400, BUSY);
            }
        }
        assertThat(keys()).isNotEmpty().hasSize((int)
                answers.stream().filter(it -> it.status() == 204).count());
    }

    @Test
    void a_backup_that_is_being_sent_stays_until_the_client_has_it() throws Exception {
        server.put("large.zip", Origin.MANUAL, 64 << 20);
        String file = call("POST", "/api/files/token", "").at("token");
        try (InputStream body = server.open(BACKUPS + "/large.zip?token=" + file)) {
            assertThat(body.readNBytes(10)).hasSize(10);
            assertRefused(
                    call("DELETE", BACKUPS + "/large.zip", ""),
                    400,
                    "The backup is currently being used and cannot be deleted.");
            // The token counts when a download begins.
            server.clock.advance(Duration.ofMinutes(4));
            assertRefused(server.send("GET", BACKUPS + "/large.zip?token=" + file, ""), 403, CLOSED);
            long left = 0;
            for (byte[] piece = body.readNBytes(1 << 20); piece.length > 0; piece = body.readNBytes(1 << 20)) {
                left += piece.length;
            }
            assertThat(left).isEqualTo((64 << 20) - 10);
        }
        assertDone(call("DELETE", BACKUPS + "/large.zip", ""));
        for (String range : List.of("", "bytes=0-3", "bytes=4-", "bytes=0-1,3-5")) {
            for (int i = 0; i < 20; i++) {
                server.put("small.zip", Origin.MANUAL);
                String[] headers = {"Authorization", token, "Range", range};
                assertThat(server.send("GET", BACKUPS + "/small.zip", "", headers)
                                .status())
                        .isBetween(200, 206);
                assertDone(call("DELETE", BACKUPS + "/small.zip", ""));
            }
        }
    }

    @Test
    void a_backup_whose_bytes_have_changed_is_not_sent() throws Exception {
        assertDone(create("kept.zip"));
        server.store.damage(new BackupKey("kept.zip"));
        assertRefused(
                call("GET", BACKUPS + "/kept.zip", ""), 500, "Something went wrong while processing your request.");
    }

    @Test
    void what_somebody_has_uploaded_under_a_scheduled_name_counts_among_them_but_no_pinned_and_no_foreign_file()
            throws Exception {
        assertDone(upload("@auto_pb_backup_of_another_app.zip", PocketBaseServerFixture.ARCHIVE));
        server.put("@auto_pb_backup_by_hand.zip", Origin.EXTERNAL);
        server.put("@auto_pb_backup_pinned.zip", Origin.AUTOMATIC);
        server.store.update(new BackupKey("@auto_pb_backup_pinned.zip"), it -> it.withPinned(true));
        call("PATCH", SETTINGS, "{\"backups\":{\"cron\":\"0 3 * * *\",\"cronMaxKeep\":1}}");
        server.database.at("2024-01-16T03:00:00Z");
        signInAgain();
        assertThat(keys())
                .containsExactly(
                        "@auto_pb_backup_acme_20240116030000.zip",
                        "@auto_pb_backup_by_hand.zip",
                        "@auto_pb_backup_pinned.zip");
    }

    @Test
    void a_scheduled_backup_that_fails_removes_none() throws Exception {
        call("PATCH", SETTINGS, "{\"backups\":{\"cron\":\"0 3 * * *\",\"cronMaxKeep\":3}}");
        server.database.at("2024-01-16T03:00:00Z");
        server.database.at("2024-01-17T03:00:00Z");
        server.database.text.trouble = Optional.of(new Problem.SourceCorrupt("torn"));
        signInAgain();
        call("PATCH", SETTINGS, "{\"backups\":{\"cronMaxKeep\":1}}");
        server.database.at("2024-01-18T03:00:00Z");
        signInAgain();
        assertThat(keys())
                .containsExactly("@auto_pb_backup_acme_20240116030000.zip", "@auto_pb_backup_acme_20240117030000.zip");
        server.database.text.trouble = Optional.empty();
        server.database.at("2024-01-19T03:00:00Z");
        signInAgain();
        assertThat(keys()).containsExactly("@auto_pb_backup_acme_20240119030000.zip");
    }

    @Test
    void names_are_of_the_databases_prefix_whatever_the_application_comes_to_be_called() throws Exception {
        Answer changed = call("PATCH", SETTINGS, "{\"meta\":{\"appName\":\"My Shop\"}}");
        assertThat(changed.at("meta.appName")).isEqualTo("My Shop");
        assertDone(call("POST", BACKUPS, ""));
        assertThat(keys()).containsExactly("pb_backup_acme_20240115120000.zip");
    }

    @ParameterizedTest
    @CsvSource({
        "myTestDB, my_test_db",
        "My App 2, my_app_2",
        "größe, gr_e",
        "'...', ''",
        "aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeeeffffffffff, aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeee",
    })
    void an_application_stands_in_names_in_snake_case(String prefix, String app) throws Exception {
        try (var named = new PocketBaseServerFixture(true, prefix)) {
            String[] admin = {"Authorization", named.signIn("ann"), "Content-Type", "application/json"};
            assertDone(named.send("POST", BACKUPS, "", admin));
            assertThat(named.send("PATCH", SETTINGS, "{\"backups\":{\"cron\":\"0 3 * * *\"}}", admin)
                            .status())
                    .isEqualTo(200);
            assertDone(named.send("POST", "/api/crons/__pbAutoBackup__", "", admin));
            named.database.settle();
            assertThat(named.send("GET", BACKUPS + "?fields=key", "", admin).text())
                    .isEqualTo("[{\"key\":\"@auto_pb_backup_" + app + "_20240115120000.zip\"},{\"key\":\"pb_backup_"
                            + app + "_20240115120000.zip\"}]\n");
        }
    }

    @Test
    void without_access_control_everybody_is_a_superuser_but_no_page_of_another_origin() throws Exception {
        try (var open = new PocketBaseServerFixture(false, "Acme")) {
            assertDone(open.send("POST", BACKUPS, ""));
            assertThat(open.send("GET", BACKUPS, "").status()).isEqualTo(200);
            assertThat(open.send("GET", "/api/health", "").at("data.canBackup")).isEqualTo("true");
            assertThat(open.send("GET", BACKUPS + "/pb_backup_acme_20240115120000.zip", "")
                            .status())
                    .isEqualTo(200);
            String file = open.send("POST", "/api/files/token", "").at("token");
            assertThat(open.send("GET", BACKUPS + "/pb_backup_acme_20240115120000.zip?token=" + file, "")
                            .status())
                    .isEqualTo(200);
            // Whoever has an account is one of them.
            assertThat(open.signIn("otto")).isNotEmpty();
            assertRefused(
                    open.send(
                            "POST",
                            SIGN_IN,
                            "{\"identity\":\"nobody\",\"password\":\"x\"}",
                            "Content-Type",
                            "application/json"),
                    400,
                    "Failed to authenticate.");
            Answer foreign = open.send("GET", BACKUPS, "", "Origin", "https://admin.example");
            assertThat(foreign.status()).isEqualTo(403);
            assertThat(foreign.at("message")).startsWith("Access control is off");
            assertThat(foreign.at("status")).isEqualTo("403");
        }
    }

    @Test
    void what_two_guides_have_is_had_by_who_prefers_it() throws Exception {
        String[] headers = {
            "Authorization", token, "Content-Type", "application/json", "Prefer", "return=representation"
        };
        Answer made = server.send("POST", BACKUPS, "{\"name\":\"given\"}", headers);
        assertThat(made.status()).isEqualTo(200);
        assertThat(made.text()).isEqualTo("{\"key\":\"given.zip\"}\n");
        assertThat(made.header("Preference-Applied")).isEqualTo("return=representation");
        assertThat(server.send("POST", BACKUPS, "", headers).text())
                .isEqualTo("{\"key\":\"pb_backup_acme_20240115120000.zip\"}\n");
        Answer restored = server.send("POST", BACKUPS + "/given.zip/restore", "", headers);
        assertThat(restored.status()).isEqualTo(200);
        assertThat(restored.text()).isEqualTo("{\"message\":\"Backup restored successfully.\"}\n");
        assertRefused(
                server.send("POST", BACKUPS + "/missing.zip/restore", "", headers),
                400,
                "Missing or invalid backup file.");
        assertRefused(
                server.send("DELETE", BACKUPS + "/missing.zip", "", headers),
                404,
                "The requested resource wasn't found.");
        assertRefused(
                server.send("GET", BACKUPS + "/missing.zip", "", headers), 404, "The requested resource wasn't found.");
        Answer one = call("POST", BACKUPS + "/given.zip/download-token", "");
        assertThat(server.send("GET", BACKUPS + "/pb_backup_acme_20240115120000.zip?token=" + one.at("token"), "")
                        .status())
                .as("it opens every backup")
                .isEqualTo(200);
        server.clock.advance(Duration.ofMinutes(3));
        assertRefused(server.send("GET", BACKUPS + "/given.zip?token=" + one.at("token"), ""), 403, CLOSED);
    }
}
