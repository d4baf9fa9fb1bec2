package dev.holdfast.application.planned;

import static dev.holdfast.application.planned.PlannedServer.SHOP;
import static dev.holdfast.application.planned.PlannedServer.fail;
import static dev.holdfast.application.planned.PlannedServer.server;
import static dev.holdfast.domain.operation.OperationKind.BACKUP;
import static dev.holdfast.domain.operation.OperationKind.DRILL;
import static dev.holdfast.domain.operation.OperationKind.VERIFY;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.application.notice.Notification;
import dev.holdfast.application.plan.PlanStore.Job;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Restore drills that a plan schedules. */
@Tag("unit")
@DisplayNameGeneration(ReplaceUnderscores.class)
class PlannedDrillsTest {
    @Test
    void drills_have_a_schedule_of_their_own_and_run_beside_a_backup() {
        PlannedServer server = server("drill.kind", "weekly", "drill.days", "tuesday", "drill.at", "03:00");

        server.at("2026-04-14T03:00:00Z");
        assertThat(server.begun(BACKUP)).hasSize(1);
        assertThat(server.begun(DRILL)).containsExactly("2026-04-14T03:00:00Z");

        server.succeedAll().untilWithAllEnding(Instant.parse("2026-04-21T02:59:00Z"));
        assertThat(server.begun(DRILL)).hasSize(1);
        server.die().at("2026-05-20T00:00:00Z").succeedAll();
        server.untilWithAllEnding(Instant.parse("2026-05-26T02:59:00Z"));
        assertThat(server.begun(DRILL)).hasSize(2);
    }

    @Test
    void a_drill_that_is_cut_off_is_held_again_and_one_that_failed_is_not() {
        PlannedServer server = server("drill.kind", "weekly", "drill.days", "tuesday", "drill.at", "04:00");
        server.at("2026-04-14T03:00:00Z").succeedAll();
        server.at("2026-04-14T04:00:00Z").die().at("2026-04-14T04:10:00Z");
        assertThat(server.begun(DRILL)).hasSize(2);

        fail(server, server.last(DRILL));
        server.untilWithAllEnding(Instant.parse("2026-04-21T03:59:00Z"));

        assertThat(server.begun(DRILL)).hasSize(2);
        assertThat(server.kept.progress(SHOP, Job.DRILL).orElseThrow().expiryPending())
                .isFalse();
    }

    @Test
    void a_drill_waits_for_a_check_that_is_in_the_way_also_without_catching_up() {
        PlannedServer server =
                server("drill.kind", "weekly", "drill.days", "tuesday", "drill.at", "04:00", "catch_up", "false");
        server.at("2026-04-14T03:00:00Z").succeedAll();
        server.operations.start(VERIFY, SHOP, Optional.empty(), "plan");

        server.at("2026-04-14T04:00:00Z").at("2026-04-14T04:30:00Z");
        server.operations.end(server.last(VERIFY), it -> it.cancelled(server.clock.instant()));
        server.look();

        assertThat(server.begun(DRILL)).containsExactly("2026-04-14T04:30:00Z");
        assertThat(server.notices).isEmpty();
    }

    @Test
    void a_missed_drill_is_told_as_one() {
        PlannedServer server =
                server("drill.kind", "weekly", "drill.days", "tuesday", "drill.at", "04:00", "catch_up", "false");
        server.die().at("2026-04-14T18:00:00Z");

        assertThat(server.begun(DRILL)).isEmpty();
        assertThat(server.notices)
                .extracting(Notification::text)
                .hasSize(2)
                .last()
                .asString()
                .contains("restore drill");
        assertThat(List.copyOf(server.notices)).allMatch(it -> it.kind() == Notification.Kind.MISSED);
    }
}
