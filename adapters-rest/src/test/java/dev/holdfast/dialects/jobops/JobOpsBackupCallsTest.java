package dev.holdfast.dialects.jobops;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import dev.holdfast.domain.backup.Origin;
import dev.holdfast.domain.identity.BackupKey;
import dev.holdfast.domain.problem.Problem;
import dev.holdfast.http.dialect.HttpCalls.Answer;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Backups over JobOps' API that are listed, made and deleted. */
@Tag("adapter")
class JobOpsBackupCallsTest extends BackupCallsFixture {
    @Test
    void without_backups_the_list_is_empty_and_nothing_is_scheduled() throws Exception {
        Answer answer = server.get(BACKUPS, "x-request-id", "mine");

        assertThat(answer.text())
                .isEqualTo("{\"ok\":true,\"data\":{\"backups\":[],\"nextScheduled\":null},"
                        + "\"meta\":{\"requestId\":\"mine\"}}");
        assertThat(answer.header("x-request-id")).isEqualTo("mine");
    }

    @Test
    void creating_answers_200_with_the_backup_which_is_then_listed() throws Exception {
        Answer made = server.call("POST", BACKUPS, "");

        assertThat(made.status()).isEqualTo(200);
        assertThat(made.text())
                .startsWith("{\"ok\":true,\"data\":{\"filename\":\"jobs_manual_2026_02_15_10_20_30.db\","
                        + "\"type\":\"manual\",\"size\":10,\"createdAt\":\"2026-02-15T10:20:30.000Z\"},"
                        + "\"meta\":{\"requestId\":\"");
        Answer list = server.get(BACKUPS);
        assertThat(list.value("data.backups.0.filename")).isEqualTo("jobs_manual_2026_02_15_10_20_30.db");
        assertThat(list.value("data.backups.0.createdAt")).isEqualTo("2026-02-15T10:20:30.000Z");
        assertThat(list.value("data.nextScheduled")).isNull();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "'{}'|application/json",
                "'{\"name\":\"mine.db\"}'|application/json",
                "'[]'|application/json",
                "'not json'|text/plain",
                "''|application/json"
            })
    void a_body_is_ignored_when_creating(String body, String type) throws Exception {
        assertThat(server.call("POST", BACKUPS, body, "Content-Type", type).value("data.filename"))
                .isEqualTo("jobs_manual_2026_02_15_10_20_30.db");
    }

    @Test
    void the_newest_is_first_by_the_time_in_the_name_whatever_the_files_time() throws Exception {
        server.put("jobs_2026_02_15.db", Origin.AUTOMATIC, 1);
        server.put("jobs_manual_2026_02_15_00_00_01.db", Origin.MANUAL, 2);
        server.put("jobs_manual_2026_02_14_23_59_59.db", Origin.MANUAL, 3);
        server.put("jobs_2025_12_31.db", Origin.EXTERNAL, 4);

        assertThat(listed())
                .containsExactly(
                        "jobs_manual_2026_02_15_00_00_01.db",
                        "jobs_2026_02_15.db",
                        "jobs_manual_2026_02_14_23_59_59.db",
                        "jobs_2025_12_31.db");
        Answer answer = server.get(BACKUPS);
        assertThat(answer.value("data.backups.1.type")).isEqualTo("auto");
        assertThat(answer.value("data.backups.1.createdAt")).isEqualTo("2026-02-15T00:00:00.000Z");
        assertThat(answer.value("data.backups.3.type")).isEqualTo("auto");
        assertThat(answer.value("data.backups.3.size")).isEqualTo(4);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "jobs_2026_02_31.db",
                "jobs_2026_13_01.db",
                "jobs_manual_2026_02_15_24_00_00.db",
                "jobs_manual_2026_02_30_10_20_30_1.db",
                "jobs_manual_2026_02_15_10_20_30_1234567890.db",
                "before-upgrade.db"
            })
    void what_has_no_real_time_in_its_name_is_not_listed(String name) throws Exception {
        server.put(name, Origin.EXTERNAL, 1);

        assertThat(listed()).isEmpty();
    }

    @Test
    void a_list_tells_four_things_of_each_backup_and_when_the_next_is_due() throws Exception {
        server.put("jobs_2026_02_14.db", Origin.AUTOMATIC, 245_760);
        server.put("jobs_manual_2026_02_14_10_20_30_123456789.db", Origin.EXTERNAL, 0);
        server.json("PATCH", "/api/settings", "{\"backupEnabled\":true}");

        assertThat(server.get(BACKUPS, "x-request-id", "mine").text())
                .isEqualTo("{\"ok\":true,\"data\":{\"backups\":["
                        + "{\"filename\":\"jobs_manual_2026_02_14_10_20_30_123456789.db\",\"type\":\"manual\","
                        + "\"size\":0,\"createdAt\":\"2026-02-14T10:20:30.000Z\"},"
                        + "{\"filename\":\"jobs_2026_02_14.db\",\"type\":\"auto\",\"size\":245760,"
                        + "\"createdAt\":\"2026-02-14T00:00:00.000Z\"}],"
                        + "\"nextScheduled\":\"2026-02-16T02:00:00.000Z\"},\"meta\":{\"requestId\":\"mine\"}}");
    }

    @Test
    void however_many_there_are_all_are_listed() throws Exception {
        IntStream.rangeClosed(1, 1100)
                .forEach(it -> server.put("jobs_manual_2026_02_14_10_20_30_" + it + ".db", Origin.EXTERNAL, 1));

        assertThat(listed()).hasSize(1100).doesNotHaveDuplicates();
    }

    @Test
    void a_name_is_decoded_once() throws Exception {
        server.put("jobs_2026_02_14.db", Origin.AUTOMATIC, 1);

        assertRefused(
                server.call("DELETE", BACKUPS + "/jobs%255F2026%255F02%255F14.db", ""),
                400,
                "INVALID_REQUEST",
                "Invalid backup filename");
        assertThat(server.call("DELETE", BACKUPS + "/%6Aobs%5F2026%5F02%5F14%2Edb", "")
                        .value("data.message"))
                .isEqualTo("Backup jobs_2026_02_14.db deleted successfully");
        assertRefused(
                server.call("DELETE", BACKUPS + "/jobs%5F2026%5F02%5F14.db", ""),
                404,
                "NOT_FOUND",
                "Backup not found: jobs_2026_02_14.db");
    }

    @Test
    void a_suffix_does_not_change_the_time() throws Exception {
        server.put("jobs_manual_2026_02_14_10_20_30_17.db", Origin.MANUAL, 1);

        assertThat(server.get(BACKUPS).value("data.backups.0.createdAt")).isEqualTo("2026-02-14T10:20:30.000Z");
    }

    @Test
    void taken_names_get_suffixes_up_to_100_and_then_it_fails() throws Exception {
        assertThat(server.call("POST", BACKUPS, "").value("data.filename"))
                .isEqualTo("jobs_manual_2026_02_15_10_20_30.db");
        assertThat(server.call("POST", BACKUPS, "").value("data.filename"))
                .isEqualTo("jobs_manual_2026_02_15_10_20_30_1.db");
        IntStream.rangeClosed(2, 99)
                .forEach(it -> server.put("jobs_manual_2026_02_15_10_20_30_" + it + ".db", Origin.MANUAL, 1));
        assertThat(server.call("POST", BACKUPS, "").value("data.filename"))
                .isEqualTo("jobs_manual_2026_02_15_10_20_30_100.db");
        assertRefused(
                server.call("POST", BACKUPS, ""),
                500,
                "INTERNAL_ERROR",
                "Failed to create unique manual backup filename");
        assertThat(listed()).hasSize(101).startsWith("jobs_manual_2026_02_15_10_20_30_100.db");
    }

    @Test
    void two_who_create_at_once_both_get_a_backup_of_their_own() throws Exception {
        server.database.text.hold();
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            Callable<Answer> create = () -> server.call("POST", BACKUPS, "");
            List<Future<Answer>> answers = List.of(threads.submit(create), threads.submit(create));
            server.database.text.release();

            assertThat(List.of(
                            String.valueOf(answers.get(0).get().value("data.filename")),
                            String.valueOf(answers.get(1).get().value("data.filename"))))
                    .containsExactlyInAnyOrder(
                            "jobs_manual_2026_02_15_10_20_30.db", "jobs_manual_2026_02_15_10_20_30_1.db");
        }
    }

    @Test
    void creating_waits_for_what_is_in_the_way() throws Exception {
        server.json("PATCH", "/api/settings", "{\"backupEnabled\":true,\"backupHour\":11}");
        server.database.at("2026-02-15T10:59:00Z");
        server.database.text.hold();
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            Future<?> plan = threads.submit(() -> {
                server.database.at("2026-02-15T11:00:00Z");
                return "";
            });
            while (server.database.running().isEmpty()) {
                Thread.onSpinWait();
            }
            Future<Answer> created = threads.submit(() -> server.call("POST", BACKUPS, ""));
            server.database.text.release();

            assertThat(created.get().value("data.filename")).isEqualTo("jobs_manual_2026_02_15_11_00_00.db");
            plan.get();
        }
        assertThat(listed()).containsExactly("jobs_manual_2026_02_15_11_00_00.db", "jobs_2026_02_15.db");
    }

    static Stream<Arguments> what_fails_is_500_with_its_text() {
        return Stream.of(
                arguments(
                        Problem.SourceNotFound.missing(JobOpsServerFixture.MISSING),
                        "Database file not found: " + JobOpsServerFixture.MISSING),
                arguments(new Problem.SourceBusy("It stayed locked."), "It stayed locked."),
                arguments(new Problem.InsufficientStorage("The disk is full."), "The disk is full."),
                arguments(new Problem.StoreUnavailable("It cannot be written."), "It cannot be written."));
    }

    @ParameterizedTest
    @MethodSource
    void what_fails_is_500_with_its_text(Problem problem, String message) throws Exception {
        server.database.text.trouble = Optional.of(problem);

        assertRefused(server.call("POST", BACKUPS, ""), 500, "INTERNAL_ERROR", message);
        assertThat(listed()).isEmpty();
    }

    @Test
    void a_list_that_cannot_be_read_is_500() throws Exception {
        server.store.breakDown(true);

        Answer answer = server.get(BACKUPS);

        assertThat(answer.status()).isEqualTo(500);
        assertThat(answer.value("error.code")).isEqualTo("INTERNAL_ERROR");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "jobs_2026_02_14.db",
                "jobs_manual_2026_02_14_10_20_30.db",
                "jobs_manual_2026_02_14_10_20_30_7.db",
                "jobs_manual_2026_02_14_10_20_30_123456789.db",
                "jobs_2026_02_31.db"
            })
    void both_kinds_are_deleted_and_the_answer_has_a_body(String name) throws Exception {
        server.put(name, Origin.EXTERNAL, 1);

        Answer answer = server.call("DELETE", BACKUPS + "/" + name, "");

        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.text())
                .startsWith(
                        "{\"ok\":true,\"data\":{\"message\":\"Backup " + name + " deleted successfully\"},\"meta\":");
        assertThat(server.store.find(new BackupKey(name))).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "jobs.db",
                "jobs.db-wal",
                "app_20260215_102030.db",
                "JOBS_2026_02_15.db",
                "jobs_2026_02_15.db.bak",
                "jobs_2026_2_15.db",
                "jobs_manual_2026_02_15_10_20.db",
                "..%2Fjobs_2026_02_15.db",
                "%2e%2e%2fjobs.db",
                "jobs_2026_02_15.db%00",
                "jobs_2026_02_15.db%0A",
                "jobs_%D9%A2%D9%A0%D9%A2%D9%A6_02_15.db",
                "jobs_manual_2026_02_15_10_20_30_.db",
                "jobs_manual_2026_02_15_10_20_30_1234567890.db",
                "a%2Fjobs_2026_02_15.db",
                "%2Fsrv%2Fjobops%2Fjobs_2026_02_15.db",
                "jobs_2026_02_15.db+"
            })
    void a_name_of_no_backup_is_refused(String name) throws Exception {
        assertRefused(
                server.call("DELETE", BACKUPS + "/" + name, ""), 400, "INVALID_REQUEST", "Invalid backup filename");
    }

    @Test
    void a_backup_that_is_not_there_is_404() throws Exception {
        assertRefused(
                server.call("DELETE", BACKUPS + "/jobs_2026_01_01.db", ""),
                404,
                "NOT_FOUND",
                "Backup not found: jobs_2026_01_01.db");
    }

    @Test
    void a_file_that_cannot_be_removed_is_500() throws Exception {
        server.put("jobs_2026_01_01.db", Origin.MANUAL, 1);
        server.store.stick(new BackupKey("jobs_2026_01_01.db"));

        Answer answer = server.call("DELETE", BACKUPS + "/jobs_2026_01_01.db", "");

        assertThat(answer.status()).isEqualTo(500);
        assertThat(answer.value("error.code")).isEqualTo("INTERNAL_ERROR");
        assertThat(String.valueOf(answer.value("error.message"))).isNotEmpty();
    }

    @Test
    void a_pinned_backup_stays() throws Exception {
        server.put("jobs_2026_01_01.db", Origin.MANUAL, 1);
        server.store.update(new BackupKey("jobs_2026_01_01.db"), it -> it.withPinned(true));

        Answer answer = server.call("DELETE", BACKUPS + "/jobs_2026_01_01.db", "");

        assertThat(answer.status()).isEqualTo(409);
        assertThat(answer.value("error.code")).isEqualTo("CONFLICT");
        assertThat(listed()).containsExactly("jobs_2026_01_01.db");
    }
}
