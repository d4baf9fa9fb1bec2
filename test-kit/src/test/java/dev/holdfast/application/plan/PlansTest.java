package dev.holdfast.application.plan;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.application.Outcome;
import dev.holdfast.application.access.SettableClock;
import dev.holdfast.application.database.Databases;
import dev.holdfast.application.database.RegisteredDatabase;
import dev.holdfast.application.plan.PlanStore.Kept;
import dev.holdfast.application.plan.Plans.EffectivePlan;
import dev.holdfast.application.store.InMemoryBackupStore;
import dev.holdfast.domain.database.Database;
import dev.holdfast.domain.database.Source;
import dev.holdfast.domain.identity.DatabaseName;
import dev.holdfast.domain.problem.Problem;
import dev.holdfast.domain.profile.Profile;
import dev.holdfast.domain.retention.RetentionPolicy;
import dev.holdfast.domain.schedule.Schedule;
import java.nio.file.Path;
import java.time.Instant;
import java.time.LocalTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("unit")
@DisplayNameGeneration(ReplaceUnderscores.class)
class PlansTest {
    private static final Instant NOON = Instant.parse("2026-04-13T12:00:00Z");
    private static final DatabaseName SHOP = new DatabaseName("shop");
    private static final RegisteredDatabase REGISTERED = new RegisteredDatabase(
            new Database(SHOP, Source.of(Path.of("/data/shop.db")), Profile.NATIVE, "shop"), new InMemoryBackupStore());
    private static final PlanProperties SETTINGS = PlanProperties.of(Map.of(
            "schedule.kind", "weekly", "schedule.days", "sunday", "schedule.at", "03:00", "retention.last", "7"));

    private final InMemoryPlanStore store = new InMemoryPlanStore();
    private final Plans plans = plans(SETTINGS);

    private Plans plans(PlanProperties settings) {
        return new Plans(
                new Databases(List.of(REGISTERED)),
                Map.of(SHOP, settings),
                store,
                new PlanParser(),
                new SettableClock(NOON));
    }

    private static EffectivePlan done(Outcome<EffectivePlan> outcome) {
        assertThat(outcome).isInstanceOf(Outcome.Done.class);
        return ((Outcome.Done<EffectivePlan>) outcome).value();
    }

    private static Problem refused(Outcome<EffectivePlan> outcome) {
        assertThat(outcome).isInstanceOf(Outcome.Refused.class);
        return ((Outcome.Refused<EffectivePlan>) outcome).problem();
    }

    private EffectivePlan set(String name, String value) {
        return done(plans.change("shop", Map.of(name, Optional.of(value)), "ann"));
    }

    private EffectivePlan takeBack(String name) {
        return done(plans.change("shop", Map.of(name, Optional.empty()), "ann"));
    }

    private EffectivePlan inForce() {
        return plans.of(REGISTERED);
    }

    private void keep(Map<String, String> terms) {
        store.keep(
                SHOP,
                new Kept(PlanProperties.of(terms), "other version", NOON),
                new AuditEntry(NOON, "other version", "plan.change", SHOP, ""));
    }

    @Test
    void settings_are_in_force_where_nobody_has_changed_anything() {
        assertThat(inForce().terms()).isEqualTo(SETTINGS);
        assertThat(inForce().kept()).isEmpty();
        assertThat(plans.plan(SHOP).retention()).isEqualTo(RetentionPolicy.keepLast(7));
    }

    @Test
    void a_change_is_over_the_settings_and_what_it_does_not_name_stays() {
        EffectivePlan after = set("retention.last", "3");

        assertThat(after).isEqualTo(inForce());
        assertThat(after.plan().retention()).isEqualTo(RetentionPolicy.keepLast(3));
        assertThat(after.plan().backups()).isEqualTo(plans(SETTINGS).plan(SHOP).backups());
        assertThat(after.kept()).contains(new Kept(PlanProperties.of(Map.of("retention.last", "3")), "ann", NOON));
    }

    @Test
    void changes_add_up() {
        set("retention.last", "3");
        set("retention.daily", "5");

        assertThat(plans.plan(SHOP).retention()).isEqualTo(new RetentionPolicy(3, 0, 5, 0, 0, 0, Optional.empty()));
    }

    @Test
    void one_term_of_a_schedule_is_changed_alone_where_the_kind_stays() {
        assertThat(set("schedule.at", "04:30").terms().values())
                .containsEntry("schedule.kind", "weekly")
                .containsEntry("schedule.days", "sunday")
                .containsEntry("schedule.at", "04:30");
    }

