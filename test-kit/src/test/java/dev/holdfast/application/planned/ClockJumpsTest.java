package dev.holdfast.application.planned;

import static dev.holdfast.application.planned.PlannedServer.server;
import static dev.holdfast.domain.operation.OperationKind.BACKUP;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Planned work when the clock jumps forward or backward. */
@Tag("unit")
@DisplayNameGeneration(ReplaceUnderscores.class)
class ClockJumpsTest {
    @Test
    void a_clock_that_was_a_year_ahead_and_is_set_right_stops_nothing() {
        PlannedServer server = server();
        server.untilWithAllEnding(Instant.parse("2026-04-14T04:00:00Z"));
        server.at("2027-04-14T12:00:00Z").succeedAll().look().succeedAll().look();
        assertThat(server.begun(BACKUP)).hasSize(2);

        server.at("2026-04-14T04:01:00Z");
        server.untilWithAllEnding(Instant.parse("2026-04-17T04:00:00Z"));

        assertThat(server.begun(BACKUP))
                .endsWith("2026-04-15T03:00:00Z", "2026-04-16T03:00:00Z", "2026-04-17T03:00:00Z")
                .hasSize(5);
    }

    @Test
    void a_clock_that_is_set_back_while_a_backup_runs_makes_no_second_one_at_once() {
        PlannedServer server = server();
        server.at("2026-04-14T03:00:05Z").at("2026-04-13T23:00:00Z").succeedAll();

        server.untilWithAllEnding(Instant.parse("2026-04-14T02:59:00Z"));

        assertThat(server.begun(BACKUP)).hasSize(1);
    }
}
