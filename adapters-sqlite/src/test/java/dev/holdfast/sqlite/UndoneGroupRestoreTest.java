package dev.holdfast.sqlite;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.application.operation.FailPoints;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;
import org.junit.jupiter.params.provider.ValueSource;

/** An undo that fails or is killed is finished, and what is written after it stays. */
@Tag("adapter")
class UndoneGroupRestoreTest extends GroupRestoreFixture {
    static final List<String> UNDO_STEPS = List.of(
            "undo.restore.replacing",
            "undo.restore.committed",
            "undo.restore.compared",
            "restore.undo.put-back",
            "restore.undo.unmade",
            "restore.undo.exchanged",
            "restore.undo.marked");

    @Override
    List<Kill> kills() {
        List<Kill> kills = new ArrayList<>();
        for (String step : UNDO_STEPS) {
            kills.add(new Kill("WAL", "DELETE", "undo", step, 1));
        }
        for (String step : List.of("restore.undo.unmade", "restore.undo.exchanged", "restore.undo.marked")) {
            kills.add(new Kill("WAL", "DELETE", "undo", step, 1));
        }
        kills.add(new Kill("WAL", "DELETE", "undo", "restore.undo.exchanged", 1));
        return kills;
    }

    @ParameterizedTest
    @FieldSource("UNDO_STEPS")
    void an_undo_that_fails_or_is_killed_is_finished_by_the_next_start(String step) throws Exception {
        Group failing = new Group(Files.createDirectories(root.resolve("failing")));
        failing.fill("WAL", "DELETE");
        failing.restore(reached -> {
            if (reached.equals("restore.compared") || reached.equals(step)) {
                throw new UncheckedIOException(new IOException("as it were"));
            }
        });
        removeStaged(failing);
        failing.settle(FailPoints.NONE);
        assertThat(failing.state()).isEqualTo("old");

        killed("WAL", "DELETE", "undo", step, 1);
        group.settle(FailPoints.NONE);
        removeStaged(group);
        assertThat(group.state()).isEqualTo("old");
    }

    @ParameterizedTest
    @ValueSource(strings = {"restore.undo.unmade", "restore.undo.exchanged", "restore.undo.marked"})
    void what_was_written_after_everything_was_put_back_stays(String step) throws Exception {
        killed("WAL", "DELETE", "undo", step, 1);
        order(group.main(), 500);
        order(group.extra(), 20);

        group.settle(FailPoints.NONE);

        assertThat(Shell.run(group.main(), ORDERS)).isEqualTo("500\n");
        assertThat(Shell.run(group.extra(), ORDERS)).isEqualTo("20\n");
        assertThat(group.storage().resolve("file")).hasContent("old");
    }

    @Test
    void a_directory_that_an_application_makes_after_the_undo_stays() throws Exception {
        killed("WAL", "DELETE", "undo", "restore.undo.exchanged", 1);
        write(Files.createDirectory(group.logos()).resolve("later"));

        group.settle(FailPoints.NONE);

        assertThat(group.logos().resolve("later")).hasContent("later");
    }
}
