package dev.holdfast.application.planned;

import static dev.holdfast.application.planned.PlannedServer.BLOG;
import static dev.holdfast.application.planned.PlannedServer.DAILY;
import static dev.holdfast.application.planned.PlannedServer.NOON;
import static dev.holdfast.application.planned.PlannedServer.SHOP;
import static dev.holdfast.application.planned.PlannedServer.fail;
import static dev.holdfast.application.planned.PlannedServer.hourly;
import static dev.holdfast.application.planned.PlannedServer.server;
import static dev.holdfast.domain.operation.OperationKind.BACKUP;
import static dev.holdfast.domain.operation.OperationKind.EXPIRE;
import static dev.holdfast.domain.operation.OperationKind.RESTORE;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.application.plan.PlanStore.Job;
import dev.holdfast.domain.backup.Backup;
import dev.holdfast.domain.backup.Origin;
import dev.holdfast.domain.backup.Verification;
import dev.holdfast.domain.identity.DatabaseName;
import dev.holdfast.domain.operation.Operation;
import dev.holdfast.domain.problem.Problem;
import dev.holdfast.domain.profile.Profile;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Backups that are due begin at their times, and their expiry follows. */
@Tag("unit")
@DisplayNameGeneration(ReplaceUnderscores.class)
class PlanSchedulerTest {
    @Test
    void a_time_before_the_plan_was_first_looked_at_is_nobodys() {
        PlannedServer server = server();

        server.at("2026-04-14T02:59:59Z");

        assertThat(server.begun(BACKUP)).isEmpty();
        assertThat(server.begun(EXPIRE)).isEmpty();
    }

    @Test
    void what_is_due_runs_once_by_the_plan_and_not_again_and_expiry_follows() {
        PlannedServer server = server();

        server.at("2026-04-14T03:00:00Z");
        assertThat(server.begun(BACKUP)).containsExactly("2026-04-14T03:00:00Z");
        assertThat(server.last(BACKUP).requestedBy()).isEqualTo("plan");
        server.at("2026-04-14T03:00:01Z").at("2026-04-14T03:00:02Z");
        assertThat(server.begun(EXPIRE)).isEmpty();

        server.untilWithAllEnding(Instant.parse("2026-04-15T02:59:00Z"));

        assertThat(server.begun(BACKUP)).hasSize(1);
        assertThat(server.begun(EXPIRE)).hasSize(1);
        assertThat(server.kept.progress(SHOP, Job.BACKUP).orElseThrow().lastRun())
                .contains(server.operations.all(BACKUP).getFirst().id());
        server.at("2026-04-15T03:00:00Z");
        assertThat(server.begun(BACKUP)).hasSize(2);
    }

    @Test
    void what_another_server_over_the_same_store_has_claimed_is_left_to_it() {
        PlannedServer server = server();
        server.store(SHOP).ofAnotherServer().claim("backup-20260414T030000Z");

        server.at("2026-04-14T03:00:00Z").at("2026-04-14T03:00:01Z");
        assertThat(server.operations.running()).isEmpty();

        server.at("2026-04-15T03:00:00Z");
        assertThat(server.begun(BACKUP)).containsExactly("2026-04-15T03:00:00Z");
        assertThat(server.store(SHOP).ofAnotherServer().claim("backup-20260415T030000Z"))
                .isFalse();
    }

    @Test
    void a_backup_that_takes_longer_than_two_times_makes_one_run_afterwards() {
        PlannedServer server = hourly();

        server.at("2026-04-13T13:00:00Z")
                .at("2026-04-13T14:00:00Z")
                .at("2026-04-13T15:00:00Z")
                .at("2026-04-13T15:30:00Z");
        assertThat(server.operations.running()).hasSize(1);
        server.succeedAll().look().succeedAll().look().look();

        assertThat(server.begun(BACKUP)).containsExactly("2026-04-13T13:00:00Z", "2026-04-13T15:30:00Z");
        server.succeedAll().look().succeedAll().look();
        assertThat(server.begun(BACKUP)).hasSize(2);
    }

