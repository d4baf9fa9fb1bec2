package dev.holdfast.application.backup;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.application.check.ImageChecks.Finding;
import dev.holdfast.domain.backup.Backup;
import dev.holdfast.domain.backup.Depth;
import dev.holdfast.domain.backup.Verification;
import dev.holdfast.domain.identity.OperationId;
import dev.holdfast.domain.operation.Operation;
import dev.holdfast.domain.operation.OperationState;
import dev.holdfast.domain.operation.Result;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Backups that are made, their check, and interrupted restores that are completed first. */
@Tag("unit")
class CreateBackupTest extends BackupUseCasesFixture {
    @Test
    void a_backup_is_checked_as_deeply_as_the_plan_says_and_recorded_so() throws Exception {
        for (Depth depth : Depth.values()) {
            checked.clear();
            Backup backup = made(Map.of("verify_depth", depth.name().toLowerCase(Locale.ROOT)));

            assertThat(checked).containsExactly(depth);
            assertThat(backup.verification()).isEqualTo(new Verification.Passed(depth, NOON));
            assertThat(store.find(backup.key())).contains(backup);
        }
    }

    @Test
    void a_check_that_could_not_go_as_deep_as_asked_is_recorded_as_deep_as_it_went() throws Exception {
        finding = Optional.of(new Finding.Sound(Depth.QUICK));

        assertThat(made(Map.of("verify_depth", "full")).verification())
                .isEqualTo(new Verification.Passed(Depth.QUICK, NOON));
    }

    @Test
    void at_the_depth_of_the_checksum_what_was_written_is_read_back_before_it_is_listed() throws Exception {
        store.damageStaged();

        Operation failed =
                ended(useCases(Map.of("verify_depth", "checksum")).create().start("default", ANN));

        assertThat(failed.failure().orElseThrow().code()).isEqualTo("store-unavailable");
        assertThat(store.list()).isEmpty();
    }

    @Test
    void a_copy_that_fails_its_check_is_no_backup() throws Exception {
        finding = Optional.of(new Finding.Damaged("page 7"));

        Operation failed = ended(useCases(Map.of()).create().start("default", ANN));

        assertThat(failed.failure().orElseThrow().code()).isEqualTo("source-corrupt");
        assertThat(store.list()).isEmpty();
    }

    @Test
    void a_restore_that_was_cut_off_is_completed_before_a_backup_is_made() throws Exception {
        halfDone = Optional.of("completed");

        Backup backup = made(Map.of());

        assertThat(backup.size()).isEqualTo("completed".length());
        assertThat(live).containsExactly("live content", "completed");
    }

    @Test
    void a_restore_that_is_completed_later_ends_anew_as_what_it_has_come_to() throws Exception {
        Operation cutOff = unfinished("cut-off", NOON.minusSeconds(7200));
        unfinished("later", NOON.minusSeconds(3600));
        halfDone = Optional.of("completed");
        halfDoneBy = Optional.of(cutOff.id());

        Operation backup = ended(useCases(Map.of()).create().start("default", ANN));

        assertThat(reported)
                .extracting(it -> it.id().value())
                .containsExactly("cut-off", backup.id().value());
        Operation now = log.find(cutOff.id()).orElseThrow();
        assertThat(now.state()).isEqualTo(OperationState.SUCCEEDED);
        assertThat(now.result()).contains(new Result.Restored(KEY, Optional.empty()));
        assertThat(now.revision()).isGreaterThan(cutOff.revision());
        assertThat(log.find(new OperationId("later")).orElseThrow().state()).isEqualTo(OperationState.FAILED);
    }

    @Test
    void of_a_restore_that_is_completed_later_and_of_which_nobody_knows_whose_it_was_nothing_is_told()
            throws Exception {
        unfinished("another", NOON.minusSeconds(3600));
        halfDone = Optional.of("completed");

        Operation first = ended(useCases(Map.of()).create().start("default", ANN));
        halfDone = Optional.of("completed");
        halfDoneBy = Optional.of(new OperationId("forgotten"));
        Operation second = ended(useCases(Map.of()).create().start("default", ANN));

        assertThat(reported).extracting(Operation::id).containsExactly(first.id(), second.id());
        assertThat(log.find(new OperationId("another")).orElseThrow().state()).isEqualTo(OperationState.FAILED);
    }
}