    @Test
    void a_term_that_is_taken_back_is_as_the_settings_say() {
        set("retention.last", "3");

        assertThat(takeBack("retention.last").terms()).isEqualTo(SETTINGS);
        assertThat(takeBack("retention.last").terms()).isEqualTo(SETTINGS);
    }

    @Test
    void another_kind_of_schedule_replaces_all_of_the_settings_schedule() {
        EffectivePlan after = done(plans.change(
                "shop", Map.of("schedule.kind", Optional.of("hourly"), "schedule.minute", Optional.of("5")), "ann"));

        assertThat(after.plan().backups().schedule()).isEqualTo(new Schedule.Hourly(1, 5));
        assertThat(after.terms().values()).doesNotContainKeys("schedule.days", "schedule.at");
    }

    @Test
    void another_kind_of_schedule_replaces_all_of_a_changed_schedule_too() {
        set("schedule.at", "04:30");
        done(plans.change(
                "shop", Map.of("schedule.kind", Optional.of("daily"), "schedule.at", Optional.of("05:00")), "ann"));
        EffectivePlan off = set("schedule.kind", "off");

        assertThat(off.plan().backups().schedule()).isEqualTo(new Schedule.Off());
        assertThat(off.kept().orElseThrow().terms().values()).containsOnlyKeys("schedule.kind");
    }

    @Test
    void taking_back_the_kind_takes_back_the_whole_schedule() {
        done(plans.change(
                "shop", Map.of("schedule.kind", Optional.of("daily"), "schedule.at", Optional.of("05:00")), "ann"));

        assertThat(takeBack("schedule.kind").terms()).isEqualTo(SETTINGS);
    }

    @Test
    void a_kind_without_what_it_needs_is_refused_also_where_the_old_schedule_had_it() {
        assertThat(refused(plans.change("shop", Map.of("schedule.kind", Optional.of("daily")), "ann"))
                        .detail())
                .startsWith("schedule.at: missing");
    }

    @Test
    void nothing_is_kept_if_anything_is_wrong_and_all_of_it_is_named() {
        Problem problem = refused(plans.change(
                "shop",
                Map.of(
                        "retention.last", Optional.of("3"),
                        "catch_up", Optional.of("maybe"),
                        "verify_depth", Optional.of("deep"),
                        "colour", Optional.empty()),
                "ann"));

        assertThat(problem).isInstanceOf(Problem.InvalidArgument.class);
        assertThat(problem.detail())
                .contains("catch_up: \"maybe\"")
                .contains("verify_depth: \"deep\"")
                .contains("colour: unknown");
        assertThat(store.find(SHOP)).isEmpty();
        assertThat(store.newest(10)).isEmpty();
        assertThat(inForce().terms()).isEqualTo(SETTINGS);
    }

    @Test
    void a_hostile_name_is_not_repeated_as_it_came() {
        Problem problem =
                refused(plans.change("shop", Map.of("a\r\n\u001b" + "x".repeat(9_999), Optional.empty()), "ann"));

        assertThat(problem.detail()).matches("[\\x20-\\x7e…]+").hasSizeLessThan(1000);
        assertThat(((Problem.InvalidArgument) problem).field()).matches("[\\x20-\\x7e…]{1,70}");
    }

    @Test
    void an_unknown_database_is_refused() {
        assertThat(refused(plans.change("blog", Map.of(), "ann"))).isEqualTo(new Problem.DatabaseNotFound("blog"));
        assertThat(refused(plans.preview("blog", Map.of()))).isEqualTo(new Problem.DatabaseNotFound("blog"));
    }

    @Test
    void the_audit_says_who_changed_what_from_what_to_what() {
        done(plans.change(
                "shop",
                Map.of(
                        "retention.last", Optional.of("3"),
                        "schedule.kind", Optional.of("daily"),
                        "schedule.at", Optional.of("04:00")),
                "ann"));
        done(plans.change("shop", Map.of("retention.last", Optional.empty()), "bob"));
        done(plans.change("shop", Map.of("retention.last", Optional.of("7")), "eve"));

        assertThat(store.newest(10))
                .containsExactly(
                        new AuditEntry(NOON, "eve", "plan.change", SHOP, "nothing"),
                        new AuditEntry(NOON, "bob", "plan.change", SHOP, "retention.last: 3 -> 7"),
                        new AuditEntry(
                                NOON,
                                "ann",
                                "plan.change",
                                SHOP,
                                "retention.last: 7 -> 3, schedule.at: 03:00 -> 04:00, "
                                        + "schedule.days: sunday -> unset, schedule.kind: weekly -> daily"));
    }

