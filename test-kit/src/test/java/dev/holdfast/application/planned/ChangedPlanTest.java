package dev.holdfast.application.planned;

import static dev.holdfast.application.planned.PlannedServer.server;
import static dev.holdfast.domain.operation.OperationKind.BACKUP;
import static dev.holdfast.domain.operation.OperationKind.EXPIRE;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Changes of a plan between its times. */
@Tag("unit")
@DisplayNameGeneration(ReplaceUnderscores.class)
class ChangedPlanTest {
    @Test
    void another_schedule_begins_anew_and_nothing_is_run_for_times_before_the_change() {
        PlannedServer server = server();
        server.die();
        server.clock.advance(Duration.ofDays(3));
        server.plans.change(
                "shop", Map.of("schedule.kind", Optional.of("hourly"), "schedule.minute", Optional.of("30")), "ann");

        server.at("2026-04-16T12:00:01Z").at("2026-04-16T12:29:59Z");
        assertThat(server.begun(BACKUP)).isEmpty();
        server.at("2026-04-16T12:30:00Z");
        assertThat(server.begun(BACKUP)).hasSize(1);
    }

    @Test
    void a_schedule_that_is_changed_while_its_backup_runs_still_has_its_expiry() {
        PlannedServer server = server();
        server.at("2026-04-14T03:00:00Z");
        server.plans.change("shop", Map.of("schedule.at", Optional.of("02:00")), "ann");

        server.untilWithAllEnding(Instant.parse("2026-04-15T01:59:00Z"));

        assertThat(server.begun(BACKUP)).containsExactly("2026-04-14T03:00:00Z");
        assertThat(server.begun(EXPIRE)).hasSize(1);
    }

    @Test
    void a_schedule_that_is_switched_off_runs_no_more() {
        PlannedServer server = server();
        server.plans.change("shop", Map.of("schedule.kind", Optional.of("off")), "ann");

        server.at("2026-04-14T03:00:00Z").at("2026-04-20T03:00:00Z");

        assertThat(server.begun(BACKUP)).isEmpty();
    }

    @Test
    void a_rule_that_is_set_later_removes_nothing_before_the_next_backup() {
        PlannedServer server = server("retention.last", "0");
        server.untilWithAllEnding(Instant.parse("2026-04-14T12:00:00Z"));
        server.plans.change("shop", Map.of("retention.last", Optional.of("1")), "ann");

        server.untilWithAllEnding(Instant.parse("2026-04-15T02:59:00Z"));
        assertThat(server.begun(EXPIRE)).isEmpty();
        server.untilWithAllEnding(Instant.parse("2026-04-15T03:10:00Z"));
        assertThat(server.begun(EXPIRE)).hasSize(1);
    }
}
