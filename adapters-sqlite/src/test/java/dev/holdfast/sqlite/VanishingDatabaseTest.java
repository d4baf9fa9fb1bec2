package dev.holdfast.sqlite;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.application.Outcome;
import dev.holdfast.application.operation.FailPoints;
import dev.holdfast.application.snapshot.Snapshot;
import dev.holdfast.application.snapshot.Snapshots.Taken;
import dev.holdfast.domain.database.Source;
import dev.holdfast.domain.problem.Problem;
import dev.holdfast.sqlite.file.SourceAccess;
import dev.holdfast.sqlite.file.SqliteErrors;
import dev.holdfast.sqlite.file.SqliteSettings;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.sqlite.SQLiteErrorCode;
import org.sqlite.SQLiteException;

/** A program moves the database, or its folder, away at one step of an operation, and back at a later one. */
@Tag("adapter")
@DisplayNameGeneration(ReplaceUnderscores.class)
class VanishingDatabaseTest {
    private static final int MOST_STEPS = 200;

    @TempDir
    Path root;

    @ParameterizedTest
    @CsvSource({"file,DELETE,1", "file,WAL,1", "folder,DELETE,1", "folder,WAL,1", "file,WAL,1000", "folder,DELETE,1000"
    })
    void no_step_of_a_backup_fails_for_an_unknown_reason(String what, String mode, int stepsAway) throws Exception {
        int made = 0;
        for (int step = 1; step < MOST_STEPS; step++) {
            Scene scene = scene(step, mode, what, Duration.ofMillis(100));
            Vanishing vanishing = new Vanishing(scene, step, stepsAway);
            switch (scene.engine().engine().snapshots().take(Source.of(scene.file()), vanishing)) {
                case Taken.Pinned(Snapshot snapshot) -> {
                    made++;
                    try (snapshot;
                            InputStream in = snapshot.images().getFirst().open()) {
                        assertThat(new String(in.readAllBytes(), ISO_8859_1)).contains("own");
                    }
                }
                case Taken.Refused(Problem problem) ->
                    assertThat(problem).isInstanceOfAny(Problem.SourceBusy.class, Problem.SourceNotFound.class);
            }
            if (!vanishing.reached) {
                break;
            }
        }
        assertThat(made).isPositive();
    }

    @ParameterizedTest
    @CsvSource({"file,DELETE,1", "file,WAL,1", "folder,DELETE,1", "folder,WAL,1", "file,WAL,1000", "folder,DELETE,1000"
    })
    void no_step_of_a_restore_fails_for_an_unknown_reason(String what, String mode, int stepsAway) throws Exception {
        Path backup = root.resolve("backup.db");
        Shell.run(backup, "CREATE TABLE t(x); INSERT INTO t VALUES ('backup')");
        int restored = 0;
        for (int step = 1; step < MOST_STEPS; step++) {
            Scene scene = scene(step, mode, what, Duration.ofMillis(100));
            Vanishing vanishing = new Vanishing(scene, step, stepsAway);
            Outcome<?> outcome = scene.engine().restore(scene.file(), SqliteFixture.artifact(backup), vanishing);
            vanishing.moveBack();
            String content = Shell.run(scene.file(), "PRAGMA integrity_check; SELECT x FROM t");
            switch (outcome) {
                case Outcome.Done<?> _ -> {
                    restored++;
                    assertThat(content).isEqualTo("ok\nbackup\n");
                }
                case Outcome.Refused<?>(Problem.UncertainRestore _) ->
                    assertThat(content).isIn("ok\nbackup\n", "ok\nown\n");
                case Outcome.Refused<?>(Problem problem) -> {
                    assertThat(problem).isInstanceOfAny(Problem.SourceBusy.class, Problem.SourceNotFound.class);
                    assertThat(content).isEqualTo("ok\nown\n");
                }
            }
            if (!vanishing.reached) {
                break;
            }
        }
        assertThat(restored).isPositive();
    }

    @Test
    void a_backup_of_a_database_that_is_back_within_the_waiting_time_is_made() throws Exception {
        Scene scene = scene(0, "DELETE", "file", Duration.ofSeconds(20));
        // The first step after the look at the path.
        assertThat(scene.engine().engine().snapshots().take(Source.of(scene.file()), new Vanishing(scene, 2, 2)))
                .isInstanceOfSatisfying(Taken.Pinned.class, it -> it.snapshot().close());
    }

    @Test
    void a_path_that_is_too_long_is_not_taken_for_a_file_that_was_gone() throws Exception {
        Path folder = root;
        while (folder.toString().length() <= SourceAccess.MAX_PATH_BYTES) {
            folder = Files.createDirectory(folder.resolve("x".repeat(100)));
        }
        Path file = Files.createFile(folder.resolve("app.db"));
        var notOpened = new SQLiteException("unable to open database file", SQLiteErrorCode.SQLITE_CANTOPEN);
        assertThat(SqliteErrors.ofReading(List.of(file), notOpened))
                .isInstanceOfSatisfying(
                        Problem.SourceNotAccessible.class,
                        it -> assertThat(it.detail()).contains("bytes"));
    }

    private record Scene(SqliteFixture engine, Path file, Path moved) {
        Path away() {
            return moved.resolveSibling(moved.getFileName() + ".away");
        }
    }

    private Scene scene(int number, String mode, String what, Duration patience) throws Exception {
        Path folder = Files.createDirectories(root.resolve("srv" + number + "/app"));
        Path file = folder.resolve("app.db");
        Shell.run(file, "PRAGMA journal_mode=" + mode + "; CREATE TABLE t(x); INSERT INTO t VALUES ('own')");
        var settings = new SqliteSettings(root.resolve("scratch"), patience);
        SqliteEngine engine = SqliteEngine.using(settings, () -> SqliteFixture.NOW, FailPoints.NONE);
        return new Scene(new SqliteFixture(root, engine), file, what.equals("file") ? file : folder);
    }

    private static final class Vanishing extends SteppedWork {
        private final Scene scene;
        private final int from;
        private final int to;
        private boolean reached;

        Vanishing(Scene scene, int step, int stepsAway) {
            this.scene = scene;
            this.from = step;
            this.to = step + stepsAway;
        }

        @Override
        void at(int step) {
            if (step == from) {
                reached = true;
                move(scene.moved(), scene.away());
            } else if (step == to) {
                moveBack();
            }
        }

        void moveBack() {
            if (Files.exists(scene.away())) {
                move(scene.away(), scene.moved());
            }
        }

        private static void move(Path from, Path to) {
            try {
                Files.move(from, to);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
