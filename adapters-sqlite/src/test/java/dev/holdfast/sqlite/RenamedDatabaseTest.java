package dev.holdfast.sqlite;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.application.Outcome;
import dev.holdfast.application.operation.FailPoints;
import dev.holdfast.application.snapshot.Snapshot;
import dev.holdfast.application.snapshot.Snapshots.Taken;
import dev.holdfast.domain.database.Source;
import dev.holdfast.domain.problem.Problem;
import dev.holdfast.sqlite.file.KnownFiles;
import dev.holdfast.sqlite.file.SqliteSettings;
import dev.holdfast.sqlite.io.Connections;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.sql.Connection;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * A program gives a file of the server or of another database the database's name at one step of an operation. The path has
 * no symbolic link then, so only the descriptor that the operation opens shows whose file it is.
 */
@Tag("adapter")
@DisplayNameGeneration(ReplaceUnderscores.class)
class RenamedDatabaseTest {
    /** The one after the look at the path: a file that was moved before is a new one of the database. */
    private static final int FIRST_STEP = 2;

    private static final int MOST_STEPS = 200;

    @TempDir
    Path root;

    @ParameterizedTest
    @EnumSource
    void no_step_of_a_backup_opens_a_file_of_others_that_was_renamed_to_the_database(Way way) throws Exception {
        int refused = 0;
        for (int step = FIRST_STEP; step < MOST_STEPS; step++) {
            Scene scene = scene(step);
            byte[] before = Files.readAllBytes(scene.theirs());
            Renaming renaming = new Renaming(scene, step, way);
            // Locks of this process, which it would lose if it opened and closed the file a second time.
            try (Connection theirOwn = Connections.open(scene.theirs(), "", 0)) {
                Connections.execute(theirOwn, "BEGIN");
                Connections.ask(theirOwn, "SELECT x FROM t");
                switch (scene.engine().engine().snapshots().take(Source.of(scene.file()), renaming)) {
                    case Taken.Pinned(Snapshot snapshot) -> {
                        try (snapshot;
                                InputStream in = snapshot.images().getFirst().open()) {
                            assertThat(new String(in.readAllBytes(), ISO_8859_1))
                                    .contains("own")
                                    .doesNotContain("theirs");
                        }
                    }
                    case Taken.Refused(Problem problem) -> refused += requireRefused(problem);
                }
                assertThat(Shell.run(scene.present(), "UPDATE t SET x = 'unlocked'"))
                        .contains("database is locked");
            }
            assertThat(scene.present()).hasBinaryContent(before);
            if (!renaming.done) {
                break;
            }
        }
        assertThat(refused).isPositive();
    }

    @ParameterizedTest
    @EnumSource
    void no_step_of_a_restore_writes_to_a_file_of_others_that_was_renamed_to_the_database(Way way) throws Exception {
        Path backup = root.resolve("backup.db");
        Shell.run(backup, "CREATE TABLE t(x); INSERT INTO t VALUES ('backup')");
        int refused = 0;
        for (int step = FIRST_STEP; step < MOST_STEPS; step++) {
            Scene scene = scene(step);
            byte[] before = Files.readAllBytes(scene.theirs());
            Renaming renaming = new Renaming(scene, step, way);
            Outcome<?> outcome = scene.engine().restore(scene.file(), SqliteFixture.artifact(backup), renaming);
            if (outcome instanceof Outcome.Refused<?>(Problem problem)) {
                refused += requireRefused(problem);
            }
            assertThat(scene.present()).hasBinaryContent(before);
            if (!renaming.done) {
                break;
            }
        }
        assertThat(refused).isPositive();
    }

    /** How the file gets the name. */
    private enum Way {
        RENAMED,
        SECOND_NAME
    }

    /** @return 1 if it says whose file it is */
    private static int requireRefused(Problem problem) {
        assertThat(problem)
                .isInstanceOfAny(
                        Problem.SourceNotAccessible.class, Problem.SourceBusy.class, Problem.UncertainRestore.class);
        return problem instanceof Problem.SourceNotAccessible(String detail)
                        && detail.contains("app.db is a file that belongs to database other")
                ? 1
                : 0;
    }

    private record Scene(SqliteFixture engine, Path file, Path theirs) {
        /** Where the file of others is now. */
        Path present() {
            return Files.exists(theirs) ? theirs : file;
        }
    }

    @BeforeEach
    void what_each_database_holds() throws Exception {
        Shell.run(root.resolve("own"), "CREATE TABLE t(x); INSERT INTO t VALUES ('own')");
        Shell.run(root.resolve("theirs"), "CREATE TABLE t(x); INSERT INTO t VALUES ('theirs')");
    }

    private Scene scene(int number) throws IOException {
        Path folder = Files.createDirectory(root.resolve("srv" + number));
        Path file = Files.copy(root.resolve("own"), folder.resolve("app.db"));
        Path theirs = Files.copy(root.resolve("theirs"), folder.resolve("theirs.db"));
        var known = new KnownFiles(Map.of(file, "database app", theirs, "database other"), Set.of());
        var settings = new SqliteSettings(root.resolve("scratch"), Duration.ofMillis(100)).with(known);
        SqliteEngine engine = SqliteEngine.using(settings, () -> SqliteFixture.NOW, FailPoints.NONE);
        return new Scene(new SqliteFixture(root, engine), file, theirs);
    }

    private static final class Renaming extends SteppedWork {
        private final Scene scene;
        private final int at;
        private final Way way;
        private boolean done;

        Renaming(Scene scene, int at, Way way) {
            this.scene = scene;
            this.at = at;
            this.way = way;
        }

        @Override
        void at(int step) {
            if (step == at) {
                done = true;
                try {
                    Path name = scene.theirs();
                    if (way == Way.SECOND_NAME) {
                        name = Files.createLink(name.resolveSibling("second.db"), name);
                    }
                    Files.move(name, scene.file(), StandardCopyOption.REPLACE_EXISTING);
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            }
        }
    }
}