    @Test
    void a_preview_shows_what_a_change_would_do_and_keeps_nothing() {
        Map<String, Optional<String>> change = Map.of("retention.last", Optional.of("3"));

        EffectivePlan shown = done(plans.preview("shop", change));

        assertThat(shown.plan().retention()).isEqualTo(RetentionPolicy.keepLast(3));
        assertThat(shown.kept()).isEmpty();
        assertThat(store.find(SHOP)).isEmpty();
        assertThat(store.newest(10)).isEmpty();
        assertThat(shown.plan())
                .isEqualTo(done(plans.change("shop", change, "ann")).plan());
    }

    @Test
    void a_preview_refuses_what_a_change_would_be_refused_for() {
        Map<String, Optional<String>> change = Map.of("retention.last", Optional.of("-3"));

        assertThat(refused(plans.preview("shop", change))).isEqualTo(refused(plans.change("shop", change, "ann")));
    }

    @Test
    void a_database_that_no_setting_names_has_a_plan_without_a_schedule_and_without_expiry() {
        var without = new Plans(
                new Databases(List.of(REGISTERED)), Map.of(), store, new PlanParser(), new SettableClock(NOON));

        assertThat(without.plan(SHOP).backups().schedule()).isEqualTo(new Schedule.Off());
        assertThat(without.plan(SHOP).retention().isEmpty()).isTrue();
    }

    @Test
    void of_what_cannot_be_read_nothing_is_done_by_itself_not_even_a_check() {
        keep(Map.of("retention.last", "1", "schedule.kind", "at full moon", "recheck_every", "1d"));

        assertThat(inForce().plan().backups().schedule()).isEqualTo(new Schedule.Off());
        assertThat(inForce().plan().drills().schedule()).isEqualTo(new Schedule.Off());
        assertThat(inForce().plan().retention().isEmpty()).isTrue();
        assertThat(inForce().plan().recheckEvery()).isEmpty();
    }

    @Test
    void what_cannot_be_read_is_logged_once_and_again_when_it_is_another_trouble() {
        List<String> logged = logging(() -> {
            keep(Map.of("schedule.kind", "at full moon"));
            for (int second = 0; second < 100; second++) {
                inForce();
            }
            keep(Map.of("schedule.kind", "at half moon"));
            inForce();
            inForce();
        });

        assertThat(logged).hasSize(2);
        assertThat(logged.getFirst()).contains("database shop").contains("at full moon");
        assertThat(logged.getLast()).contains("at half moon");
    }

    @Test
    void what_could_not_be_read_is_mended_by_a_change() {
        keep(Map.of("schedule.kind", "at full moon"));

        done(plans.change("shop", Map.of("schedule.kind", Optional.empty()), "ann"));

        assertThat(inForce().terms()).isEqualTo(SETTINGS);
    }

    @Test
    void a_term_that_only_another_version_knew_can_be_taken_back_and_not_set() {
        keep(Map.of("colour", "red", "retention.last", "3"));
        assertThat(inForce().plan().retention().isEmpty()).isTrue();

        assertThat(refused(plans.change("shop", Map.of("colour", Optional.of("blue")), "ann"))
                        .detail())
                .startsWith("colour: unknown");
        assertThat(takeBack("colour").plan().retention()).isEqualTo(RetentionPolicy.keepLast(3));
    }

    @Test
    void what_no_longer_goes_with_the_settings_does_nothing_until_it_is_taken_back() {
        set("schedule.at", "04:00");
        var restarted = plans(PlanProperties.of(Map.of("schedule.kind", "hourly")));

        assertThat(restarted.plan(SHOP).backups().schedule()).isEqualTo(new Schedule.Off());

        done(restarted.change("shop", Map.of("schedule.at", Optional.empty()), "ann"));
        assertThat(restarted.plan(SHOP).backups().schedule()).isEqualTo(new Schedule.Hourly(1, 0));
    }

    @Test
    void a_daily_plan_that_was_changed_keeps_its_time_of_day() {
        done(plans.change(
                "shop", Map.of("schedule.kind", Optional.of("daily"), "schedule.at", Optional.of("05:00")), "ann"));

        assertThat(plans.plan(SHOP).backups().schedule()).isEqualTo(new Schedule.Daily(LocalTime.of(5, 0)));
    }

    private static List<String> logging(Runnable steps) {
        List<String> messages = new ArrayList<>();
        var handler = new Handler() {
            @Override
            public void publish(LogRecord record) {
                if (record.getLevel().equals(Level.SEVERE)) {
                    messages.add(record.getMessage());
                }
            }

            @Override
            public void flush() {}

            @Override
            public void close() {}
        };
        Logger logger = Logger.getLogger(Plans.class.getName());
        logger.addHandler(handler);
        try {
            steps.run();
        } finally {
            logger.removeHandler(handler);
        }
        return messages;
    }
}
