package dev.holdfast.application.backup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.application.Outcome;
import dev.holdfast.application.operation.CancelledException;
import dev.holdfast.application.operation.ProgressMonitor;
import dev.holdfast.application.store.BackupFixture;
import dev.holdfast.domain.operation.Phase;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Backups that are opened for a download. */
@Tag("unit")
class OpenBackupTest extends BackupUseCasesFixture {
    @Test
    void a_download_that_nobody_waits_for_any_more_is_not_read_to_its_end_and_lets_the_backup_go() throws Exception {
        BackupFixture.put(store, KEY, "old content");
        BackupUseCases useCases = useCases(Map.of());
        ProgressMonitor goneAway = new ProgressMonitor() {
            @Override
            public void enter(Phase phase, long totalBytes) {}

            @Override
            public void advance(long bytes) {
                throw new CancelledException();
            }

            @Override
            public void checkCancelled() {}
        };

        assertThatThrownBy(() -> useCases.open().open("default", KEY.value(), goneAway))
                .isInstanceOf(CancelledException.class);

        assertThat(useCases.delete().delete("default", KEY.value())).isInstanceOf(Outcome.Done.class);
    }
}
