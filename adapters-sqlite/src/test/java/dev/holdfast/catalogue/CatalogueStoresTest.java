package dev.holdfast.catalogue;

import static dev.holdfast.application.store.BackupFixture.put;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.application.operation.FailPoints;
import dev.holdfast.application.plan.AuditEntry;
import dev.holdfast.application.plan.PlanProperties;
import dev.holdfast.application.plan.PlanStore.Job;
import dev.holdfast.application.plan.PlanStore.Kept;
import dev.holdfast.application.plan.PlanStore.Progress;
import dev.holdfast.application.store.BackupStore;
import dev.holdfast.application.store.KnownStore;
import dev.holdfast.application.store.KnownStore.Stage;
import dev.holdfast.application.store.StoreId;
import dev.holdfast.domain.identity.BackupKey;
import dev.holdfast.domain.identity.DatabaseName;
import dev.holdfast.domain.problem.ProblemCode;
import dev.holdfast.domain.problem.ProblemException;
import dev.holdfast.domain.profile.Naming;
import dev.holdfast.domain.profile.Profile;
import dev.holdfast.files.archive.layout.LayoutDetector;
import dev.holdfast.store.directory.LocalStore;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.sql.Connection;
import java.sql.DriverManager;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Tag("adapter")
@DisplayNameGeneration(ReplaceUnderscores.class)
class CatalogueStoresTest {
    private static final DatabaseName OLD = new DatabaseName("shop");
    private static final DatabaseName NEW = new DatabaseName("outlet");
    private static final Instant NOW = Instant.parse("2026-04-13T14:25:30.5Z");
    private static final KnownStore STORE = new KnownStore(
            OLD,
            KnownStore.LOCAL,
            StoreId.random(new Random(1)),
            Stage.ADOPTED,
            Path.of("/srv/shop/größe.db"),
            Path.of("/srv/backups"),
            Optional.empty(),
            Optional.of("pending"),
            Set.of(new DatabaseName("a"), new DatabaseName("b")));

    private static final BackupKey BACKUP = new BackupKey("app_20260413_120000.db");

    @TempDir
    private Path folder;

    private Catalogue open() {
        return Catalogue.open(folder.resolve("holdfast.db"));
    }

    @Test
    void what_is_remembered_of_a_store_is_there_after_a_restart() {
        try (Catalogue catalogue = open()) {
            catalogue.stores().remember(STORE);
        }
        try (Catalogue catalogue = open()) {
            assertThat(catalogue.stores().find(OLD, KnownStore.LOCAL)).contains(STORE);
            assertThat(catalogue.stores().find(NEW, KnownStore.LOCAL)).isEmpty();
            KnownStore marked = STORE.written(STORE.id()).marked("mark");
            catalogue.stores().remember(marked);
            assertThat(catalogue.stores().all()).containsExactly(marked);
        }
    }

    @Test
    void another_process_reads_what_was_remembered() {
        try (Catalogue catalogue = open();
                Catalogue other = open()) {
            assertThat(other.stores().all()).isEmpty();
            catalogue.stores().remember(STORE);
            assertThat(other.stores().all()).containsExactly(STORE);
        }
    }

    @Test
    void what_another_process_has_changed_meanwhile_is_not_replaced() {
        try (Catalogue catalogue = open();
                Catalogue other = open()) {
            assertThat(catalogue.stores().replace(Optional.of(STORE), STORE)).isFalse();
            assertThat(catalogue.stores().all()).isEmpty();
            assertThat(catalogue.stores().replace(Optional.empty(), STORE)).isTrue();

            KnownStore marked = STORE.written(STORE.id()).marked("mark");
            other.stores().remember(marked);
            KnownStore confirmed = STORE.marked("older");
            assertThat(catalogue.stores().replace(Optional.of(STORE), confirmed))
                    .isFalse();
            assertThat(catalogue.stores().replace(Optional.empty(), confirmed)).isFalse();
            assertThat(other.stores().all()).containsExactly(marked);
            assertThat(catalogue.stores().replace(Optional.of(marked), confirmed))
                    .isTrue();
            assertThat(other.stores().all()).containsExactly(confirmed);
        }
    }

    /** By a table that is missing, or a row that no version has written. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "DROP TABLE stores",
                "UPDATE stores SET stage = 'NEXT'",
                "UPDATE stores SET id = '!'",
                "UPDATE stores SET former_names = '/'"
            })
    void a_store_whose_catalogue_cannot_be_read_is_unavailable(String damage) throws Exception {
        Path file = folder.resolve("holdfast.db");
        try (Catalogue catalogue = open()) {
            BackupStore store = LocalStore.in(
                    new LocalStore.Setup(
                            folder.resolve("backups"),
                            "server",
                            OLD,
                            Naming.of(Profile.NATIVE, "app"),
                            Set.of(),
                            folder.resolve("source.db"),
                            Set.of(OLD),
                            catalogue.stores(),
                            new SecureRandom(),
                            LayoutDetector::archive),
                    InstantSource.fixed(NOW),
                    FailPoints.NONE);
            put(store, BACKUP, "content");
            assertThat(store.find(BACKUP)).isPresent();

            try (Connection other = DriverManager.getConnection("jdbc:sqlite:" + file)) {
                Sql.execute(other, damage);
            }

            ThrowingCallable[] uses = {
                store::list, () -> store.find(BACKUP), () -> store.open(BACKUP), () -> store.delete(BACKUP)
            };
            for (ThrowingCallable use : uses) {
                assertThatThrownBy(use)
                        .isInstanceOfSatisfying(
                                ProblemException.class,
                                it -> assertThat(it.problem().code()).isEqualTo(ProblemCode.STORE_UNAVAILABLE))
                        .hasMessageContaining("catalogue " + file)
                        .hasMessageContaining("try again");
            }
            assertThat(folder.resolve("backups").resolve(BACKUP.value())).hasContent("content");
        }
    }

    @Test
    void a_new_name_takes_over_what_is_recorded_and_keeps_what_it_has() {
        try (Catalogue catalogue = open()) {
            catalogue.stores().remember(STORE);
            var kept = new Kept(new PlanProperties(new TreeMap<>(Map.of("retention.last", "7"))), "ann", NOW);
            catalogue.plans().keep(OLD, kept, new AuditEntry(NOW, "ann", "plan.change", OLD, "last 7"));
            var handled = new Progress("daily", NOW, true, Optional.empty());
            catalogue.plans().save(OLD, Job.BACKUP, handled);
            catalogue.plans().save(OLD, Job.DRILL, handled);
            var begun = new Progress("weekly", NOW, false, Optional.empty());
            catalogue.plans().save(NEW, Job.DRILL, begun);
            catalogue.documents().keep(OLD, "settings", "{}");

            KnownStore renamed = STORE.renamed(NEW);
            catalogue.stores().rename(OLD, renamed);

            assertThat(catalogue.stores().all()).containsExactly(renamed);
            assertThat(renamed.formerNames()).contains(OLD, new DatabaseName("a"));
            assertThat(catalogue.plans().find(NEW)).contains(kept);
            assertThat(catalogue.plans().find(OLD)).isEmpty();
            assertThat(catalogue.plans().progress(NEW, Job.BACKUP)).contains(handled);
            assertThat(catalogue.plans().progress(NEW, Job.DRILL)).contains(begun);
            assertThat(catalogue.documents().find(NEW, "settings")).contains("{}");
            assertThat(catalogue.audit().newest(1).getFirst().database()).contains(OLD);
        }
    }
}
