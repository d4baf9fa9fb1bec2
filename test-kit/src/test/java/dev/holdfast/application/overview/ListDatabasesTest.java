package dev.holdfast.application.overview;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.application.database.Databases;
import dev.holdfast.application.database.RegisteredDatabase;
import dev.holdfast.application.operation.InMemoryOperationLog;
import dev.holdfast.application.overview.ListDatabases.Overview;
import dev.holdfast.application.plan.InMemoryPlanStore;
import dev.holdfast.application.plan.PlanParser;
import dev.holdfast.application.plan.PlanService;
import dev.holdfast.application.plan.Plans;
import dev.holdfast.application.store.BackupFixture;
import dev.holdfast.application.store.InMemoryBackupStore;
import dev.holdfast.domain.backup.Backup;
import dev.holdfast.domain.database.Database;
import dev.holdfast.domain.database.Source;
import dev.holdfast.domain.identity.BackupKey;
import dev.holdfast.domain.identity.DatabaseName;
import dev.holdfast.domain.plan.Freshness;
import dev.holdfast.domain.profile.Profile;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("unit")
@DisplayNameGeneration(ReplaceUnderscores.class)
class ListDatabasesTest {
    private static final InstantSource CLOCK = InstantSource.fixed(Instant.parse("2026-04-13T12:00:00Z"));

    private static RegisteredDatabase registered(String name, InMemoryBackupStore store) {
        return new RegisteredDatabase(
                new Database(
                        new DatabaseName(name), Source.of(Path.of("/data/" + name + ".db")), Profile.NATIVE, "app"),
                store);
    }

    @Test
    void a_store_that_fails_as_nobody_has_thought_of_is_told_and_hides_no_other_database() {
        var broken = new InMemoryBackupStore() {
            @Override
            public synchronized List<Backup> list() {
                throw new IllegalStateException("a fault in the program");
            }
        };
        var databases =
                new Databases(List.of(registered("bad", broken), registered("good", new InMemoryBackupStore())));
        List<Overview> all = list(databases);

        assertThat(all).extracting(it -> it.database().name().value()).containsExactly("bad", "good");
        assertThat(all.getFirst().storeProblem().orElseThrow().code().id()).isEqualTo("internal");
        assertThat(all.getLast().storeProblem()).isEmpty();
    }

    private static List<Overview> list(Databases databases) {
        var kept = new InMemoryPlanStore();
        var log = new InMemoryOperationLog();
        var plans = PlanService.using(new Plans(databases, Map.of(), kept, new PlanParser(), CLOCK), kept, log, CLOCK);
        return ListDatabases.using(databases, log, plans, (_, _) -> Optional.of(1L), CLOCK)
                .list();
    }

    @Test
    void a_backup_of_another_database_is_not_the_newest_and_makes_nothing_fresh() {
        var store = new InMemoryBackupStore();
        var shop = new DatabaseName("shop");
        BackupFixture.put(
                store,
                new BackupKey("app_20260413_120000.db"),
                "theirs",
                it -> it.inStoreOf(shop, Optional.of(new DatabaseName("blog"))));

        Overview overview =
                list(new Databases(List.of(registered("shop", store)))).getFirst();

        assertThat(overview.newest()).isEmpty();
        assertThat(overview.count()).isEqualTo(1);
        assertThat(overview.planned().freshness()).contains(Freshness.Standing.NONE);
    }
}
