package dev.holdfast.sqlite;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.application.Outcome;
import dev.holdfast.application.operation.FailPoints;
import dev.holdfast.application.operation.RemarkedWork;
import dev.holdfast.application.restore.LiveDatabases.NewContent;
import dev.holdfast.application.restore.LiveDatabases.Settled;
import dev.holdfast.application.restore.LiveDatabases.Settlement;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A restore whose databases are all replaced is not repeated over newer writes. */
@Tag("adapter")
class CompletedGroupRestoreTest extends GroupRestoreFixture {
    @Override
    List<Kill> kills() {
        List<Kill> kills = new ArrayList<>();
        for (String step : List.of("restore.committed", "restore.compared")) {
            kills.add(new Kill("WAL", "WAL", "restore", step, 1));
            kills.add(new Kill("DELETE", "DELETE", "restore", step, 1));
        }
        kills.add(new Kill("DELETE", "DELETE", "restore", "restore.group.replaced", 2));
        for (String mode : List.of("WAL", "DELETE")) {
            kills.add(new Kill(mode, mode, 3, 2, "restore", "restore.compared", 1));
            kills.add(new Kill(mode, mode, 3, 2, "restore", "restore.pages", 1));
        }
        return kills;
    }

    @ParameterizedTest
    @CsvSource({
        "WAL,restore.committed",
        "WAL,restore.compared",
        "DELETE,restore.committed",
        "DELETE,restore.compared",
        "DELETE,restore.group.replaced:2"
    })
    void a_restore_that_was_killed_after_the_last_database_was_replaced_is_not_repeated_over_newer_writes(
            String mode, String step) throws Exception {
        String[] stepAndTime = (step + ":1").split(":", 3);
        killed(mode, mode, "restore", stepAndTime[0], Integer.parseInt(stepAndTime[1]));
        order(group.main(), 500);
        order(group.extra(), 20);

        assertThat(group.settle(FailPoints.NONE))
                .containsExactly(new Settlement(Settled.COMPLETED, RESTORING.operation()));

        assertThat(Shell.run(group.main(), ORDERS)).isEqualTo("500\n");
        assertThat(Shell.run(group.extra(), ORDERS)).isEqualTo("20\n");
        assertThat(group.storage().resolve("file")).hasContent("new");
        assertThat(group.settle(FailPoints.NONE)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"WAL", "DELETE"})
    void in_a_small_database_that_the_application_has_rewritten_since_the_restore_is_not_repeated_either(String mode)
            throws Exception {
        killed(mode, mode, 3, 2, "restore", "restore.compared", 1);
        order(group.main(), 2000);

        assertThat(group.settle(FailPoints.NONE))
                .containsExactly(new Settlement(Settled.COMPLETED, RESTORING.operation()));

        assertThat(Shell.run(group.main(), ORDERS)).isEqualTo("2000\n");
    }

    @ParameterizedTest
    @ValueSource(strings = {"WAL", "DELETE"})
    void a_restore_whose_last_database_was_not_replaced_is_completed_also_if_that_was_written_to_since(String mode)
            throws Exception {
        killed(mode, mode, 3, 2, "restore", "restore.pages", 1);
        order(group.main(), 2000);

        group.settle(FailPoints.NONE);

        assertThat(Shell.run(group.main(), ORDERS + "; SELECT max(x) FROM t")).isEqualTo("0\nnew\n");
        assertThat(Shell.run(root.resolve("kept/data.db"), ORDERS)).isEqualTo("2000\n");
    }

    @Test
    void a_restore_that_made_a_missing_database_is_not_repeated_over_newer_writes() throws Exception {
        for (String step : List.of("restore.new.linked", "restore.group.replaced:2")) {
            Group one = new Group(Files.createDirectories(root.resolve(step)));
            one.fill("WAL", "WAL");
            Files.delete(one.main());
            String[] stepAndTime = (step + ":1").split(":", 3);
            dieAt(one, "restore", stepAndTime[0], Integer.parseInt(stepAndTime[1]));
            order(one.main(), 500);

            one.settle(FailPoints.NONE);

            assertThat(Shell.run(one.main(), ORDERS)).as(step).isEqualTo("500\n");
        }
    }

    /** Takes the restore's journal away for a moment, as a disk does that fails. */
    private final class JournalAway implements FailPoints {
        private final String step;
        private final Path away = root.resolve("journal-away");
        private Path journal = away;

        JournalAway(String step) {
            this.step = step;
        }

        @Override
        public void reached(String reached) {
            if (reached.equals(step)) {
                try (var folders = Files.list(root.resolve("server/scratch/restores"))) {
                    journal = folders.findFirst().orElseThrow();
                    Files.move(journal, away);
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            }
        }

        void back() throws IOException {
            Files.move(away, journal);
        }
    }

    @Test
    void a_restore_whose_end_could_not_be_recorded_is_done_and_is_not_repeated_over_newer_writes() throws Exception {
        group.fill("WAL", "DELETE");
        var failing = new JournalAway("restore.compared");
        SqliteFixture fixture = group.fixture(failing);
        var work = new RemarkedWork(RESTORING);

        assertThat(fixture.engine().liveDatabases().replace(group.source(), group.content(), group::keep, work))
                .isEqualTo(Outcome.done(Optional.of("kept")));
        assertThat(work.remarks()).singleElement().asString().contains("could not be closed", "hold the backup");
        failing.back();
        order(group.main(), 500);

        assertThat(fixture.engine().liveDatabases().isUnfinished(group.source()))
                .isFalse();
        group.settle(FailPoints.NONE);

        assertThat(Shell.run(group.main(), ORDERS)).isEqualTo("500\n");
        assertThat(root.resolve("server/scratch/restores")).isEmptyDirectory();
    }

    @Test
    void the_next_operation_closes_a_journal_that_could_not_be_closed() throws Exception {
        group.fill("WAL", "DELETE");
        var failing = new JournalAway("restore.compared");
        SqliteFixture fixture = group.fixture(failing);
        fixture.engine().liveDatabases().replace(group.source(), group.content(), group::keep, RESTORING);
        failing.back();
        order(group.main(), 500);

        assertThat(fixture.engine().liveDatabases().settle(group.source(), (found, _) -> group.keep(found)))
                .isEmpty();

        assertThat(root.resolve("server/scratch/restores")).isEmptyDirectory();
        assertThat(Shell.run(group.main(), ORDERS)).isEqualTo("500\n");
    }

    @Test
    void until_a_journal_is_closed_no_other_restore_begins() throws Exception {
        group.fill("WAL", "DELETE");
        var failing = new JournalAway("restore.compared");
        SqliteFixture fixture = group.fixture(failing);
        fixture.engine().liveDatabases().replace(group.source(), group.content(), group::keep, RESTORING);
        order(group.main(), 500);
        Files.delete(root.resolve("server/scratch/restores"));

        assertThat(fixture.engine()
                        .liveDatabases()
                        .replace(
                                group.source(),
                                new NewContent(group.content().databases(), List.of()),
                                group::keep,
                                RESTORING))
                .isInstanceOfSatisfying(
                        Outcome.Refused.class,
                        it -> assertThat(it.problem().detail()).contains("cannot be closed", "not affected"));
        assertThat(Shell.run(group.main(), ORDERS)).isEqualTo("500\n");
    }
}
