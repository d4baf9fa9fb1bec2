package dev.holdfast.application.backup;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.application.Outcome;
import dev.holdfast.application.store.BackupFixture;
import dev.holdfast.domain.backup.Backup;
import dev.holdfast.domain.identity.BackupKey;
import dev.holdfast.domain.problem.ProblemCode;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** One backup by the name that a client sent. */
@Tag("unit")
class FindBackupTest extends BackupUseCasesFixture {
    private Outcome<Backup> find(String filename) {
        return useCases(Map.of()).find().find("default", filename);
    }

    private static ProblemCode code(Outcome<?> outcome) {
        return ((Outcome.Refused<?>) outcome).problem().code();
    }

    @Test
    void a_backup_is_found_by_its_name() {
        Backup backup = BackupFixture.put(store, KEY, "content");

        assertThat(find(KEY.value())).isEqualTo(Outcome.done(backup));
    }

    @Test
    void a_file_with_a_name_that_the_profile_does_not_form_is_found_if_it_is_there() {
        Backup backup = BackupFixture.put(store, new BackupKey("before the move.db"), "content");

        assertThat(find("before the move.db")).isEqualTo(Outcome.done(backup));
    }

    @Test
    void a_well_formed_name_without_a_backup_is_not_found() {
        assertThat(code(find(KEY.value()))).isEqualTo(ProblemCode.BACKUP_NOT_FOUND);
    }

    @ParameterizedTest
    @ValueSource(strings = {"notes.txt", "", ".", "..", "../app.db", "a/b.db", "a\\b.db", ".hidden.db", "a\u0000.db"})
    void a_name_that_no_backup_can_have_is_invalid(String filename) {
        assertThat(code(find(filename))).isEqualTo(ProblemCode.INVALID_FILENAME);
    }

    @Test
    void a_database_that_is_not_registered_is_not_found() {
        assertThat(code(useCases(Map.of()).find().find("shop", KEY.value()))).isEqualTo(ProblemCode.DATABASE_NOT_FOUND);
    }
}
