package dev.holdfast.application.planned;

import static dev.holdfast.domain.operation.OperationKind.VERIFY;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.application.Outcome;
import dev.holdfast.application.access.SettableClock;
import dev.holdfast.application.database.RegisteredDatabase;
import dev.holdfast.application.operation.ScriptedOperations;
import dev.holdfast.application.plan.PlanParser;
import dev.holdfast.application.plan.PlanProperties;
import dev.holdfast.application.store.InMemoryBackupStore;
import dev.holdfast.domain.backup.Backup;
import dev.holdfast.domain.backup.Depth;
import dev.holdfast.domain.backup.Layout;
import dev.holdfast.domain.backup.Origin;
import dev.holdfast.domain.backup.Verification;
import dev.holdfast.domain.database.Database;
import dev.holdfast.domain.database.Source;
import dev.holdfast.domain.identity.BackupKey;
import dev.holdfast.domain.identity.DatabaseName;
import dev.holdfast.domain.operation.Failure;
import dev.holdfast.domain.operation.Operation;
import dev.holdfast.domain.operation.Result;
import dev.holdfast.domain.plan.Plan;
import dev.holdfast.domain.problem.Problem;
import dev.holdfast.domain.profile.Profile;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("unit")
@DisplayNameGeneration(ReplaceUnderscores.class)
class PeriodicVerificationTest {
    private static final Instant NOON = Instant.parse("2026-04-13T12:00:00Z");
    private static final DatabaseName SHOP = new DatabaseName("shop");

    private final SettableClock clock = new SettableClock(NOON);
    private final ScriptedOperations operations = new ScriptedOperations(clock);
    private final InMemoryBackupStore store = new InMemoryBackupStore();
    private final RegisteredDatabase registered = new RegisteredDatabase(
            new Database(SHOP, Source.of(Path.of("/data/shop.db")), Profile.NATIVE, "shop"), store);
    private final List<Depth> depths = new ArrayList<>();
    private final PeriodicVerification rechecks =
            new PeriodicVerification(operations, (database, filename, depth, who) -> {
                depths.add(depth);
                return operations.start(
                        VERIFY, new DatabaseName(database), Optional.of(new BackupKey(filename)), who.name());
            });
    private Plan plan = plan(Map.of("recheck_every", "7d"));

    private static Plan plan(Map<String, String> terms) {
        var reading = new PlanParser().read(PlanProperties.of(terms), Profile.NATIVE);
        return ((PlanParser.Reading.Right) reading).plan();
    }

    private void add(String key, Duration age, Verification verification) {
        store.add(new Backup(
                new BackupKey(key),
                SHOP,
                1,
                NOON.minus(age),
                Optional.empty(),
                Origin.AUTOMATIC,
                Layout.SQLITE,
                verification,
                false,
                Backup.Labels.NONE));
    }

    private void addPassed(String key, Duration checkedBefore) {
        add(key, Duration.ofDays(100), new Verification.Passed(Depth.QUICK, NOON.minus(checkedBefore)));
    }

    @Test
    void a_backup_of_another_database_is_not_checked_again_by_the_plan() {
        addPassed("theirs.db", Duration.ofDays(30));
        store.add(store.list().getFirst().inStoreOf(SHOP, Optional.of(new DatabaseName("blog"))));
        addPassed("ours.db", Duration.ofDays(20));

        look();

        assertThat(begun()).containsExactly("ours.db");
    }

    private void look() {
        rechecks.look(registered, plan, clock.instant());
    }

    private List<String> begun() {
        return operations.all(VERIFY).stream()
                .map(it -> it.subject().orElseThrow().value())
                .toList();
    }

    private void pass(Operation operation) {
        var passed = new Verification.Passed(Depth.QUICK, clock.instant());
        BackupKey key = operation.subject().orElseThrow();
        store.update(key, it -> it.with(passed));
        operations.end(operation, it -> it.succeeded(new Result.Verified(key, passed), clock.instant()));
    }

    private void fail(Operation operation) {
        operations.end(operation, it -> it.failed(Failure.of(new Problem.StoreUnavailable("no")), clock.instant()));
    }

    /** Looks each second, and lets every check end after it ran for {@code taking}. */
    private void go(Duration time, Duration taking) {
        Instant end = clock.instant().plus(time);
        while (clock.instant().isBefore(end)) {
            look();
            clock.advance(Duration.ofSeconds(1));
            for (Operation operation : operations.running()) {
                if (!operation.startedAt().plus(taking).isAfter(clock.instant())) {
                    pass(operation);
                }
            }
        }
    }

    @Test
    void the_one_whose_check_is_the_oldest_comes_first_and_none_before_its_time() {
        addPassed("ten.db", Duration.ofDays(10));
        addPassed("twenty.db", Duration.ofDays(20));
        addPassed("seven.db", Duration.ofDays(7));
        addPassed("six.db", Duration.ofDays(6));

        go(Duration.ofHours(1), Duration.ofSeconds(1));

        assertThat(begun()).containsExactly("twenty.db", "ten.db", "seven.db");
    }

    @Test
    void what_nobody_has_checked_comes_first_once_it_is_an_hour_old() {
        addPassed("ten.db", Duration.ofDays(10));
        add("fresh.db", Duration.ofMinutes(30), new Verification.Unchecked());
        add("settled.db", Duration.ofMinutes(61), new Verification.Unchecked());

        go(Duration.ofMinutes(30), Duration.ofSeconds(1));
        assertThat(begun()).containsExactly("settled.db", "ten.db");

        go(Duration.ofMinutes(10), Duration.ofSeconds(1));
        assertThat(begun()).containsExactly("settled.db", "ten.db", "fresh.db");
    }

