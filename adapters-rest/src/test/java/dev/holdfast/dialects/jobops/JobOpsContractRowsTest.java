package dev.holdfast.dialects.jobops;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.dialects.jobops.JobOpsServerFixture.Setting;
import dev.holdfast.domain.access.Role;
import dev.holdfast.domain.backup.Backup;
import dev.holdfast.domain.backup.Depth;
import dev.holdfast.domain.backup.Origin;
import dev.holdfast.domain.backup.Verification;
import dev.holdfast.domain.identity.BackupKey;
import dev.holdfast.domain.problem.Problem;
import dev.holdfast.http.dialect.HttpCalls.Answer;
import java.time.Duration;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * What happens in the course of days, and rows of the contract that need no server of their own. All tests share two
 * servers, an open one and one with accounts; each begins on another day, at 10:20:30, with nothing set and no backup.
 */
@Tag("adapter")
@DisplayNameGeneration(ReplaceUnderscores.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Timeout(60)
class JobOpsContractRowsTest {
    private static final String BACKUPS = "/api/backups";
    private static final String SETTINGS = "/api/settings";
    private static final DateTimeFormatter IN_NAMES = DateTimeFormatter.ofPattern("uuuu_MM_dd", Locale.ROOT);

    private final JobOpsServerFixture server = new JobOpsServerFixture(Setting.OPEN);
    private final JobOpsServerFixture closed = new JobOpsServerFixture(Setting.CLOSED);
    private LocalDate today = LocalDate.EPOCH;

    @BeforeEach
    void begin() throws Exception {
        change("{\"backupEnabled\":null,\"backupHour\":null,\"backupMaxCount\":null}");
        for (Backup backup : server.store.list()) {
            server.store.delete(backup.key());
        }
        today = server.clock.instant().atOffset(ZoneOffset.UTC).toLocalDate().plusDays(2);
        at(0, "10:20:30.123");
    }

    @AfterAll
    void stop() {
        server.close();
        closed.close();
    }

    private void at(int days, String time) throws Exception {
        server.database.at(today.plusDays(days) + "T" + time + "Z");
    }

    private String name(int days) {
        return "jobs_" + IN_NAMES.format(today.plusDays(days)) + ".db";
    }

    private String manual(String end) {
        return "jobs_manual_" + IN_NAMES.format(today) + "_" + end + ".db";
    }

    private void change(String body) throws Exception {
        Answer answer = server.json("PATCH", SETTINGS, body);
        assertThat(answer.status()).as(answer.text()).isEqualTo(200);
    }

    private List<String> listed() throws Exception {
        return JobOpsServerFixture.filenames(server.get(BACKUPS));
    }

    private @Nullable Object next() throws Exception {
        return server.get(BACKUPS).value("data.nextScheduled");
    }

    private String scheduled(int days, String hour) {
        return today.plusDays(days) + "T" + hour + ":00:00.000Z";
    }

    @Test
    void a_run_that_fails_removes_nothing_and_the_next_try_is_the_next_day() throws Exception {
        change("{\"backupEnabled\":true,\"backupMaxCount\":1}");
        server.put(name(-3), Origin.AUTOMATIC, 1);
        server.put(name(-2), Origin.AUTOMATIC, 1);
        server.database.text.trouble = Optional.of(new Problem.SourceBusy("It stayed locked."));

        at(1, "02:00:00");
        at(1, "12:00:00");
        assertThat(listed()).containsExactly(name(-2), name(-3));
        assertThat(next()).isEqualTo(scheduled(2, "02"));

        server.database.text.trouble = Optional.empty();
        at(1, "23:59:59");
        assertThat(listed()).hasSize(2);
        at(2, "02:00:00");
        assertThat(listed()).containsExactly(name(2));
    }

    @Test
    void a_file_that_cannot_be_removed_is_passed_over() throws Exception {
        change("{\"backupEnabled\":true,\"backupMaxCount\":1}");
        for (int days = -4; days < -1; days++) {
            server.put(name(days), Origin.AUTOMATIC, 1);
        }
        server.store.stick(new BackupKey(name(-3)));

        at(1, "02:00:00");

        assertThat(listed()).containsExactly(name(1), name(-3));
        assertThat(next()).isEqualTo(scheduled(2, "02"));
        server.store.loosen(new BackupKey(name(-3)));
        at(2, "02:00:00");
        assertThat(listed()).containsExactly(name(2));
    }

    @Test
    void days_that_were_missed_are_made_up_for_by_one_backup_of_today() throws Exception {
        change("{\"backupEnabled\":true}");

        at(4, "12:00:00");

        assertThat(listed()).containsExactly(name(4));
        assertThat(next()).isEqualTo(scheduled(5, "02"));
    }

    @Test
    void the_name_of_an_automatic_backup_is_the_day_in_utc_whatever_the_plans_clock() throws Exception {
        server.database.plans.change(
                "jobs",
                Map.of(
                        "schedule.kind", Optional.of("daily"),
                        "schedule.at", Optional.of("00:30"),
                        "time_zone", Optional.of("Asia/Tokyo")),
                "ann");
        assertThat(next()).isEqualTo(today + "T15:30:00.000Z");

        at(0, "15:30:00");

        assertThat(listed()).containsExactly(name(0));
        assertThat(server.get(BACKUPS).value("data.backups.0.createdAt")).isEqualTo(today + "T00:00:00.000Z");
        server.database.plans.change("jobs", Map.of("time_zone", Optional.empty()), "ann");
    }

    @Test
    void neither_a_manual_backup_nor_another_count_moves_the_next_run() throws Exception {
        change("{\"backupEnabled\":true,\"backupHour\":12}");
        at(0, "11:59:59");

        server.call("POST", BACKUPS, "");
        assertThat(next()).isEqualTo(scheduled(0, "12"));
        change("{\"backupMaxCount\":2}");
        assertThat(next()).isEqualTo(scheduled(0, "12"));

        at(0, "12:00:00");
        assertThat(listed()).containsExactly(manual("11_59_59"), name(0));
        assertThat(next()).isEqualTo(scheduled(1, "12"));
    }

    @Test
    void manual_backups_are_neither_counted_nor_removed() throws Exception {
        change("{\"backupEnabled\":true,\"backupMaxCount\":1}");
        for (int i = 0; i < 3; i++) {
            server.call("POST", BACKUPS, "");
        }
        at(1, "02:00:00");
        at(2, "02:00:00");

        assertThat(listed())
                .containsExactlyInAnyOrder(name(2), manual("10_20_30"), manual("10_20_30_1"), manual("10_20_30_2"));
    }

    @Test
    void todays_backup_stands_whoever_made_it_once_it_has_passed_a_check() throws Exception {
        change("{\"backupEnabled\":true,\"backupMaxCount\":1}");
        server.put(name(-1), Origin.AUTOMATIC, 1);
        server.put(name(0), Origin.AUTOMATIC, 1);
        server.put(name(1), Origin.EXTERNAL, 7);
        var passed = new Verification.Passed(Depth.QUICK, server.clock.instant());
        server.store.update(new BackupKey(name(1)), it -> it.with(passed));

        at(1, "02:00:00");

        assertThat(listed()).containsExactly(name(1), name(0));
        assertThat(server.get(BACKUPS).value("data.backups.0.size")).isEqualTo(7);
    }

    @Test
    void what_somebody_else_put_there_and_what_is_pinned_neither_counts_nor_goes() throws Exception {
        change("{\"backupEnabled\":true,\"backupMaxCount\":2}");
        server.put(name(-6), Origin.UPLOADED, 1);
        server.put(name(-5), Origin.EXTERNAL, 1);
        server.put(name(-4), Origin.AUTOMATIC, 1);
        server.put(name(-3), Origin.AUTOMATIC, 1);
        server.put(name(-2), Origin.EXTERNAL, 1);
        server.put(name(-1), Origin.AUTOMATIC, 1);
        server.store.update(new BackupKey(name(-4)), it -> it.withPinned(true));

        at(1, "02:00:00");

        assertThat(listed()).containsExactly(name(1), name(-1), name(-2), name(-4), name(-5));
        server.store.update(new BackupKey(name(-4)), it -> it.withPinned(false));
    }

    @Test
    void a_backup_is_listed_when_it_is_whole() throws Exception {
        server.database.text.hold();
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            Future<Answer> made = threads.submit(() -> server.call("POST", BACKUPS, ""));
            while (server.database.running().isEmpty()) {
                Thread.onSpinWait();
            }
            assertThat(listed()).isEmpty();
            server.database.text.release();

            assertThat(made.get().status()).isEqualTo(200);
        }
        assertThat(listed()).containsExactly(manual("10_20_30"));
    }

    @ParameterizedTest
    @CsvSource({
        "GET,/api/nothing",
        "DELETE,/api/backups/nonsense",
        "DELETE,/api/backups/jobs_2026_01_01.db",
        "PUT,/api/backups/jobs_2026_01_01.db",
        "POST,/api/backups/jobs_2026_01_01.db/lock"
    })
    void an_error_has_a_code_a_message_and_an_id_and_nothing_else(String method, String path) throws Exception {
        Answer answer = server.json(method, path, "", "x-request-id", "mine");

        assertThat(answer.text())
                .matches("\\{\"ok\":false,\"error\":\\{\"code\":\"[A-Z_]+\",\"message\":\"[^\"]+\"\\},"
                        + "\"meta\":\\{\"requestId\":\"mine\"\\}\\}");
        assertThat(answer.header("x-request-id")).isEqualTo("mine");
    }

    @Test
    void a_body_may_have_100_kilobytes() throws Exception {
        String beside = "{\"backupHour\":7,\"x\":\"\"}";
        String filler = "y".repeat(100 * 1024 - beside.length());

        change("{\"backupHour\":7,\"x\":\"" + filler + "\"}");

        assertThat(server.get(SETTINGS).value("data.backupHour.value")).isEqualTo(7);
        assertThat(server.json("PATCH", SETTINGS, "{\"backupHour\":8,\"x\":\"y" + filler + "\"}")
                        .value("error.message"))
                .isEqualTo("request entity too large");
        assertThat(server.get(SETTINGS).value("data.backupHour.value")).isEqualTo(7);
    }

    /**
     * With the headers that the web client sends, also where there is no body. See {@code
     * docs/contracts/jobops.md#the-web-client}.
     */
    @Test
    void the_calls_of_the_web_client_one_after_the_other() throws Exception {
        String[] headers = {"x-jobops-analytics-session-id", "s1"};
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            Future<Answer> settings = threads.submit(() -> server.json("GET", SETTINGS, "", headers));
            Future<Answer> status = threads.submit(() -> server.json("GET", "/api/app/status", "", headers));
            Future<Answer> backups = threads.submit(() -> server.json("GET", BACKUPS, "", headers));
            assertThat(settings.get().value("data.backupHour.override")).isNull();
            assertThat(status.get().value("ok")).isEqualTo(false);
            assertThat(status.get().value("error.message")).isEqualTo("Route not found: GET /api/app/status");
            assertThat(backups.get().value("data.nextScheduled")).isNull();
        }
        Answer saved = server.json(
                "PATCH",
                SETTINGS,
                "{\"model\":null,\"backupEnabled\":true,\"backupHour\":11,\"backupMaxCount\":null}",
                headers);
        assertThat(saved.value("ok")).isEqualTo(true);
        assertThat(server.json("GET", SETTINGS, "", headers).json().get("data"))
                .isEqualTo(saved.json().get("data"));

        Answer created = server.json("POST", BACKUPS, "", headers);
        assertThat(created.value("data.filename")).isEqualTo(manual("10_20_30"));
        assertThat(server.json("GET", BACKUPS, "", headers).value("data.nextScheduled"))
                .isEqualTo(scheduled(0, "11"));
        at(0, "11:00:00");
        assertThat(JobOpsServerFixture.filenames(server.json("GET", BACKUPS, "", headers)))
                .containsExactly(manual("10_20_30"), name(0));

        Answer deleted = server.json("DELETE", BACKUPS + "/" + name(0), "", headers);
        assertThat(deleted.value("ok")).isEqualTo(true);
        assertThat(JobOpsServerFixture.filenames(server.json("GET", BACKUPS, "", headers)))
                .containsExactly(manual("10_20_30"));
        Answer again = server.json("DELETE", BACKUPS + "/" + name(0), "", headers);
        assertThat(again.value("error.message")).isEqualTo("Backup not found: " + name(0));
    }

    /** What the client does at a 401 of this code: it signs in again, unseen, and repeats the call. */
    @Test
    void a_session_that_is_over_is_begun_again() throws Exception {
        String[] ann = closed.as("ann");
        assertThat(closed.json("GET", BACKUPS, "", ann).status()).isEqualTo(200);
        closed.clock.advance(Duration.ofDays(1).plusSeconds(1));

        Answer refused = closed.json("GET", BACKUPS, "", ann);
        assertThat(refused.status()).isEqualTo(401);
        assertThat(refused.value("error.code")).isEqualTo("UNAUTHORIZED");

        assertThat(closed.json("GET", BACKUPS, "", closed.as("ann")).status()).isEqualTo(200);
    }

    @Test
    void a_token_is_signed_with_hs256_and_ends_with_its_user() throws Exception {
        closed.administer.addUser("zoe", Role.ADMIN, "password of zoe");
        String[] zoe = closed.as("zoe");
        String header = zoe[1].replaceFirst("Bearer ([^.]+)\\..*", "$1");
        assertThat(new String(Base64.getUrlDecoder().decode(header), UTF_8)).contains("\"alg\":\"HS256\"");
        assertThat(closed.get(BACKUPS, zoe).status()).isEqualTo(200);

        closed.administer.removeUser("zoe");
        assertThat(closed.get(BACKUPS, zoe).value("error.message")).isEqualTo("Authentication required");

        closed.administer.addUser("zoe", Role.VIEWER, "another password");
        assertThat(closed.get(BACKUPS, zoe).value("error.message")).isEqualTo("Authentication required");
    }

    /** Hashing is plain here, so that the account differs in its role alone from the one before. */
    @Test
    void rights_are_read_from_the_account_on_each_call_and_not_from_the_token() throws Exception {
        closed.administer.addUser("max", Role.ADMIN, "password of max");
        String[] max = closed.as("max");
        assertThat(closed.get(BACKUPS, max).status()).isEqualTo(200);

        closed.administer.removeUser("max");
        closed.administer.addUser("max", Role.VIEWER, "password of max");

        assertThat(closed.get(BACKUPS, max).value("error.message")).isEqualTo("System admin access is required");
    }

    @ParameterizedTest
    @CsvSource({
        "DELETE,/api/backups/nonsense",
        "DELETE,/api/backups/jobs_2026_01_01.db",
        "POST,/api/backups",
        "PATCH,/api/settings"
    })
    void who_somebody_is_comes_before_what_they_want(String method, String path) throws Exception {
        assertThat(closed.json(method, path, "{").status()).isEqualTo(401);
        assertThat(closed.json(method, path, "{\"backupHour\":99}", closed.as("vic"))
                        .status())
                .isEqualTo(403);
    }
}
