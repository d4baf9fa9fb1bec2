package dev.holdfast.dialects.jobops;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import dev.holdfast.application.Outcome;
import dev.holdfast.application.backup.OpenBackup;
import dev.holdfast.application.operation.Requester;
import dev.holdfast.dialects.jobops.JobOpsServerFixture.Setting;
import dev.holdfast.domain.backup.Origin;
import dev.holdfast.domain.identity.BackupKey;
import dev.holdfast.domain.operation.Operation;
import dev.holdfast.domain.operation.OperationState;
import dev.holdfast.domain.problem.Problem;
import dev.holdfast.domain.problem.ProblemException;
import dev.holdfast.http.access.Exchange;
import dev.holdfast.http.dialect.HttpCalls.Answer;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** What comes of a call when something behind it fails, is busy or does not come. */
@Tag("adapter")
@DisplayNameGeneration(ReplaceUnderscores.class)
@Timeout(60)
class FailedCallsTest {
    private static final String BACKUPS = "/api/backups";
    private static final String SETTINGS = "/api/settings";
    private static final String LOGIN = "/api/auth/login";
    private static final String ANN = "{\"username\":\"ann\",\"password\":\"password of ann\"}";
    private static final String BUSY =
            "Another operation has been running on the database for too long; try again later.";

    private JobOpsServerFixture server;

    @BeforeEach
    void start() {
        server = new JobOpsServerFixture(Setting.OPEN);
    }

    @AfterEach
    void stop() {
        server.close();
    }

    private void restart(Setting setting, Duration patience) {
        server.close();
        server = new JobOpsServerFixture(setting, Map.of(), Optional.of(patience));
    }

    private List<String> listed() throws Exception {
        return JobOpsServerFixture.filenames(server.get(BACKUPS));
    }

    private static void assertRefused(Answer answer, int status, String code, String message) {
        assertThat(answer.status()).as(answer.text()).isEqualTo(status);
        assertThat(answer.text())
                .isEqualTo("{\"ok\":false,\"error\":{\"code\":\"" + code + "\",\"message\":\""
                        + message.replace("\"", "\\\"") + "\"},\"meta\":{\"requestId\":\""
                        + answer.header("x-request-id") + "\"}}");
        assertThat(answer.header("Access-Control-Allow-Origin")).isEqualTo("*");
    }

    private Operation awaitRunning() {
        while (server.database.running().isEmpty()) {
            Thread.onSpinWait();
        }
        return server.database.running().getFirst();
    }

    @Test
    void whoever_has_waited_too_long_for_another_operation_is_told_so() throws Exception {
        restart(Setting.OPEN, Duration.ofMillis(200));
        server.database.text.hold();
        server.database.useCases.create().start("jobs", new Requester("ann", Optional.empty()));
        awaitRunning();

        assertRefused(server.call("POST", BACKUPS, ""), 409, "CONFLICT", BUSY);

        server.database.text.release();
        while (!server.database.running().isEmpty()) {
            Thread.onSpinWait();
        }
        assertThat(server.call("POST", BACKUPS, "").value("data.filename"))
                .isEqualTo("jobs_manual_2026_02_15_10_20_30_1.db");
        assertThat(listed()).hasSize(2);
    }

