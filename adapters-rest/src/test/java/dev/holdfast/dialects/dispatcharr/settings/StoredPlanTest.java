package dev.holdfast.dialects.dispatcharr.settings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.groups.Tuple.tuple;

import dev.holdfast.application.Outcome;
import dev.holdfast.application.database.RegisteredDatabase;
import dev.holdfast.application.operation.ScriptedOperations;
import dev.holdfast.application.plan.AuditEntry;
import dev.holdfast.application.plan.InMemoryPlanStore;
import dev.holdfast.application.plan.PlanProperties;
import dev.holdfast.application.plan.PlanService;
import dev.holdfast.application.plan.Plans;
import dev.holdfast.application.settings.DialectDocuments;
import dev.holdfast.application.store.InMemoryBackupStore;
import dev.holdfast.dialects.dispatcharr.DispatcharrDatabase;
import dev.holdfast.domain.backup.Backup;
import dev.holdfast.domain.backup.Depth;
import dev.holdfast.domain.database.Database;
import dev.holdfast.domain.database.Source;
import dev.holdfast.domain.identity.DatabaseName;
import dev.holdfast.domain.plan.Freshness;
import dev.holdfast.domain.plan.Plan;
import dev.holdfast.domain.problem.Problem;
import dev.holdfast.domain.profile.Profile;
import dev.holdfast.domain.retention.RetentionPolicy;
import dev.holdfast.domain.schedule.Schedule;
import dev.holdfast.domain.schedule.Timetable;
import dev.holdfast.http.dialect.Dialect;
import dev.holdfast.http.dialect.Dialects;
import dev.holdfast.http.dialect.DocumentsInMemory;
import dev.holdfast.http.dialect.Failing;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("adapter")
@DisplayNameGeneration(ReplaceUnderscores.class)
class StoredPlanTest {
    private static final InstantSource CLOCK = InstantSource.fixed(Instant.parse("2026-04-13T12:00:00Z"));
    private static final Map<String, Optional<String>> OFF = Map.of("schedule.kind", Optional.of("off"));
    private static final Path EXTRA = Path.of("/tv/extra");

    private final DocumentsInMemory documents = new DocumentsInMemory();
    private final Failing<DialectDocuments> askedDocuments = new Failing<>(DialectDocuments.class, documents);
    private final AtomicInteger changes = new AtomicInteger();
    private final InMemoryPlanStore audit = new InMemoryPlanStore();

    /** What becomes of the first change of the plan. */
    private Supplier<Outcome<PlanService.View>> first = StoredPlanTest::done;

    private final StoredPlan kept = new StoredPlan(
            askedDocuments.port(),
            new PlanService() {
                @Override
                public Outcome<View> find(String database) {
                    return done();
                }

                @Override
                public View of(RegisteredDatabase registered, Collection<Backup> backups) {
                    throw new AssertionError("not asked for");
                }

                @Override
                public Outcome<View> change(String database, Map<String, Optional<String>> change, String who) {
                    return changes.getAndIncrement() == 0 ? first.get() : done();
                }
            },
            new DispatcharrDatabase(
                    new Dialects(Optional.empty(), Map.of(Dialect.DISPATCHARR, DatabaseName.DEFAULT), false),
                    new ScriptedOperations(CLOCK)),
            audit,
            CLOCK);

    private static Outcome<PlanService.View> done() {
        var off = new Timetable(new Schedule.Off(), ZoneOffset.UTC);
        var plan = new Plan(off, true, RetentionPolicy.NONE, Depth.QUICK, Optional.empty(), off, Freshness.ANY);
        var database = new Database(DatabaseName.DEFAULT, Source.of(Path.of("/tv/tv.db")), Profile.DISPATCHARR, "app");
        var registered = new RegisteredDatabase(database, new InMemoryBackupStore());
        return Outcome.done(new PlanService.View(
                new Plans.EffectivePlan(registered, plan, PlanProperties.NONE, Optional.empty()),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty()));
    }

    private Outcome<PlanService.View> chooseAll() {
        return kept.change(OFF, _ -> new DirectoryChoice(true, false, List.of(EXTRA)), "job-settings", "set", "ann");
    }

    @Test
    void what_is_no_change_of_the_plan_is_in_the_audit_without_its_values() {
        kept.change(OFF, it -> it.withTarGz(true), "job-settings", "secret", "ann");
        assertThat(audit.newest(10)).isEmpty();

        kept.change(Map.of(), it -> it, "job-settings", "secret", "ann"); // as it was
        assertThat(audit.newest(10)).isEmpty();

        kept.change(Map.of(), it -> it, "job-settings", "another secret", "ann");
        kept.change(OFF, _ -> new DirectoryChoice(true, false, List.of(EXTRA)), "job-settings", "third", "otto");
        assertThat(audit.newest(10))
                .extracting(AuditEntry::who, AuditEntry::action, AuditEntry::detail)
                .containsExactly(
                        tuple("otto", "settings.change", "of Dispatcharr: extra_paths, include_recordings"),
                        tuple("ann", "settings.change", "of Dispatcharr: schedule"));
    }

    @Test
    void what_both_apis_change_at_once_is_all_kept() throws Exception {
        Thread other = Thread.ofPlatform()
                .unstarted(() -> kept.change(OFF, it -> it.withTarGz(false), "schedule", "set", "ben"));
        first = () -> {
            other.start();
            Instant end = Instant.now().plus(Duration.ofSeconds(10));
            while (other.getState() != Thread.State.WAITING
                    && other.getState() != Thread.State.TERMINATED
                    && Instant.now().isBefore(end)) {
                Thread.onSpinWait();
            }
            return done();
        };
        chooseAll();
        assertThat(other.join(Duration.ofSeconds(10))).isTrue();
        assertThat(kept.choice()).isEqualTo(new DirectoryChoice(false, false, List.of(EXTRA)));
        assertThat(documents.find(DatabaseName.DEFAULT, "job-settings")).isPresent();
        assertThat(documents.find(DatabaseName.DEFAULT, "schedule")).isPresent();
    }

    @Test
    void nothing_is_kept_of_what_the_plan_refuses() {
        first = () -> Outcome.refused(new Problem.InvalidArgument("schedule", "no such day"));
        assertThat(chooseAll()).isInstanceOf(Outcome.Refused.class);
        assertThat(documents.contents()).isEmpty();
    }

    @Test
    void the_plan_stays_where_what_is_kept_cannot_be_read() {
        askedDocuments.fail("find", new IllegalStateException("broken"));
        assertThatThrownBy(this::chooseAll).hasMessage("broken");
        assertThat(changes).hasValue(0);
    }
}
