package dev.holdfast.application.backup;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.application.store.BackupFixture;
import dev.holdfast.domain.backup.BackupKey;
import dev.holdfast.domain.backup.Depth;
import dev.holdfast.domain.backup.Verification;
import dev.holdfast.domain.operation.Failure;
import dev.holdfast.domain.operation.Operation;
import dev.holdfast.domain.operation.OperationState;
import dev.holdfast.domain.operation.Result;
import dev.holdfast.domain.plan.DrillOutcome;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Restores of stored backups, also of corrupt and inconsistent ones. */
@Tag("unit")
class RestoreBackupTest extends BackupUseCasesFixture {
    @Test
    void of_what_is_half_restored_no_backup_is_made_and_nothing_is_restored_into_it() throws Exception {
        BackupFixture.put(store, KEY, "old content");
        halfDone = Optional.of("completed");
        busy = true;

        assertThat(ended(useCases(Map.of()).create().start("default", ANN))
                        .failure()
                        .orElseThrow()
                        .code())
                .isEqualTo("source-busy");
        assertThat(restored(false).failure().orElseThrow().code()).isEqualTo("source-busy");
        assertThat(live).containsExactly("live content");
    }

    @Test
    void a_backup_that_is_marked_corrupt_is_not_restored_though_a_quick_check_finds_nothing() throws Exception {
        BackupFixture.put(store, KEY, "old content", it -> it.with(CORRUPT));

        Operation refused = restored(false);

        assertThat(refused.failure().orElseThrow().code()).isEqualTo("backup-corrupt");
        assertThat(refused.failure().orElseThrow().detail()).contains("row 7 is missing");
        assertThat(live).containsExactly("live content");
    }

    @Test
    void a_log_beside_what_was_made_here_is_somebody_else_s() throws Exception {
        BackupFixture.put(store, KEY, "old content");
        store.putBeside(KEY, "a log lies beside it");

        assertThat(restored(false).state()).isEqualTo(OperationState.SUCCEEDED);
    }

    @Test
    void a_backup_that_is_marked_corrupt_is_restored_by_whoever_insists_and_stays_marked() throws Exception {
        BackupFixture.put(store, KEY, "old content", it -> it.with(CORRUPT));

        assertThat(restored(true).state()).isEqualTo(OperationState.SUCCEEDED);

        assertThat(live).containsExactly("live content", "old content");
        assertThat(store.find(KEY).orElseThrow().verification()).isEqualTo(CORRUPT);
        assertThat(store.list()).hasSize(2);
    }

    @Test
    void a_backup_that_is_not_from_one_moment_is_restored_only_if_the_caller_insists_and_is_never_drilled()
            throws Exception {
        BackupFixture.put(store, KEY, "old content");
        store.update(KEY, it -> it.withInconsistency(Optional.of("Its directories are newer.")));

        Failure refused = restored(false).failure().orElseThrow();

        assertThat(refused.code()).isEqualTo("backup-incompatible");
        assertThat(refused.detail()).contains("not from one moment", "Its directories are newer.", "allow_corrupt");
        assertThat(drilled().outcome()).isEqualTo(DrillOutcome.INCONCLUSIVE);
        assertThat(verified().result().orElseThrow()).isInstanceOf(Result.Verified.class);
        assertThat(store.find(KEY).orElseThrow().inconsistency()).isPresent();
        assertThat(live).containsExactly("live content");
        assertThat(restored(true).state()).isEqualTo(OperationState.SUCCEEDED);
    }

    @Test
    void a_backup_that_proves_corrupt_is_refused_and_marked_and_then_restored_by_whoever_insists() throws Exception {
        BackupFixture.put(store, KEY, "old content");
        store.damage(KEY);

        assertThat(restored(false).failure().orElseThrow().code()).isEqualTo("backup-corrupt");
        assertThat(store.find(KEY).orElseThrow().verification()).isInstanceOf(Verification.Corrupt.class);
        assertThat(live).containsExactly("live content");

        assertThat(restored(true).state()).isEqualTo(OperationState.SUCCEEDED);
        assertThat(live).hasSize(2);
    }

    @Test
    void a_store_that_cannot_be_written_any_more_still_tells_what_is_corrupt_and_gives_it_to_whoever_insists()
            throws Exception {
        BackupFixture.put(store, KEY, "old content");
        store.damage(KEY);
        store.makeReadOnly();

        assertThat(restored(false).failure().orElseThrow().code()).isEqualTo("backup-corrupt");
        assertThat(restored(true).state()).isEqualTo(OperationState.SUCCEEDED);
    }

    @Test
    void the_backup_of_what_a_restore_replaces_is_checked_quickly_where_the_plan_says_full() throws Exception {
        BackupFixture.put(store, KEY, "old content");

        Operation ended =
                ended(useCases(Map.of("verify_depth", "full")).restore().start("default", KEY.value(), false, ANN));

        BackupKey safety =
                ((Result.Restored) ended.result().orElseThrow()).safety().orElseThrow();
        assertThat(store.find(safety).orElseThrow().verification())
                .isEqualTo(new Verification.Passed(Depth.QUICK, NOON));
    }
}
