package dev.holdfast.application.backup;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.application.Outcome;
import dev.holdfast.application.backup.UpdateBackup.Change;
import dev.holdfast.application.store.BackupFixture;
import dev.holdfast.domain.backup.Backup;
import dev.holdfast.domain.problem.ProblemCode;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Pins and labels. */
@Tag("unit")
class UpdateBackupTest extends BackupUseCasesFixture {
    private static final Change NOTHING = new Change(Optional.empty(), Optional.empty());

    private Outcome<Backup> update(Change change) {
        return useCases(Map.of()).update().update("default", KEY.value(), change);
    }

    private static Change pinned(boolean pinned) {
        return new Change(Optional.of(pinned), Optional.empty());
    }

    private static Change labels(Map<String, String> labels) {
        return new Change(Optional.empty(), Optional.of(labels));
    }

    private static ProblemCode code(Outcome<?> outcome) {
        return ((Outcome.Refused<?>) outcome).problem().code();
    }

    @Test
    void a_backup_is_pinned_and_released_and_keeps_everything_else() {
        Backup backup = BackupFixture.put(store, KEY, "content");

        assertThat(update(pinned(true))).isEqualTo(Outcome.done(backup.withPinned(true)));
        assertThat(store.find(KEY)).contains(backup.withPinned(true));

        assertThat(update(pinned(false))).isEqualTo(Outcome.done(backup));
        assertThat(store.find(KEY)).contains(backup);
    }

    @Test
    void new_labels_replace_all_former_ones() {
        Backup backup = BackupFixture.put(store, KEY, "content");
        update(labels(Map.of("release", "1.2", "by", "ann")));

        update(labels(Map.of("release", "1.3")));

        assertThat(store.find(KEY)).contains(backup.with(new Backup.Labels(Map.of("release", "1.3"))));
    }

    @Test
    void an_empty_change_changes_nothing() {
        Backup backup = BackupFixture.put(
                store, KEY, "content", it -> it.withPinned(true).with(new Backup.Labels(Map.of("by", "ann"))));

        assertThat(update(NOTHING)).isEqualTo(Outcome.done(backup));
    }

    @Test
    void labels_above_the_limit_are_rejected_and_the_pin_of_the_same_change_too() {
        Backup backup = BackupFixture.put(store, KEY, "content");
        Map<String, String> tooMany = IntStream.rangeClosed(0, Backup.Labels.MOST)
                .mapToObj(it -> "label" + it)
                .collect(Collectors.toMap(Function.identity(), _ -> "x"));

        assertThat(code(update(new Change(Optional.of(true), Optional.of(tooMany)))))
                .isEqualTo(ProblemCode.INVALID_ARGUMENT);

        assertThat(store.find(KEY)).contains(backup);
    }

    @Test
    void a_backup_that_is_not_there_is_not_found() {
        assertThat(code(update(pinned(true)))).isEqualTo(ProblemCode.BACKUP_NOT_FOUND);
    }
}
