package dev.holdfast.application.planned;

import static dev.holdfast.application.planned.PlannedServer.SHOP;
import static dev.holdfast.application.planned.PlannedServer.server;
import static dev.holdfast.domain.operation.OperationKind.BACKUP;
import static dev.holdfast.domain.operation.OperationKind.EXPIRE;
import static dev.holdfast.domain.operation.OperationKind.RESTORE;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.application.notice.Notification;
import dev.holdfast.domain.problem.Problem;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Planned work whose times came while the server was down, and work that a crash interrupted. */
@Tag("unit")
@DisplayNameGeneration(ReplaceUnderscores.class)
class PlannedWorkAfterRestartTest {
    @Test
    void however_many_times_came_while_the_server_was_down_one_backup_makes_up_for_them() {
        PlannedServer server = server();

        server.die().at("2026-04-20T17:00:00Z");
        server.untilWithAllEnding(Instant.parse("2026-04-21T02:59:00Z"));

        assertThat(server.begun(BACKUP)).containsExactly("2026-04-20T17:00:00Z");
        assertThat(server.notices).isEmpty();
        server.untilWithAllEnding(Instant.parse("2026-04-21T03:00:00Z"));
        assertThat(server.begun(BACKUP)).containsExactly("2026-04-20T17:00:00Z", "2026-04-21T03:00:00Z");
    }

    @Test
    void without_catching_up_a_missed_time_is_told_once_and_the_next_one_runs() {
        PlannedServer server = server("catch_up", "false");

        server.die().at("2026-04-20T17:00:00Z").look();
        server.untilWithAllEnding(Instant.parse("2026-04-21T03:00:00Z"));

        assertThat(server.begun(BACKUP)).containsExactly("2026-04-21T03:00:00Z");
        assertThat(server.notices).extracting(Notification::kind).containsExactly(Notification.Kind.MISSED);
        assertThat(server.notices.getFirst().text()).contains("shop").contains("2026-04-20T03:00:00Z");
    }

    @Test
    void without_catching_up_a_time_that_came_while_something_was_in_the_way_still_runs() {
        PlannedServer server = server("catch_up", "false");
        server.at("2026-04-14T02:59:00Z");
        server.operations.start(RESTORE, SHOP, Optional.empty(), "ann");

        server.at("2026-04-14T03:00:00Z").at("2026-04-14T03:30:00Z").at("2026-04-14T04:00:00Z");
        assertThat(server.begun(BACKUP)).isEmpty();
        server.operations.end(server.last(RESTORE), it -> it.cancelled(server.clock.instant()));
        server.look();

        assertThat(server.begun(BACKUP)).containsExactly("2026-04-14T04:00:00Z");
        assertThat(server.notices).isEmpty();
    }

    @Test
    void a_server_that_restarts_every_hour_still_backs_up_each_day() {
        PlannedServer server = server();

        for (int hour = 0; hour < 30 * 24; hour++) {
            server.untilWithAllEnding(server.clock.instant().plus(Duration.ofMinutes(55)));
            server.die();
            server.clock.advance(Duration.ofMinutes(5));
            server.look().succeedAll();
        }

        assertThat(server.begun(BACKUP)).hasSize(30).doesNotHaveDuplicates();
        assertThat(server.begun(EXPIRE)).hasSize(30);
    }

    @Test
    void what_a_crash_cuts_off_runs_again_exactly_once() {
        PlannedServer server = server();
        server.at("2026-04-14T03:00:00Z").die().at("2026-04-14T03:05:00Z");
        assertThat(server.begun(BACKUP)).containsExactly("2026-04-14T03:00:00Z", "2026-04-14T03:05:00Z");

        server.succeedAll().untilWithAllEnding(Instant.parse("2026-04-15T02:00:00Z"));

        assertThat(server.begun(BACKUP)).hasSize(2);
        assertThat(server.begun(EXPIRE)).hasSize(1);
    }

    @Test
    void a_backup_that_was_listed_just_before_the_server_was_killed_is_not_made_again_and_expiry_follows() {
        PlannedServer server = server();
        server.at("2026-04-14T03:00:00Z");
        server.publish(server.last(BACKUP));

        server.die().at("2026-04-14T09:00:00Z");
        server.untilWithAllEnding(Instant.parse("2026-04-15T02:00:00Z"));

        assertThat(server.begun(BACKUP)).hasSize(1);
        assertThat(server.begun(EXPIRE)).hasSize(1);
    }

    @Test
    void also_without_catching_up_a_backup_that_was_listed_is_not_missed_and_expiry_follows() {
        PlannedServer server = server("catch_up", "false");
        server.at("2026-04-14T03:00:00Z");
        server.publish(server.last(BACKUP));

        server.die().at("2026-04-14T09:00:00Z").look();

        assertThat(server.notices).isEmpty();
        assertThat(server.begun(EXPIRE)).hasSize(1);
    }

    @Test
    void a_listed_backup_of_the_time_before_is_not_taken_for_the_one_that_is_due() {
        PlannedServer server = server();
        server.at("2026-04-14T03:00:00Z");
        server.publish(server.last(BACKUP));

        server.die().at("2026-04-15T09:00:00Z");

        assertThat(server.begun(BACKUP)).containsExactly("2026-04-14T03:00:00Z", "2026-04-15T09:00:00Z");
    }

    @Test
    void expiry_follows_where_the_server_was_killed_between_a_backup_and_its_expiry() {
        PlannedServer server = server();
        server.at("2026-04-14T03:00:00Z").operations.refuse(Optional.of(new Problem.StoreUnavailable("stopping")));
        server.succeedAll().look();
        assertThat(server.begun(EXPIRE)).isEmpty();

        server.operations.refuse(Optional.empty());
        server.die().at("2026-04-14T03:10:00Z");
        assertThat(server.begun(EXPIRE)).containsExactly("2026-04-14T03:10:00Z");
        server.die().at("2026-04-14T03:20:00Z");
        server.untilWithAllEnding(Instant.parse("2026-04-15T02:00:00Z"));

        assertThat(server.begun(BACKUP)).hasSize(1);
        assertThat(server.begun(EXPIRE)).containsExactly("2026-04-14T03:10:00Z", "2026-04-14T03:20:00Z");
    }
}
