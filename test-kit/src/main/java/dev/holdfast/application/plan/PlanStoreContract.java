package dev.holdfast.application.plan;

import static java.util.stream.IntStream.range;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.application.plan.PlanStore.Drill;
import dev.holdfast.application.plan.PlanStore.Job;
import dev.holdfast.application.plan.PlanStore.Kept;
import dev.holdfast.application.plan.PlanStore.Progress;
import dev.holdfast.domain.identity.BackupKey;
import dev.holdfast.domain.identity.DatabaseName;
import dev.holdfast.domain.identity.OperationId;
import dev.holdfast.domain.plan.DrillOutcome;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What every {@link PlanStore} promises, and the {@link Audit} over the same place. */
@DisplayNameGeneration(ReplaceUnderscores.class)
public abstract class PlanStoreContract {
    protected static final Instant NOON = Instant.parse("2026-04-13T12:00:00.123456789Z");
    protected static final DatabaseName SHOP = new DatabaseName("shop");
    protected static final DatabaseName BLOG = new DatabaseName("blog");

    private static final Progress BEGUN = new Progress("every day", NOON, false, Optional.empty());

    /** Empty when the test begins. */
    protected abstract PlanStore store();

    protected abstract Audit audit();

    /** Afterwards {@link #store()} and {@link #audit()} are over the same place, as after a restart. */
    protected abstract void reopen();

    protected static Kept kept(Map<String, String> terms, String who) {
        return new Kept(PlanProperties.of(terms), who, NOON);
    }

    protected static AuditEntry entry(String detail) {
        return new AuditEntry(NOON, "ann", "plan.change", SHOP, detail);
    }

    @Test
    void nobody_has_changed_a_new_stores_plans() {
        assertThat(store().find(SHOP)).isEmpty();
        assertThat(store().progress(SHOP, Job.BACKUP)).isEmpty();
        assertThat(store().lastDrill(SHOP)).isEmpty();
        assertThat(audit().newest(Audit.MOST)).isEmpty();
    }

    @ParameterizedTest
    @MethodSource("texts")
    void a_term_is_found_as_it_was_kept_whatever_its_text(String text) {
        Kept kept = kept(Map.of("schedule.line", text, "name " + text, "value"), text);
        store().keep(SHOP, kept, new AuditEntry(NOON, text, text, SHOP, text));

        assertThat(store().find(SHOP)).contains(kept);
        assertThat(audit().newest(1)).containsExactly(new AuditEntry(NOON, text, text, SHOP, text));
        reopen();
        assertThat(store().find(SHOP)).contains(kept);
    }

    static Stream<String> texts() {
        return Stream.of(
                "",
                " ",
                "0 3 * * *",
                "'; DROP TABLE plans; --",
                "\"\\%_?",
                "line\nline\ttab\r",
                "Zürich \ud83d\udc18",
                "x".repeat(100_000));
    }

    @Test
    void what_is_kept_replaces_all_that_was_of_that_database_alone() {
        store().keep(SHOP, kept(Map.of("schedule.kind", "daily", "schedule.at", "03:00"), "ann"), entry("first"));
        store().keep(BLOG, kept(Map.of("catch_up", "false"), "ann"), entry("other"));
        var second = new Kept(PlanProperties.of(Map.of("retention.last", "7")), "bob", NOON.plusNanos(1));
        store().keep(SHOP, second, entry("second"));

        assertThat(store().find(SHOP)).contains(second);
        assertThat(store().find(BLOG)).contains(kept(Map.of("catch_up", "false"), "ann"));
    }

    @Test
    void that_somebody_has_taken_everything_back_is_kept_too() {
        store().keep(SHOP, kept(Map.of("retention.last", "7"), "ann"), entry("set"));
        store().keep(SHOP, kept(Map.of(), "bob"), entry("taken back"));

        assertThat(store().find(SHOP)).contains(kept(Map.of(), "bob"));
    }

