package dev.holdfast.application.backup;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.application.plan.PlanStore.Drill;
import dev.holdfast.application.restore.RestoreDrills.Tried;
import dev.holdfast.application.store.BackupFixture;
import dev.holdfast.domain.backup.Verification;
import dev.holdfast.domain.identity.BackupKey;
import dev.holdfast.domain.identity.DatabaseName;
import dev.holdfast.domain.operation.Result;
import dev.holdfast.domain.plan.DrillOutcome;
import dev.holdfast.domain.problem.Problem;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Restore drills and the record that they leave. */
@Tag("unit")
class RestoreDrillTest extends BackupUseCasesFixture {
    private Drill lastDrill() {
        return kept.lastDrill(NAME).orElseThrow();
    }

    @Test
    void a_drill_that_passes_is_noted_as_proof_that_a_later_one_without_an_outcome_keeps() throws Exception {
        BackupFixture.put(store, KEY, "old content");
        assertThat(drilled().outcome()).isEqualTo(DrillOutcome.PASSED);
        assertThat(lastDrill().provenAt()).contains(NOON);

        clock.advance(Duration.ofDays(1));
        tried = new Tried.NotTried(new Problem.StoreUnavailable("No room."));

        assertThat(drilled()).isEqualTo(new Result.Drilled(Optional.of(KEY), DrillOutcome.INCONCLUSIVE, "No room."));
        assertThat(lastDrill().at()).isEqualTo(NOON.plus(Duration.ofDays(1)));
        assertThat(lastDrill().provenAt()).contains(NOON);
        assertThat(store.find(KEY).orElseThrow().verification()).isInstanceOf(Verification.Passed.class);
    }

    @Test
    void a_newer_backup_of_another_database_is_not_drilled() throws Exception {
        var older = new BackupKey("app_20260411_120000.db");
        BackupFixture.put(store, older, "older content");
        BackupFixture.put(store, KEY, "their content", it -> it.inStoreOf(NAME, Optional.of(new DatabaseName("shop"))));

        assertThat(drilled().backup()).contains(older);
        store.delete(older);
        assertThat(drilled().outcome()).isEqualTo(DrillOutcome.INCONCLUSIVE);
    }

    @Test
    void a_drill_that_fails_marks_the_backup_and_the_next_one_tries_the_one_before() throws Exception {
        var older = new BackupKey("app_20260411_120000.db");
        BackupFixture.put(store, older, "older content");
        BackupFixture.put(store, KEY, "old content");
        tried = new Tried.Disproven("row 7 is missing");

        assertThat(drilled()).isEqualTo(new Result.Drilled(Optional.of(KEY), DrillOutcome.FAILED, "row 7 is missing"));
        assertThat(store.find(KEY).orElseThrow().verification()).isEqualTo(CORRUPT);

        tried = new Tried.Proven(Optional.of("Odd."));
        assertThat(drilled())
                .isEqualTo(new Result.Drilled(
                        Optional.of(older), DrillOutcome.PASSED, "It was restored and is whole. Odd."));
    }

    @Test
    void a_drill_that_fails_is_told_as_failed_also_where_the_store_cannot_be_written_any_more() throws Exception {
        BackupFixture.put(store, KEY, "old content");
        store.makeReadOnly();
        tried = new Tried.Disproven("row 7 is missing");

        assertThat(drilled().outcome()).isEqualTo(DrillOutcome.FAILED);
        assertThat(lastDrill().outcome()).isEqualTo(DrillOutcome.FAILED);
    }

    @Test
    void a_drill_without_a_backup_or_without_a_store_says_nothing() throws Exception {
        assertThat(drilled().outcome()).isEqualTo(DrillOutcome.INCONCLUSIVE);
        store.breakDown(true);
        assertThat(drilled().outcome()).isEqualTo(DrillOutcome.INCONCLUSIVE);
        assertThat(lastDrill().provenAt()).isEmpty();
    }
}
