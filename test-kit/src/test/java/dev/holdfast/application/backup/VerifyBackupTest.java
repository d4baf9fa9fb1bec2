package dev.holdfast.application.backup;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.application.store.BackupFixture;
import dev.holdfast.domain.backup.Backup;
import dev.holdfast.domain.backup.Depth;
import dev.holdfast.domain.backup.Origin;
import dev.holdfast.domain.backup.Verification;
import dev.holdfast.domain.operation.Operation;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Verifications of stored backups. */
@Tag("unit")
class VerifyBackupTest extends BackupUseCasesFixture {
    @Test
    void bytes_that_passed_a_deeper_check_stay_known_for_it_when_they_pass_another() throws Exception {
        Backup backup = made(Map.of("verify_depth", "full"));
        clock.advance(Duration.ofDays(1));

        ended(useCases(Map.of()).verify().start("default", backup.key().value(), Depth.CHECKSUM, ANN));

        assertThat(store.find(backup.key()).orElseThrow().verification())
                .isEqualTo(new Verification.Passed(Depth.FULL, NOON.plus(Duration.ofDays(1))));
    }

    @Test
    void a_file_with_a_log_beside_it_is_neither_verified_nor_restored_without_it() throws Exception {
        BackupFixture.put(
                store,
                KEY,
                "old content",
                it -> new Backup(
                        it.key(),
                        it.database(),
                        it.size(),
                        it.createdAt(),
                        Optional.empty(),
                        Origin.EXTERNAL,
                        it.layout(),
                        new Verification.Unchecked(),
                        false,
                        it.labels()));
        store.putBeside(KEY, "a log lies beside it");

        for (Operation refused : List.of(restored(false), restored(true), verified())) {
            assertThat(refused.failure().orElseThrow().code()).isEqualTo("backup-incompatible");
            assertThat(refused.failure().orElseThrow().detail()).isEqualTo("a log lies beside it");
        }
        assertThat(live).containsExactly("live content");
        assertThat(store.find(KEY).orElseThrow().verification()).isEqualTo(new Verification.Unchecked());
    }
}
