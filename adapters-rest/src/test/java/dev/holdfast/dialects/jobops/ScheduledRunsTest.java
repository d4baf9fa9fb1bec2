package dev.holdfast.dialects.jobops;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.dialects.jobops.JobOpsServerFixture.Setting;
import dev.holdfast.domain.backup.Origin;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The runs that the settings schedule, and what they remove. */
@Tag("adapter")
class ScheduledRunsTest extends SettingsCallsFixture {
    private List<String> listed() throws Exception {
        return JobOpsServerFixture.filenames(server.get("/api/backups"));
    }

    @ParameterizedTest
    @CsvSource({
        "11, 2026-02-15T11:00:00.000Z",
        "10, 2026-02-16T10:00:00.000Z",
        "0, 2026-02-16T00:00:00.000Z",
        "23, 2026-02-15T23:00:00.000Z"
    })
    void the_next_run_is_today_if_the_hour_is_still_ahead_and_else_tomorrow(int hour, String next) throws Exception {
        change("{\"backupEnabled\":true,\"backupHour\":" + hour + "}");

        assertThat(next()).isEqualTo(next);
        change("{\"backupEnabled\":false}");
        assertThat(next()).isNull();
        assertSettings(false, hour, 5);
        change("{\"backupEnabled\":true}");
        assertThat(next()).isEqualTo(next);
    }

    @Test
    void an_hour_of_exactly_now_is_tomorrow() throws Exception {
        server.database.at("2026-02-15T11:00:00Z");
        change("{\"backupEnabled\":true,\"backupHour\":11}");

        assertThat(next()).isEqualTo("2026-02-16T11:00:00.000Z");
    }

    @Test
    void an_hour_of_a_moment_from_now_is_today() throws Exception {
        server.database.at("2026-02-15T10:59:59.999Z");
        change("{\"backupEnabled\":true,\"backupHour\":11}");
        assertThat(next()).isEqualTo("2026-02-15T11:00:00.000Z");

        change("{\"backupHour\":10}");
        assertThat(next()).isEqualTo("2026-02-16T10:00:00.000Z");
        change("{\"backupHour\":11}");
        assertThat(listed()).isEmpty();
        server.database.at("2026-02-15T11:00:00Z");
        assertThat(listed()).containsExactly("jobs_2026_02_15.db");
    }

    @Test
    void without_catching_up_a_day_that_was_missed_stays_missed() throws Exception {
        server.close();
        server = new JobOpsServerFixture(
                Setting.OPEN,
                Map.of("schedule.kind", "daily", "schedule.at", "02:00", "catch_up", "false", "retention.last", "2"));

        server.database.at("2026-02-18T12:00:00Z");
        assertThat(listed()).isEmpty();
        assertThat(next()).isEqualTo("2026-02-19T02:00:00.000Z");

        server.database.at("2026-02-19T02:00:00Z");
        assertThat(listed()).containsExactly("jobs_2026_02_19.db");
    }

    @Test
    void one_backup_a_day_at_the_hour_with_its_date_as_its_name_and_the_oldest_go() throws Exception {
        change("{\"backupEnabled\":true,\"backupHour\":2,\"backupMaxCount\":2}");
        server.call("POST", "/api/backups", "");

        server.database.at("2026-02-16T01:59:59Z");
        assertThat(listed()).containsExactly("jobs_manual_2026_02_15_10_20_30.db");
        for (int day = 16; day <= 19; day++) {
            server.database.at("2026-02-" + day + "T02:00:00Z");
        }

        assertThat(listed())
                .containsExactly("jobs_2026_02_19.db", "jobs_2026_02_18.db", "jobs_manual_2026_02_15_10_20_30.db");
        assertThat(next()).isEqualTo("2026-02-20T02:00:00.000Z");
    }

    @Test
    void a_manual_backup_and_a_lower_count_remove_nothing_by_themselves() throws Exception {
        change("{\"backupEnabled\":true,\"backupMaxCount\":3}");
        for (int day = 16; day <= 18; day++) {
            server.database.at("2026-02-" + day + "T02:00:00Z");
        }

        change("{\"backupMaxCount\":1}");
        server.database.at("2026-02-18T12:00:00Z");
        server.call("POST", "/api/backups", "");
        assertThat(listed()).hasSize(4);

        server.database.at("2026-02-19T02:00:00Z");
        assertThat(listed()).containsExactly("jobs_2026_02_19.db", "jobs_manual_2026_02_18_12_00_00.db");
    }

    @Test
    void where_todays_backup_exists_none_is_made_but_the_oldest_go() throws Exception {
        change("{\"backupEnabled\":true,\"backupMaxCount\":1}");
        server.database.at("2026-02-16T02:00:00Z");
        change("{\"backupHour\":5}");
        server.put("jobs_2026_02_10.db", Origin.AUTOMATIC, 1);

        server.database.at("2026-02-16T05:00:00Z");

        assertThat(listed()).containsExactly("jobs_2026_02_16.db");
        assertThat(next()).isEqualTo("2026-02-17T05:00:00.000Z");
    }

    @Test
    void one_deleted_by_hand_is_made_again_by_a_later_run_of_the_same_day() throws Exception {
        change("{\"backupEnabled\":true}");
        server.database.at("2026-02-16T02:00:00Z");
        server.call("DELETE", "/api/backups/jobs_2026_02_16.db", "");
        server.database.at("2026-02-16T04:00:00Z");
        assertThat(listed()).isEmpty();

        change("{\"backupHour\":5}");
        server.database.at("2026-02-16T05:00:00Z");

        assertThat(listed()).containsExactly("jobs_2026_02_16.db");
    }

    @Test
    void turning_it_off_cancels_at_once() throws Exception {
        change("{\"backupEnabled\":true}");
        server.database.at("2026-02-16T01:59:59Z");
        change("{\"backupEnabled\":false}");

        server.database.at("2026-02-16T02:00:00Z");

        assertThat(listed()).isEmpty();
    }
}
