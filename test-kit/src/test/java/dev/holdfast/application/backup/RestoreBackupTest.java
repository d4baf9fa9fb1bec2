package dev.holdfast.application.backup;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.application.Outcome;
import dev.holdfast.application.plan.AuditEntry;
import dev.holdfast.application.store.BackupFixture;
import dev.holdfast.domain.backup.Backup;
import dev.holdfast.domain.backup.Depth;
import dev.holdfast.domain.backup.Verification;
import dev.holdfast.domain.identity.BackupKey;
import dev.holdfast.domain.identity.DatabaseName;
import dev.holdfast.domain.operation.Failure;
import dev.holdfast.domain.operation.Operation;
import dev.holdfast.domain.operation.OperationState;
import dev.holdfast.domain.operation.Result;
import dev.holdfast.domain.plan.DrillOutcome;
import dev.holdfast.domain.problem.Problem;
import dev.holdfast.domain.problem.ProblemCode;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Restores of stored backups, also of corrupt and inconsistent ones. */
@Tag("unit")
class RestoreBackupTest extends BackupUseCasesFixture {
    private static final DatabaseName SHOP = new DatabaseName("shop");

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
    void a_backup_of_another_database_is_restored_only_if_the_caller_insists_and_result_and_audit_say_so()
            throws Exception {
        BackupFixture.put(store, KEY, "their content", it -> it.inStoreOf(NAME, Optional.of(SHOP)));

        Problem refused = ((Outcome.Refused<Operation>) useCases(Map.of())
                        .restore(kept)
                        .start("default", KEY.value(), new RestoreBackup.Allowed(true, false), ANN))
                .problem();

        assertThat(refused.code()).isEqualTo(ProblemCode.BACKUP_INCOMPATIBLE);
        assertThat(refused.detail()).contains("made of database \"shop\"", "Nothing was changed", "allow_foreign=true");
        assertThat(live).containsExactly("live content");
        assertThat(kept.newest(1)).isEmpty();

        Result.Restored done = (Result.Restored)
                restored(new RestoreBackup.Allowed(false, true)).result().orElseThrow();

        assertThat(done.foreign()).contains(SHOP);
        assertThat(live).containsExactly("live content", "their content");
        assertThat(kept.newest(2))
                .containsExactly(new AuditEntry(
                        NOON, "ann", "restore.foreign", NAME, "backup " + KEY + ", which was made of database shop"));

        Backup safety = store.find(done.safety().orElseThrow()).orElseThrow();
        assertThat(safety.database()).isEqualTo(NAME);
        assertThat(safety.foreign()).isEmpty();
        Operation undone = ended(useCases(Map.of())
                .restore(kept)
                .start("default", safety.key().value(), RestoreBackup.Allowed.NOTHING, ANN));
        assertThat(((Result.Restored) undone.result().orElseThrow()).foreign()).isEmpty();
        assertThat(live).endsWith("their content", "live content");
        assertThat(kept.newest(2)).hasSize(1);
    }

    @Test
    void insisting_on_a_backup_of_another_database_does_not_allow_a_corrupt_one() throws Exception {
        BackupFixture.put(store, KEY, "their content", it -> it.with(CORRUPT).inStoreOf(NAME, Optional.of(SHOP)));

        assertThat(restored(new RestoreBackup.Allowed(false, true))
                        .failure()
                        .orElseThrow()
                        .code())
                .isEqualTo("backup-corrupt");
        assertThat(kept.newest(1)).isEmpty();
        assertThat(restored(new RestoreBackup.Allowed(true, true)).state()).isEqualTo(OperationState.SUCCEEDED);
    }

    @Test
    void a_backup_of_another_database_is_verified_pinned_and_deleted_and_stays_one_of_the_other() throws Exception {
        BackupFixture.put(store, KEY, "their content", it -> it.inStoreOf(NAME, Optional.of(SHOP)));
        var useCases = useCases(Map.of());

        assertThat(verified().state()).isEqualTo(OperationState.SUCCEEDED);
        useCases.update().update("default", KEY.value(), new UpdateBackup.Change(Optional.of(true), Optional.empty()));
        Backup changed = store.find(KEY).orElseThrow();
        assertThat(changed.foreign()).contains(SHOP);
        assertThat(changed.verification()).isEqualTo(new Verification.Passed(Depth.FULL, NOON));
        assertThat(changed.isGood()).isFalse();
        assertThat(useCases.delete().delete("default", KEY.value()))
                .isEqualTo(Outcome.refused(new Problem.BackupPinned(KEY)));

        store.update(KEY, it -> it.withPinned(false));
        assertThat(useCases.delete().delete("default", KEY.value())).isEqualTo(Outcome.done(KEY));
    }

    @Test
    void what_a_check_finds_is_not_noted_of_a_file_that_takes_the_place_meanwhile() throws Exception {
        BackupFixture.put(store, KEY, "old content");
        Backup theirs =
                store.find(KEY).orElseThrow().with(new Verification.Unchecked()).inStoreOf(NAME, Optional.of(SHOP));
        duringCheck = () -> store.add(theirs);

        assertThat(verified().state()).isEqualTo(OperationState.SUCCEEDED);

        assertThat(store.find(KEY)).contains(theirs);
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

        Operation ended = ended(useCases(Map.of("verify_depth", "full"))
                .restore(kept)
                .start("default", KEY.value(), RestoreBackup.Allowed.NOTHING, ANN));

        BackupKey safety =
                ((Result.Restored) ended.result().orElseThrow()).safety().orElseThrow();
        assertThat(store.find(safety).orElseThrow().verification())
                .isEqualTo(new Verification.Passed(Depth.QUICK, NOON));
    }
}
