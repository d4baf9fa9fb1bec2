package dev.holdfast.sqlite;

import static java.util.Collections.nCopies;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import dev.holdfast.application.operation.FailPoints;
import dev.holdfast.application.restore.LiveDatabases;
import dev.holdfast.application.restore.LiveDatabases.Settled;
import dev.holdfast.application.restore.LiveDatabases.Settlement;
import dev.holdfast.domain.database.Source;
import dev.holdfast.sqlite.restore.NewFileRestore;
import dev.holdfast.tree.SiblingPaths;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.FieldSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A start completes or undoes a restore of a group during which the server was killed. */
@Tag("adapter")
@Tag("slow")
class KilledGroupRestoreTest extends GroupRestoreFixture {
    /** The steps of a restore, the time that each is reached, and what the next start makes of a kill there. */
    static final List<Arguments> STEPS = List.of(
            arguments("restore.group.kept", 1, "old"),
            arguments("restore.group.prepared", 1, "old"),
            arguments("restore.group.swapped", 1, "old"),
            arguments("restore.group.swapped", 2, "old"),
            arguments("restore.group.committed", 1, "new"),
            arguments("restore.replacing.1", 1, "new"),
            arguments("restore.pages.1", 1, "new"),
            arguments("restore.committed.1", 1, "new"),
            arguments("restore.compared.1", 1, "new"),
            arguments("restore.group.replaced", 1, "new"),
            arguments("restore.replacing", 1, "new"),
            arguments("restore.pages", 1, "new"),
            arguments("restore.committed", 1, "new"),
            arguments("restore.compared", 1, "new"),
            arguments("restore.group.replaced", 2, "new"),
            arguments("restore.group.cleared", 1, "new"));

    @Override
    List<Kill> kills() {
        List<Kill> kills = new ArrayList<>();
        for (Arguments step : STEPS) {
            for (String mode : List.of("WAL", "DELETE")) {
                kills.add(new Kill(mode, "WAL", "restore", (String) step.get()[0], (int) step.get()[1]));
            }
        }
        kills.addAll(nCopies(6, new Kill("WAL", "WAL", "restore", "restore.group.committed", 1)));
        kills.addAll(nCopies(6, new Kill("WAL", "WAL", "restore", "restore.replacing", 1)));
        kills.addAll(nCopies(2, new Kill("WAL", "WAL", "restore", "restore.group.swapped", 1)));
        kills.addAll(nCopies(4, new Kill("WAL", "WAL", "restore", "restore.group.swapped", 2)));
        kills.add(new Kill("WAL", "WAL", "restore", "restore.committed.1", 1));
        kills.add(new Kill("WAL", "DELETE", "restore", "restore.replacing", 1));
        return kills;
    }

    @ParameterizedTest
    @FieldSource("STEPS")
    void after_the_next_start_all_is_old_or_all_is_new(String step, int time, String expected) throws Exception {
        for (String modes : List.of("WAL WAL", "DELETE WAL")) {
            Group one = killed(
                    modes.substring(0, modes.indexOf(' ')),
                    modes.substring(modes.indexOf(' ') + 1),
                    "restore",
                    step,
                    time);

            List<Settlement> settled = one.settle(FailPoints.NONE);

            assertThat(one.state()).as(modes).isEqualTo(expected);
            var what = expected.equals("new") ? Settled.COMPLETED : Settled.UNDONE;
            assertThat(settled).allMatch(new Settlement(what, RESTORING.operation())::equals);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"restore.replacing.1", "restore.replacing", "restore.committed.1", "restore.committed"})
    void a_start_that_is_killed_while_it_completes_a_restore_is_completed_by_the_next_one(String step)
            throws Exception {
        killed("WAL", "WAL", "restore", "restore.group.committed", 1);
        dieAt(group, "settle", step, 1);

        assertThat(group.settle(FailPoints.NONE))
                .containsExactly(new Settlement(Settled.COMPLETED, RESTORING.operation()));

        assertThat(group.state()).isEqualTo("new");
    }

    @Test
    void what_was_written_after_the_server_died_is_kept_before_the_restore_is_completed() throws Exception {
        killed("WAL", "WAL", "restore", "restore.replacing", 1);
        Shell.run(group.main(), "INSERT INTO t VALUES ('later', '')");

        group.settle(FailPoints.NONE);

        assertThat(group.state()).isEqualTo("new");
        assertThat(Shell.run(root.resolve("kept/data.db"), "SELECT count(*) FROM t WHERE x = 'later'"))
                .isEqualTo("1\n");
    }

    @ParameterizedTest
    @CsvSource({"restore.group.swapped,1,storage", "restore.group.swapped,2,storage", "restore.group.swapped,2,logos"})
    void what_was_written_after_the_server_died_is_not_removed_when_the_restore_is_undone(
            String step, int time, String directory) throws Exception {
        killed("WAL", "WAL", "restore", step, time);
        write(root.resolve("live").resolve(directory).resolve("late"));

        group.settle(FailPoints.NONE);

        assertThat(only("undone").resolve("late")).hasContent("late");
        assertThat(group.storage().resolve("file")).hasContent("old");
    }