    @Test
    void what_nobody_has_checked_is_checked_also_where_checks_are_far_apart() {
        plan = plan(Map.of("recheck_every", "36500d"));
        add("settled.db", Duration.ofHours(2), new Verification.Unchecked());

        look();

        assertThat(begun()).containsExactly("settled.db");
    }

    @Test
    void what_is_known_to_be_corrupt_is_never_checked_again() {
        add(
                "bad.db",
                Duration.ofDays(100),
                new Verification.Corrupt(Depth.QUICK, NOON.minus(Duration.ofDays(90)), "x"));

        go(Duration.ofHours(1), Duration.ofSeconds(1));

        assertThat(begun()).isEmpty();
    }

    @Test
    void where_a_plan_says_never_the_store_is_not_even_listed() {
        addPassed("ten.db", Duration.ofDays(1000));
        plan = plan(Map.of("recheck_every", "never"));

        go(Duration.ofHours(1), Duration.ofSeconds(1));

        assertThat(begun()).isEmpty();
        assertThat(store.lists()).isZero();
    }

    @Test
    void the_check_is_as_deep_as_the_plan_says() {
        addPassed("ten.db", Duration.ofDays(10));
        plan = plan(Map.of("recheck_every", "7d", "verify_depth", "full"));

        look();

        assertThat(depths).containsExactly(Depth.FULL);
    }

    @Test
    void checks_take_at_most_a_tenth_of_the_time() {
        for (int i = 100; i < 200; i++) {
            addPassed(i + ".db", Duration.ofDays(i));
        }
        Duration each = Duration.ofMinutes(2);

        go(Duration.ofHours(10), each);

        assertThat(begun()).hasSize(30);
    }

    @Test
    void a_store_with_nothing_to_check_is_listed_once_a_minute() {
        go(Duration.ofHours(1), Duration.ZERO);

        assertThat(store.lists()).isBetween(59, 61);
    }

    @Test
    void one_check_of_a_database_runs_at_a_time() {
        addPassed("ten.db", Duration.ofDays(10));
        addPassed("eleven.db", Duration.ofDays(11));

        go(Duration.ofHours(5), Duration.ofHours(6));

        assertThat(operations.running()).hasSize(1);
        assertThat(begun()).containsExactly("eleven.db");
    }

    @Test
    void one_whose_check_comes_to_no_end_keeps_no_other_waiting_and_is_tried_again_a_day_later() {
        addPassed("unreadable.db", Duration.ofDays(20));
        addPassed("ten.db", Duration.ofDays(10));
        look();
        fail(operations.running().getFirst());

        go(Duration.ofHours(23), Duration.ofSeconds(1));
        assertThat(begun()).containsExactly("unreadable.db", "ten.db");

        go(Duration.ofHours(2), Duration.ofSeconds(1));
        assertThat(begun()).containsExactly("unreadable.db", "ten.db", "unreadable.db");
    }

    @Test
    void checks_that_fail_at_once_do_not_begin_every_second() {
        for (int i = 100; i < 200; i++) {
            addPassed(i + ".db", Duration.ofDays(i));
        }
        for (int second = 0; second < 600; second++) {
            look();
            operations.running().forEach(this::fail);
            clock.advance(Duration.ofSeconds(1));
        }

        assertThat(begun().size()).isBetween(9, 11);
    }

    @Test
    void a_check_that_another_one_is_in_the_way_of_is_begun_later() {
        addPassed("ten.db", Duration.ofDays(10));
        var other = operations.start(VERIFY, SHOP, Optional.of(new BackupKey("other.db")), "ann");
        go(Duration.ofMinutes(5), Duration.ofDays(1));
        assertThat(begun()).containsExactly("other.db");

        operations.end(((Outcome.Done<Operation>) other).value(), it -> it.cancelled(clock.instant()));
        go(Duration.ofMinutes(2), Duration.ofSeconds(1));

        assertThat(begun()).containsExactly("other.db", "ten.db");
    }

    @Test
    void a_clock_that_was_ahead_during_a_check_and_is_set_right_stops_nothing() {
        addPassed("eleven.db", Duration.ofDays(11));
        addPassed("ten.db", Duration.ofDays(10));
        look();
        clock.advance(Duration.ofDays(365));
        pass(operations.running().getFirst());
        look();
        clock.advance(Duration.ofDays(-365));

        go(Duration.ofMinutes(2), Duration.ofSeconds(1));

        assertThat(begun())
                .as("a check that is dated in the future is none")
                .containsExactly("eleven.db", "eleven.db", "ten.db");
    }

    @Test
    void a_clock_that_is_set_right_during_a_check_stops_nothing_for_longer_than_a_week() {
        clock.advance(Duration.between(NOON, Instant.EPOCH));
        add("dropped.db", Duration.between(Instant.EPOCH, NOON).plusHours(2), new Verification.Unchecked());
        look();
        clock.advance(Duration.between(Instant.EPOCH, NOON));
        pass(operations.running().getFirst());
        look();
        addPassed("ten.db", Duration.ofDays(10));

        clock.advance(Duration.ofDays(7));
        look();

        assertThat(begun()).containsExactly("dropped.db", "ten.db");
    }
}
