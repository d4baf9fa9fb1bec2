package dev.holdfast.application.backup;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.application.restore.Recovery;
import dev.holdfast.application.store.BackupFixture;
import dev.holdfast.domain.backup.Origin;
import dev.holdfast.domain.identity.BackupKey;
import dev.holdfast.domain.identity.DatabaseName;
import dev.holdfast.domain.identity.OperationId;
import dev.holdfast.domain.operation.Failure;
import dev.holdfast.domain.operation.Operation;
import dev.holdfast.domain.operation.OperationKind;
import dev.holdfast.domain.operation.OperationState;
import dev.holdfast.domain.operation.Phase;
import dev.holdfast.domain.operation.Progress;
import dev.holdfast.domain.operation.Result;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The recovery of interrupted restores at the start of the server. */
@Tag("unit")
class RecoveryTest extends BackupUseCasesFixture {
    private List<Operation> recovered() {
        return new Recovery(databases(), log, new Live(), useCases(Map.of()).safetyBackups(), clock).run();
    }

    /** A restore that was replacing the live database when the server ended. */
    private Operation replacing() {
        Operation running = Operation.started(
                        new OperationId("running"), OperationKind.RESTORE, NAME, Optional.of(KEY), "ann", NOON)
                .in(Phase.REPLACING, Progress.NONE);
        log.save(running);
        return running;
    }

    @Test
    void a_start_ends_what_was_running_as_what_became_of_it() {
        Operation running = replacing();
        halfDone = Optional.of("completed");
        halfDoneBy = Optional.of(running.id());

        assertThat(recovered()).singleElement().satisfies(it -> {
            assertThat(it.id()).isEqualTo(running.id());
            assertThat(it.state()).isEqualTo(OperationState.SUCCEEDED);
        });
    }

    @Test
    void a_completed_restore_of_another_database_s_backup_says_so() {
        BackupFixture.put(store, KEY, "theirs", it -> it.inStoreOf(NAME, Optional.of(new DatabaseName("shop"))));
        Operation running = replacing();
        halfDone = Optional.of("completed");
        halfDoneBy = Optional.of(running.id());

        assertThat(recovered())
                .singleElement()
                .satisfies(it -> assertThat(
                                it.result().map(Result.Restored.class::cast).flatMap(Result.Restored::foreign))
                        .contains(new DatabaseName("shop")));
    }

    @Test
    void a_start_clears_up_what_a_restore_left_though_no_operation_was_cut_off() {
        leftovers = true;

        assertThat(recovered()).isEmpty();

        assertThat(leftovers).isFalse();
    }

    @Test
    void of_a_single_database_whose_restore_was_cut_off_the_safety_backup_is_named() {
        replacing();
        leftovers = true;
        BackupKey safety = BackupFixture.put(
                        store,
                        new BackupKey("app_20260413_120001.db"),
                        "old",
                        it -> BackupFixture.with(it, Origin.SAFETY, it.layout()))
                .key();

        assertThat(recovered())
                .singleElement()
                .satisfies(it -> assertThat(it.failure()).contains(Failure.interrupted(safety)));
    }

    @Test
    void a_start_that_completes_what_an_earlier_one_could_not_ends_that_anew() {
        Operation cutOff = unfinished("cut-off", NOON.minusSeconds(7200));
        replacing();
        halfDone = Optional.of("completed");
        halfDoneBy = Optional.of(cutOff.id());

        assertThat(recovered())
                .extracting(it -> it.id().value() + " " + it.state())
                .containsExactly("running FAILED", "cut-off SUCCEEDED");
        assertThat(log.find(cutOff.id()).orElseThrow().state()).isEqualTo(OperationState.SUCCEEDED);
    }

    @Test
    void that_the_safety_backup_of_a_completed_restore_cannot_be_named_keeps_nobody_from_being_told() throws Exception {
        Operation cutOff = unfinished("cut-off", NOON.minusSeconds(7200));
        store.breakDown(true);
        halfDone = Optional.of("completed");
        halfDoneBy = Optional.of(cutOff.id());

        assertThat(recovered())
                .singleElement()
                .satisfies(it -> assertThat(it.state()).isEqualTo(OperationState.SUCCEEDED));
    }

    @Test
    void what_a_start_finds_half_restored_is_kept_as_not_from_one_moment() throws Exception {
        unfinished("cut-off", NOON.minusSeconds(60));
        halfDone = Optional.of("completed");
        halfDoneBy = Optional.of(new OperationId("cut-off"));

        recovered();

        assertThat(store.list()).singleElement().satisfies(it -> {
            assertThat(it.origin()).isEqualTo(Origin.SAFETY);
            assertThat(it.inconsistency()).contains("half of it is new");
        });
    }
}