    @Test
    void and_whoever_has_waited_too_long_for_others_who_create_too() throws Exception {
        restart(Setting.OPEN, Duration.ofMillis(200));
        server.database.text.hold();
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            Future<Answer> first = threads.submit(() -> server.call("POST", BACKUPS, ""));
            awaitRunning();

            assertRefused(server.call("POST", BACKUPS, ""), 409, "CONFLICT", BUSY);

            server.database.text.release();
            assertThat(first.get().value("data.filename")).isEqualTo("jobs_manual_2026_02_15_10_20_30.db");
        }
        assertThat(listed()).hasSize(1);
    }

    @Test
    void a_backup_that_somebody_cancels_is_a_conflict() throws Exception {
        server.database.text.hold();
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            Future<Answer> made = threads.submit(() -> server.call("POST", BACKUPS, ""));
            Operation operation = awaitRunning();
            server.database.runner.cancel(operation.id().value());
            server.database.text.release();

            assertRefused(
                    made.get(), 409, "CONFLICT", "Operation " + operation.id() + " was cancelled before it was done.");
        }
        assertThat(listed()).isEmpty();
    }

    @Test
    void a_backup_that_somebody_wants_to_keep_or_is_reading_stays() throws Exception {
        String name = server.call("POST", BACKUPS, "").node("data.filename").getStringValue();
        String path = BACKUPS + "/" + name;
        server.store.update(new BackupKey(name), it -> it.withPinned(true));
        assertRefused(
                server.call("DELETE", path, ""), 409, "CONFLICT", "Backup \"" + name + "\" is pinned; unpin it first.");
        server.store.update(new BackupKey(name), it -> it.withPinned(false));

        try (OpenBackup.Opened _ = opened(name)) {
            assertRefused(
                    server.call("DELETE", path, ""),
                    409,
                    "CONFLICT",
                    "Backup \"" + name + "\" is being read by a download, restore or verification; try again later.");
            assertThat(listed()).containsExactly(name);
        }

        assertThat(server.call("DELETE", path, "").status()).isEqualTo(200);
    }

    private OpenBackup.Opened opened(String name) {
        return server.database.useCases.open().open("jobs", name) instanceof Outcome.Done<OpenBackup.Opened>(var opened)
                ? opened
                : org.assertj.core.api.Assertions.fail("cannot be opened");
    }

    @Test
    void a_directory_that_does_not_answer_is_told_in_its_words() throws Exception {
        server.put("jobs_2026_01_01.db", Origin.MANUAL, 1);
        server.store.stick(new BackupKey("jobs_2026_01_01.db"));
        assertRefused(
                server.call("DELETE", BACKUPS + "/jobs_2026_01_01.db", ""),
                500,
                "INTERNAL_ERROR",
                "The disk does not answer.");

        server.store.breakDown(true);
        assertRefused(server.get(BACKUPS), 500, "INTERNAL_ERROR", "The disk does not answer.");

        server.store.breakDown(false);
        server.store.leaveRoomFor(1);
        assertRefused(server.call("POST", BACKUPS, ""), 500, "INTERNAL_ERROR", "10 bytes do not fit.");
        assertThat(listed()).containsExactly("jobs_2026_01_01.db");
    }

    static Stream<Arguments> what_nobody_expected_is_told_without_its_text() {
        return Stream.of(
                arguments("GET", SETTINGS, ""),
                arguments("PATCH", SETTINGS, "{\"backupHour\":4}"),
                arguments("POST", LOGIN, ANN));
    }

    @ParameterizedTest
    @MethodSource
    void what_nobody_expected_is_told_without_its_text(String method, String path, String body) throws Exception {
        server.fail(new IllegalStateException("/srv/secret is odd"));

        assertRefused(server.json(method, path, body), 500, "INTERNAL_ERROR", "Internal server error");
    }

    @Test
    void neither_is_the_text_of_what_goes_wrong_while_a_backup_is_made() throws Exception {
        server.database.text.trouble = Optional.of(new Problem.Internal(new IOException("/srv/secret is odd")));

        assertRefused(server.call("POST", BACKUPS, ""), 500, "INTERNAL_ERROR", "Internal server error");
        assertThat(listed()).isEmpty();
    }

    @Test
    void what_the_server_keeps_for_itself_may_be_out_of_reach_for_a_while() throws Exception {
        server.fail(new ProblemException(new Problem.StoreUnavailable("The disk does not answer.")));

        Answer answer = server.get(SETTINGS);

        assertRefused(answer, 503, "SERVICE_UNAVAILABLE", "The disk does not answer.");
        assertThat(answer.header("Retry-After")).matches("[1-9]\\d*");
    }

    @Test
    void whoever_guesses_passwords_waits_and_is_told_how_long() throws Exception {
        for (int i = 0; i < 5; i++) {
            assertRefused(
                    server.json("POST", LOGIN, ANN.replace("of", "or")), 401, "UNAUTHORIZED", "Invalid credentials");
        }

        Answer answer = server.json("POST", LOGIN, ANN);

        assertRefused(answer, 503, "SERVICE_UNAVAILABLE", "Too many sign-ins have failed; try again in 900 s.");
        assertThat(answer.header("Retry-After")).isEqualTo("900");
        server.clock.advance(Duration.ofMinutes(15));
        assertThat(server.json("POST", LOGIN, ANN).status()).isEqualTo(200);
    }

    @ParameterizedTest
    @CsvSource({
        "POST,/api/backups",
        "DELETE,/api/backups/jobs_2026_01_01.db",
        "PATCH,/api/settings",
        "POST,/api/auth/login"
    })
    void a_body_that_does_not_come_is_not_waited_for_without_end(String method, String path) {
        restart(Setting.OPEN, Duration.ofMillis(200));

        Exchange answer = unfinished(method, path, "Content-Length: 10", "{");

        assertThat(answer.status()).as(answer.toString()).isEqualTo(408);
        assertThat(answer.body())
                .startsWith("{\"ok\":false,\"error\":{\"code\":\"REQUEST_TIMEOUT\","
                        + "\"message\":\"The body did not arrive in time.\"},\"meta\":{\"requestId\":\"");
    }

    @Test
    void a_body_that_breaks_off_is_no_message_and_changes_nothing() throws Exception {
        String begun = "{\"backupHour\":4";
        String chunks = Integer.toHexString(begun.length()) + "\r\n" + begun + "\r\nno number\r\n";

        Exchange answer = unfinished("PATCH", SETTINGS, "Transfer-Encoding: chunked", chunks);

        // Where such a body ends is a guess, so no call is reached.
        assertThat(answer.status()).as(answer.toString()).isEqualTo(400);
        assertThat(answer.body()).contains("\"code\":\"malformed-request\"");
        assertThat(server.database.documents.contents()).isEmpty();
    }

    private Exchange unfinished(String method, String path, String length, String body) {
        return Exchange.send(
                server.port(),
                List.of(
                        method + " /jobops" + path + " HTTP/1.1",
                        "Host: localhost",
                        "Content-Type: application/json",
                        length,
                        "Connection: close"),
                body);
    }

    @Test
    void of_a_run_that_failed_the_operation_tells() throws Exception {
        server.json("PATCH", SETTINGS, "{\"backupEnabled\":true,\"backupMaxCount\":1}");
        server.put("jobs_2026_02_14.db", Origin.AUTOMATIC, 1);
        server.put("jobs_2026_02_13.db", Origin.AUTOMATIC, 1);
        server.put("jobs_2026_02_16.db", Origin.EXTERNAL, 0);

        server.database.at("2026-02-16T02:00:00Z");

        assertThat(listed()).containsExactly("jobs_2026_02_16.db", "jobs_2026_02_14.db", "jobs_2026_02_13.db");
        assertThat(server.database.operations(OperationState.FAILED))
                .singleElement()
                .satisfies(it -> assertThat(it.failure().orElseThrow().code()).isEqualTo("filename-taken"));
    }
}
