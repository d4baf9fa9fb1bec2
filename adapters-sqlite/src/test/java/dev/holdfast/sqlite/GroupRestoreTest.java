package dev.holdfast.sqlite;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.application.Outcome;
import dev.holdfast.application.operation.FailPoints;
import java.nio.file.Files;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Several databases and directories are restored together, and what they replace is kept. */
@Tag("adapter")
class GroupRestoreTest extends GroupRestoreFixture {
    @ParameterizedTest
    @CsvSource({"WAL,WAL", "WAL,DELETE", "DELETE,WAL", "DELETE,DELETE", "PERSIST,TRUNCATE"})
    void all_parts_are_replaced_and_what_was_there_is_kept(String main, String extra) throws Exception {
        group.fill(main, extra);
        try (Shell first = Shell.open(group.main());
                Shell second = Shell.open(group.extra())) {
            first.say("SELECT count(*) FROM t");
            assertThat(group.restore(FailPoints.NONE)).isEqualTo(Outcome.done(Optional.of("kept")));
            assertThat(first.say("SELECT max(x) FROM t")).isEqualTo("new\n");
            assertThat(second.say("SELECT max(x) FROM t")).isEqualTo("new\n");
        }
        assertThat(group.state()).isEqualTo("new");
        assertThat(Shell.run(root.resolve("kept/data.db"), WORD)).isEqualTo("oldold900\nok\n");
        assertThat(Shell.run(root.resolve("kept/auxiliary.db"), WORD)).isEqualTo("oldold300\nok\n");
    }

    @Test
    void missing_databases_are_made_and_a_directory_that_is_there_is_kept_all_the_same() throws Exception {
        group.fill("WAL", "WAL");
        for (String name : List.of("data.db", "auxiliary.db")) {
            Files.delete(root.resolve("live").resolve(name));
        }
        assertThat(group.restore(FailPoints.NONE)).isEqualTo(Outcome.done(Optional.of("kept")));
        assertThat(group.state()).isEqualTo("new");
    }

    @Test
    void where_nothing_is_nothing_is_kept() throws Exception {
        group.fill("WAL", "WAL");
        for (String name : List.of("data.db", "auxiliary.db", "storage/file", "storage")) {
            Files.delete(root.resolve("live").resolve(name));
        }
        assertThat(group.restore(FailPoints.NONE)).isEqualTo(Outcome.done(Optional.empty()));
        assertThat(group.state()).isEqualTo("new");
    }

    @Test
    void what_is_written_while_the_safety_backup_is_made_stays_beside() throws Exception {
        group.fill("WAL", "WAL");
        Files.writeString(group.storage().resolve("early"), "kept");

        assertThat(group.restore(step -> {
                    if (step.equals("restore.group.kept")) {
                        write(group.storage().resolve("late"));
                    }
                }))
                .isEqualTo(Outcome.done(Optional.of("kept")));

        assertThat(only("replaced").resolve("late")).hasContent("late");
    }

    @Test
    void what_the_safety_backup_does_not_hold_stays_beside() throws Exception {
        var partly = new Group(root, false);
        partly.fill("WAL", "WAL");

        assertThat(partly.restore(FailPoints.NONE)).isEqualTo(Outcome.done(Optional.of("kept")));

        assertThat(only("replaced").resolve("file")).hasContent("old");
    }

    @Test
    void links_which_no_archive_holds_stay_beside() throws Exception {
        group.fill("WAL", "WAL");
        Files.createSymbolicLink(group.storage().resolve("link"), root);

        assertThat(group.restore(FailPoints.NONE)).isEqualTo(Outcome.done(Optional.of("kept")));

        assertThat(only("replaced").resolve("link")).isSymbolicLink();
    }
}