    @Test
    void whoever_looks_while_a_plan_is_replaced_sees_all_of_one_or_all_of_the_other() throws Exception {
        Kept small = kept(Map.of("a", "1"), "small");
        Kept large = kept(range(0, 20).boxed().collect(Collectors.toMap(i -> "large" + i, i -> "2")), "large");
        store().keep(SHOP, small, entry("first"));
        try (var threads = Executors.newSingleThreadExecutor()) {
            Future<?> writing = threads.submit(() ->
                    range(0, 100).forEach(i -> store().keep(SHOP, i % 2 == 0 ? large : small, entry("" + i))));
            while (!writing.isDone()) {
                assertThat(store().find(SHOP).orElseThrow()).isIn(small, large);
            }
            writing.get(30, TimeUnit.SECONDS);
        }
    }

    @Test
    void the_audit_is_newest_first_as_it_was_written_and_at_most_as_long_as_asked_for() {
        range(0, 5).forEach(i -> store().keep(SHOP, kept(Map.of(), "ann"), entry("change " + i)));
        // A clock that was set back changes nothing about what came after what.
        var last = new AuditEntry(NOON.minus(Duration.ofDays(400)), "bob", "plan.change", BLOG, "last");
        store().keep(BLOG, kept(Map.of(), "bob"), last);

        AuditEntry added = entry("no change of a plan");
        audit().add(added);

        assertThat(audit().newest(3)).containsExactly(added, last, entry("change 4"));
        reopen();
        assertThat(audit().newest(Audit.MOST))
                .hasSize(7)
                .startsWith(added, last)
                .endsWith(entry("change 0"));
    }

    @ParameterizedTest
    @ValueSource(ints = {Integer.MIN_VALUE, -1, 0, Audit.MOST + 1, Integer.MAX_VALUE})
    void so_many_entries_cannot_be_asked_for(int limit) {
        assertThatThrownBy(() -> audit().newest(limit))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("limit: " + limit);
    }

    @ParameterizedTest
    @MethodSource("progresses")
    void progress_is_found_as_it_was_saved(Progress progress) {
        store().save(SHOP, Job.BACKUP, BEGUN);
        store().save(SHOP, Job.BACKUP, progress);

        assertThat(store().progress(SHOP, Job.BACKUP)).contains(progress);
        reopen();
        assertThat(store().progress(SHOP, Job.BACKUP)).contains(progress);
    }

    static Stream<Progress> progresses() {
        return Stream.of(
                BEGUN,
                BEGUN.expiry(true),
                BEGUN.ran(new OperationId("op-1")),
                BEGUN.handled(Instant.EPOCH).expiry(true).ran(new OperationId("op-2")),
                new Progress("line\n'\"; \ud83d\udc18", NOON.minusNanos(1), true, Optional.empty()));
    }

    @Test
    void each_job_of_each_database_has_a_progress_of_its_own() {
        Progress other = BEGUN.expiry(true);
        store().save(SHOP, Job.BACKUP, BEGUN);
        store().save(SHOP, Job.DRILL, other);

        assertThat(store().progress(SHOP, Job.BACKUP)).contains(BEGUN);
        assertThat(store().progress(SHOP, Job.DRILL)).contains(other);
        assertThat(store().progress(BLOG, Job.BACKUP)).isEmpty();
    }

    @ParameterizedTest
    @EnumSource
    void a_drill_is_found_as_it_was_saved_with_all_of_it_or_the_least(DrillOutcome outcome) {
        var least = new Drill(outcome, NOON, Optional.empty(), "", Optional.empty());
        var all = new Drill(
                outcome,
                NOON.plusNanos(1),
                Optional.of(new BackupKey("Übergröße.db")),
                "row 1:\n\"ä\"",
                Optional.of(NOON));
        for (Drill drill : new Drill[] {least, all, least}) {
            store().save(SHOP, drill);
            assertThat(store().lastDrill(SHOP)).contains(drill);
            reopen();
            assertThat(store().lastDrill(SHOP)).contains(drill);
        }
        assertThat(store().lastDrill(BLOG)).isEmpty();
    }
}