    @Test
    void a_directory_that_an_application_makes_anew_between_two_renames_is_not_removed() throws Exception {
        killed("WAL", "WAL", "restore", "restore.group.swapped", 1);
        Path fresh = only("replaced").resolveSibling("fresh");
        Files.move(group.storage(), fresh);
        write(Files.createDirectory(group.storage()).resolve("late"));

        group.settle(FailPoints.NONE);

        assertThat(only("undone").resolve("late")).hasContent("late");
        assertThat(group.storage().resolve("file")).hasContent("old");
    }

    @ParameterizedTest
    @CsvSource({"restore.group.swapped,2", "restore.group.committed,1", "restore.replacing,1"})
    void nothing_is_settled_where_the_directories_are_not_there(String step, int time) throws Exception {
        killed("WAL", "WAL", "restore", step, time);
        Path mounted = root.resolve("live");
        Path elsewhere = Files.move(mounted, root.resolve("not mounted"));
        Files.createDirectory(mounted);

        assertThatThrownBy(() -> group.settle(FailPoints.NONE)).hasMessageContaining("not mounted");
        try (var names = Files.list(mounted)) {
            assertThat(names).isEmpty();
        }
        Files.delete(mounted);
        Files.move(elsewhere, mounted);
        group.settle(FailPoints.NONE);

        assertThat(group.state()).isEqualTo(step.equals("restore.group.swapped") ? "old" : "new");
    }

    @Test
    void a_restore_is_completed_by_whatever_path_the_databases_are_named() throws Exception {
        killed("WAL", "WAL", "restore", "restore.replacing", 1);
        Path link = Files.createSymbolicLink(root.resolve("link"), root.resolve("live"));
        var named = new Source(
                link.resolve("data.db"), List.of(link.resolve("auxiliary.db")), List.of(link.resolve("storage")));
        var live = group.fixture(FailPoints.NONE).engine().liveDatabases();

        assertThat(live.isUnfinished(named)).isTrue();
        assertThat(live.unfinishedBeside(List.of(named))).isEmpty();
        live.settle(named, (found, _) -> group.keep(found));

        assertThat(group.state()).isEqualTo("new");
    }

    @Test
    void a_restore_that_is_of_no_known_source_any_more_is_told() throws Exception {
        killed("WAL", "WAL", "restore", "restore.replacing", 1);

        assertThat(group.fixture(FailPoints.NONE)
                        .engine()
                        .liveDatabases()
                        .unfinishedBeside(List.of(Source.of(root.resolve("other.db")))))
                .singleElement()
                .asString()
                .contains(group.main().toString());
    }

    @Test
    void a_part_that_was_replaced_and_written_to_since_is_replaced_again() throws Exception {
        killed("WAL", "WAL", "restore", "restore.replacing", 1);
        Shell.run(group.extra(), "INSERT INTO t VALUES ('later', '')");

        group.settle(FailPoints.NONE);

        assertThat(group.state()).isEqualTo("new");
        assertThat(Shell.run(root.resolve("kept/auxiliary.db"), "SELECT count(*) FROM t WHERE x = 'later'"))
                .isEqualTo("1\n");
    }

    @ParameterizedTest
    @CsvSource({
        "restore.group.swapped,2,false",
        "restore.group.committed,1,true",
        "restore.committed.1,1,true",
        "restore.replacing,1,true"
    })
    void what_is_found_after_directories_were_exchanged_is_kept_as_not_from_one_moment(
            String step, int time, boolean mixed) throws Exception {
        killed("WAL", "WAL", "restore", step, time);
        List<Optional<String>> said = new ArrayList<>();

        group.fixture(FailPoints.NONE).engine().liveDatabases().settle(group.source(), (found, inconsistency) -> {
            said.add(inconsistency);
            return group.keep(found);
        });

        assertThat(said.stream().anyMatch(Optional::isPresent)).isEqualTo(mixed);
        assertThat(said)
                .allMatch(it -> it.isEmpty() || it.get().contains(group.main().toString()));
    }

    @Test
    void a_state_that_needs_an_administrator_is_not_called_locked() throws Exception {
        killed("WAL", "DELETE", "restore", "restore.replacing", 1);
        delete(only("replaced"));

        assertThatThrownBy(() -> group.settle(FailPoints.NONE))
                .hasMessageContaining("is missing")
                .hasMessageContaining("remove the restore's journal")
                .hasMessageNotContaining("locked");
    }

    @Test
    void what_a_killed_restore_left_next_to_the_databases_is_found_and_removed_at_a_start() throws Exception {
        group.fill("WAL", "WAL");
        removeStaged(group);
        LiveDatabases live = SqliteFixture.impatient(root).engine().liveDatabases();
        assertThat(live.hasLeftovers(group.source())).isFalse();
        Callable<Path> staging = () -> SiblingPaths.staged(group.storage().toRealPath());
        Callable<Path> making = () -> Files.createFile(NewFileRestore.unfinished(group.extra()));
        Callable<Path> probing = () -> Files.createFile(group.extra().resolveSibling(".holdfast-probe-1.tmp"));

        for (Callable<Path> leaving : List.of(staging, making, probing)) {
            Path left = leaving.call();
            assertThat(live.hasLeftovers(group.source())).as(left.toString()).isTrue();
            live.settle(group.source(), (found, _) -> group.keep(found));
            assertThat(left).doesNotExist();
            assertThat(live.hasLeftovers(group.source())).isFalse();
        }
    }
}