    @Test
    void expiry_has_its_turn_where_every_backup_takes_longer_than_the_schedule_allows() {
        PlannedServer server = hourly();
        for (Instant at = Instant.parse("2026-04-13T13:00:00Z");
                at.isBefore(NOON.plus(Duration.ofDays(1)));
                at = at.plus(Duration.ofMinutes(10))) {
            server.at(at);
            for (Operation operation : server.operations.running()) {
                Duration took = Duration.between(operation.startedAt(), at);
                if (operation.kind() == EXPIRE || took.compareTo(Duration.ofMinutes(70)) >= 0) {
                    server.succeed(operation);
                }
            }
        }

        assertThat(server.begun(BACKUP).size()).isGreaterThan(10);
        assertThat(server.begun(EXPIRE).size())
                .isBetween(server.begun(BACKUP).size() - 1, server.begun(BACKUP).size());
    }

    @Test
    void what_is_due_waits_for_whoever_is_in_the_way_and_then_runs() {
        PlannedServer server = server();
        server.at("2026-04-14T02:59:59Z").operations.start(RESTORE, SHOP, Optional.empty(), "ann");

        server.at("2026-04-14T03:00:00Z").at("2026-04-14T03:07:00Z");
        assertThat(server.begun(BACKUP)).isEmpty();
        server.operations.end(server.last(RESTORE), it -> it.cancelled(server.clock.instant()));
        server.at("2026-04-14T03:07:01Z");

        assertThat(server.begun(BACKUP)).containsExactly("2026-04-14T03:07:01Z");
    }

    @Test
    void a_failed_backup_is_done_with_until_the_next_time_and_nothing_expires() {
        PlannedServer server = server();
        fail(server, server.at("2026-04-14T03:00:00Z").last(BACKUP));

        server.untilWithAllEnding(Instant.parse("2026-04-15T02:59:00Z"));
        assertThat(server.begun(BACKUP)).hasSize(1);
        assertThat(server.begun(EXPIRE)).isEmpty();

        server.untilWithAllEnding(Instant.parse("2026-04-15T03:10:00Z"));
        assertThat(server.begun(BACKUP)).containsExactly("2026-04-14T03:00:00Z", "2026-04-15T03:00:00Z");
        assertThat(server.begun(EXPIRE)).hasSize(1);
    }

    @Test
    void a_backup_that_somebody_cancels_is_done_with() {
        PlannedServer server = server();
        server.at("2026-04-14T03:00:00Z");
        server.operations.end(server.last(BACKUP), it -> it.cancelled(server.clock.instant()));

        server.untilWithAllEnding(Instant.parse("2026-04-15T02:59:00Z"));
        server.die().at("2026-04-15T02:59:30Z");

        assertThat(server.begun(BACKUP)).hasSize(1);
        assertThat(server.begun(EXPIRE)).isEmpty();
    }

    @Test
    void in_a_week_of_failing_backups_expiry_never_begins() {
        PlannedServer server = server();
        for (int day = 14; day < 21; day++) {
            fail(server, server.at("2026-04-" + day + "T03:00:00Z").last(BACKUP));
            server.at("2026-04-" + day + "T03:01:00Z")
                    .at("2026-04-" + day + "T15:00:00Z")
                    .die();
        }

        assertThat(server.begun(BACKUP)).hasSize(7);
        assertThat(server.begun(EXPIRE)).isEmpty();
    }

    @Test
    void where_a_profile_has_one_name_a_day_and_it_is_taken_nothing_is_made_and_expiry_follows() {
        PlannedServer server = server(Profile.JOBOPS);
        server.publish(SHOP, Instant.parse("2026-04-14T01:00:00Z"));

        server.untilWithAllEnding(Instant.parse("2026-04-15T02:59:00Z"));

        assertThat(server.begun(BACKUP)).isEmpty();
        assertThat(server.begun(EXPIRE)).hasSize(1);
        assertThat(server.notices).isEmpty();
        server.untilWithAllEnding(Instant.parse("2026-04-15T03:00:00Z"));
        assertThat(server.begun(BACKUP)).hasSize(1);
    }

