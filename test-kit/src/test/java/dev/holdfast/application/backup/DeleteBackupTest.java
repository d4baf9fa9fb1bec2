package dev.holdfast.application.backup;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.application.Outcome;
import dev.holdfast.application.operation.ProgressMonitor;
import dev.holdfast.application.store.BackupFixture;
import dev.holdfast.domain.identity.BackupKey;
import dev.holdfast.domain.problem.ProblemCode;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Backups that a client deletes. */
@Tag("unit")
class DeleteBackupTest extends BackupUseCasesFixture {
    private final BackupUseCases useCases = useCases(Map.of());

    private Outcome<BackupKey> delete() {
        return useCases.delete().delete("default", KEY.value());
    }

    private OpenBackup.Opened open() {
        return ((Outcome.Done<OpenBackup.Opened>)
                        useCases.open().open("default", KEY.value(), ProgressMonitor.UNWATCHED))
                .value();
    }

    private static ProblemCode code(Outcome<?> outcome) {
        return ((Outcome.Refused<?>) outcome).problem().code();
    }

    @Test
    void a_backup_is_deleted_once() {
        BackupFixture.put(store, KEY, "content");

        assertThat(delete()).isEqualTo(Outcome.done(KEY));

        assertThat(store.list()).isEmpty();
        assertThat(code(delete())).isEqualTo(ProblemCode.BACKUP_NOT_FOUND);
    }

    @Test
    void a_pinned_backup_stays() {
        BackupFixture.put(store, KEY, "content", it -> it.withPinned(true));

        assertThat(code(delete())).isEqualTo(ProblemCode.BACKUP_PINNED);

        assertThat(store.find(KEY)).isPresent();
    }

    @Test
    void a_backup_stays_until_its_last_reader_has_closed_it() {
        BackupFixture.put(store, KEY, "content");
        try (OpenBackup.Opened _ = open()) {
            OpenBackup.Opened other = open();
            other.close();
            other.close(); // must not end the lease of the first reader

            assertThat(code(delete())).isEqualTo(ProblemCode.BACKUP_IN_USE);
        }

        assertThat(delete()).isEqualTo(Outcome.done(KEY));
    }

    @Test
    void the_only_good_backup_is_deleted_on_request() {
        BackupFixture.put(store, KEY, "content");
        assertThat(store.find(KEY).orElseThrow().isGood()).isTrue();

        assertThat(delete()).isEqualTo(Outcome.done(KEY));
    }
}
