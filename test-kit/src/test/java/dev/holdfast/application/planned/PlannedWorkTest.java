package dev.holdfast.application.planned;

import static dev.holdfast.application.planned.PlannedServer.BLOG;
import static dev.holdfast.application.planned.PlannedServer.SHOP;
import static dev.holdfast.domain.operation.OperationKind.BACKUP;
import static dev.holdfast.domain.operation.OperationKind.DRILL;
import static dev.holdfast.domain.operation.OperationKind.EXPIRE;
import static dev.holdfast.domain.operation.OperationKind.RESTORE;
import static dev.holdfast.domain.operation.OperationKind.VERIFY;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.application.notice.Notice;
import dev.holdfast.application.plan.PlanStore.Job;
import dev.holdfast.domain.backup.Backup;
import dev.holdfast.domain.backup.Origin;
import dev.holdfast.domain.backup.Verification;
import dev.holdfast.domain.naming.Profile;
import dev.holdfast.domain.operation.Failure;
import dev.holdfast.domain.operation.Operation;
import dev.holdfast.domain.problem.Problem;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;

@DisplayNameGeneration(ReplaceUnderscores.class)
class PlannedWorkTest {
    private static final Instant NOON = Instant.parse("2026-04-13T12:00:00Z");
    private static final Map<String, String> DAILY =
            Map.of("schedule.kind", "daily", "schedule.at", "03:00", "retention.last", "7", "recheck_every", "never");

    private static PlannedServer server(String... moreTerms) {
        return server(Profile.NATIVE, moreTerms);
    }

    private static PlannedServer server(Profile profile, String... moreTerms) {
        return new PlannedServer(NOON, profile, Map.of(SHOP, with(DAILY, moreTerms))).look();
    }

    /** @param more names and values by turns */
    private static Map<String, String> with(Map<String, String> terms, String... more) {
        var all = new HashMap<>(terms);
        for (int i = 0; i < more.length; i += 2) {
            all.put(more[i], more[i + 1]);
        }
        return all;
    }

    private static PlannedServer hourly(String... moreTerms) {
        var terms = with(DAILY, moreTerms);
        terms.put("schedule.kind", "hourly");
        terms.remove("schedule.at");
        return new PlannedServer(NOON.plusSeconds(1), Profile.NATIVE, Map.of(SHOP, terms)).look();
    }

    private static void fail(PlannedServer server, Operation operation) {
        server.operations.end(
                operation, it -> it.failed(Failure.of(new Problem.SourceBusy("locked")), server.clock.instant()));
    }

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
        assertThat(server.notices).extracting(Notice::kind).containsExactly(Notice.Kind.MISSED);
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
    void a_rule_that_is_set_later_removes_nothing_before_the_next_backup() {
        PlannedServer server = server("retention.last", "0");
        server.untilWithAllEnding(Instant.parse("2026-04-14T12:00:00Z"));
        server.plans.change("shop", Map.of("retention.last", Optional.of("1")), "ann");

        server.untilWithAllEnding(Instant.parse("2026-04-15T02:59:00Z"));
        assertThat(server.begun(EXPIRE)).isEmpty();
        server.untilWithAllEnding(Instant.parse("2026-04-15T03:10:00Z"));
        assertThat(server.begun(EXPIRE)).hasSize(1);
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
                .extracting(Notice::text)
                .hasSize(2)
                .last()
                .asString()
                .contains("restore drill");
        assertThat(List.copyOf(server.notices)).allMatch(it -> it.kind() == Notice.Kind.MISSED);
    }
}