    @Test
    void a_good_backup_of_todays_name_counts_whoever_made_it_and_one_that_nobody_has_checked_does_not() {
        PlannedServer server = server(Profile.JOBOPS);
        Backup theirs = server.publish(SHOP, Instant.parse("2026-04-14T01:00:00Z"));
        server.store(SHOP).add(external(theirs, theirs.verification()));
        server.untilWithAllEnding(Instant.parse("2026-04-14T03:10:00Z"));
        assertThat(server.begun(BACKUP)).isEmpty();

        Backup next = server.publish(SHOP, Instant.parse("2026-04-15T01:00:00Z"));
        server.store(SHOP).add(external(next, new Verification.Unchecked()));
        server.at("2026-04-15T02:59:00Z").at("2026-04-15T03:00:00Z");
        assertThat(server.begun(BACKUP)).hasSize(1);
    }

    @Test
    void a_backup_of_another_database_does_not_count_as_the_planned_one() {
        PlannedServer server = server(Profile.JOBOPS);
        Backup theirs = server.publish(SHOP, Instant.parse("2026-04-14T01:00:00Z"));
        server.store(SHOP).add(theirs.inStoreOf(SHOP, Optional.of(new DatabaseName("blog"))));

        server.at("2026-04-14T02:59:00Z").at("2026-04-14T03:00:00Z");

        assertThat(server.begun(BACKUP)).hasSize(1);
    }

    private static Backup external(Backup backup, Verification verification) {
        return new Backup(
                backup.key(),
                backup.database(),
                backup.size(),
                backup.createdAt(),
                Optional.empty(),
                Origin.EXTERNAL,
                backup.layout(),
                verification,
                false,
                Backup.Labels.NONE);
    }

    @Test
    void without_a_rule_of_retention_no_expiry_ever_begins() {
        PlannedServer server = server("retention.last", "0");

        server.untilWithAllEnding(Instant.parse("2026-04-16T12:00:00Z"));

        assertThat(server.begun(BACKUP)).hasSize(3);
        assertThat(server.begun(EXPIRE)).isEmpty();
        assertThat(server.kept.progress(SHOP, Job.BACKUP).orElseThrow().expiryPending())
                .isFalse();
    }

    @Test
    void trouble_with_one_store_keeps_no_other_waiting_and_its_backup_begins_to_fail_and_be_heard_of() {
        var server = new PlannedServer(NOON, Profile.NATIVE, Map.of(SHOP, DAILY, BLOG, DAILY)).look();
        var broken = server.store(BLOG);
        broken.breakDown(true);

        server.at("2026-04-14T03:00:00Z");
        int lists = broken.lists();
        assertThat(server.begun(BACKUP, SHOP)).hasSize(1);
        assertThat(server.begun(BACKUP, BLOG)).containsExactly("2026-04-14T03:00:00Z");
        for (int second = 1; second < 60; second++) {
            server.clock.advance(Duration.ofSeconds(1));
            server.look();
        }
        assertThat(broken.lists()).isEqualTo(lists);
        broken.breakDown(false);
        server.at("2026-04-14T03:01:00Z");

        assertThat(server.begun(BACKUP, SHOP)).hasSize(1);
    }

    @Test
    void a_backup_that_cannot_begin_is_tried_again_after_a_minute_and_not_every_second() {
        PlannedServer server = server();
        server.operations.refuse(Optional.of(new Problem.StoreUnavailable("no")));
        server.at("2026-04-14T03:00:00Z").operations.refuse(Optional.empty());

        server.at("2026-04-14T03:00:59Z");
        assertThat(server.begun(BACKUP)).isEmpty();
        server.at("2026-04-14T03:01:00Z");
        assertThat(server.begun(BACKUP)).hasSize(1);
    }
}
