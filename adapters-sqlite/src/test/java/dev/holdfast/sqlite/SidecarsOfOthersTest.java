package dev.holdfast.sqlite;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.application.Outcome;
import dev.holdfast.application.operation.FailPoints;
import dev.holdfast.application.operation.ProgressMonitor;
import dev.holdfast.application.snapshot.Snapshot;
import dev.holdfast.application.snapshot.Snapshots.Taken;
import dev.holdfast.domain.database.Source;
import dev.holdfast.domain.problem.Problem;
import dev.holdfast.domain.problem.ProblemException;
import dev.holdfast.sqlite.file.KnownFiles;
import dev.holdfast.sqlite.file.LiveFile;
import dev.holdfast.sqlite.file.SidecarCheck;
import dev.holdfast.sqlite.file.SqliteSettings;
import dev.holdfast.tree.PathHandle;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A sidecar of another database in the place of one of ours, within an operation. */
@Tag("adapter")
@DisplayNameGeneration(ReplaceUnderscores.class)
class SidecarsOfOthersTest {
    private static final int MOST_STEPS = 200;
    private static final int LOOKS = 3_000;

    /** SQLite passes over each sidecar with this content, and writes its own to it. */
    private static final byte[] ZEROS = new byte[1 << 15];

    @TempDir
    Path root;

    private Path backup;

    @BeforeEach
    void a_backup() throws Exception {
        backup = root.resolve("backup.db");
        Shell.run(backup, "CREATE TABLE t(x); INSERT INTO t VALUES ('backup')");
    }

    private record Scene(SqliteFixture engine, KnownFiles known, Path file, Path theirs) {
        Path sidecar(String end) {
            return file.resolveSibling(file.getFileName() + end);
        }

        Path theirSidecar(String end) {
            return theirs.resolveSibling(theirs.getFileName() + end);
        }
    }

    private Scene scene(int number) throws Exception {
        Path folder = Files.createDirectory(root.resolve("srv" + number));
        Path file = folder.resolve("app.db");
        Path theirs = folder.resolve("theirs.db");
        Shell.run(file, "CREATE TABLE t(x); INSERT INTO t VALUES ('own')");
        Shell.run(theirs, "CREATE TABLE t(x); INSERT INTO t VALUES ('theirs')");
        var known = new KnownFiles(Map.of(file, "database app", theirs, "database other"), Set.of());
        var settings = new SqliteSettings(root.resolve("scratch"), Duration.ofMillis(100)).with(known);
        SqliteEngine engine = SqliteEngine.using(settings, () -> SqliteFixture.NOW, FailPoints.NONE);
        return new Scene(new SqliteFixture(root, engine), known, file, theirs);
    }

    @ParameterizedTest
    @ValueSource(strings = {"-journal", "-wal", "-shm"})
    void a_sidecar_with_the_inode_of_one_that_has_gone_is_the_databases_own(String end) throws Exception {
        Scene scene = scene(0);
        Path theirs = Files.createFile(scene.theirSidecar(end));
        LiveFile file = LiveFile.existing(scene.file(), scene.known());
        Files.move(theirs, scene.sidecar(end));
        file.hold(scene.sidecar(end)).close();
        SidecarCheck.require(file);
    }

    @ParameterizedTest
    @ValueSource(strings = {"-journal", "-wal", "-shm"})
    void a_second_name_of_one_that_is_there_is_refused(String end) throws Exception {
        Scene scene = scene(0);
        Path theirs = Files.createFile(scene.theirSidecar(end));
        LiveFile file = LiveFile.existing(scene.file(), scene.known());
        Path sidecar = Files.createLink(scene.sidecar(end), theirs);
        for (var check : Map.<String, SidecarLook>of(
                        "held", it -> it.hold(sidecar).close(), "checked", SidecarCheck::require)
                .entrySet()) {
            assertThatThrownBy(() -> check.getValue().at(file))
                    .as(check.getKey())
                    .isInstanceOfSatisfying(
                            ProblemException.class,
                            it -> assertThat(it.problem().detail())
                                    .startsWith(sidecar + " is a file that belongs to database other"));
        }
    }

    @Test
    void a_journal_that_a_program_makes_and_removes_meanwhile_hinders_no_check() throws Exception {
        Scene scene = scene(0);
        var over = new AtomicBoolean();
        try (PathHandle folder = PathHandle.of(root.resolve("srv0"));
                ExecutorService program = Executors.newSingleThreadExecutor()) {
            LiveFile file = LiveFile.existing(scene.file(), scene.known()).in(folder);
            Future<?> making = program.submit(() -> {
                while (!over.get()) {
                    Files.deleteIfExists(Files.createFile(scene.sidecar("-journal")));
                }
                return null;
            });
            try {
                for (int look = 0; look < LOOKS; look++) {
                    SidecarCheck.require(file);
                }
            } finally {
                over.set(true);
            }
            making.get();
        }
    }

    private interface SidecarLook {
        void at(LiveFile file) throws IOException;
    }

    /** The mode in which SQLite opens it. */
    private static String mode(String end) {
        return end.equals("-journal") ? "DELETE" : "WAL";
    }

    /** Of the other database's sidecar, compared with the operation. */
    private enum Age {
        OLDER,
        YOUNGER
    }

    private interface Operation {
        /** Empty if it is not refused. */
        Optional<Problem> run(Scene scene, ProgressMonitor work) throws Exception;
    }

    private Optional<Problem> backUp(Scene scene, ProgressMonitor work) throws Exception {
        return switch (scene.engine().engine().snapshots().take(Source.of(scene.file()), work)) {
            case Taken.Pinned(Snapshot snapshot) -> {
                try (snapshot;
                        InputStream in = snapshot.images().getFirst().open()) {
                    assertThat(in.readAllBytes()).isNotEmpty();
                }
                yield Optional.empty();
            }
            case Taken.Refused(Problem problem) -> Optional.of(problem);
        };
    }

    private Optional<Problem> restore(Scene scene, ProgressMonitor work) throws Exception {
        return scene.engine().restore(scene.file(), SqliteFixture.artifact(backup), work)
                        instanceof Outcome.Refused<?>(Problem problem)
                ? Optional.of(problem)
                : Optional.empty();
    }

    @ParameterizedTest
    @CsvSource({"-journal,OLDER", "-wal,OLDER", "-shm,OLDER", "-journal,YOUNGER", "-wal,YOUNGER", "-shm,YOUNGER"})
    void no_step_of_a_backup_writes_to_a_sidecar_of_others_that_got_a_second_name(String end, Age age)
            throws Exception {
        assertNotWritten(end, age, this::backUp);
    }

    @ParameterizedTest
    @CsvSource({"-journal,OLDER", "-wal,OLDER", "-shm,OLDER", "-journal,YOUNGER", "-wal,YOUNGER", "-shm,YOUNGER"})
    void no_step_of_a_restore_writes_to_a_sidecar_of_others_that_got_a_second_name(String end, Age age)
            throws Exception {
        assertNotWritten(end, age, this::restore);
    }

    private void assertNotWritten(String end, Age age, Operation operation) throws Exception {
        int refused = 0;
        for (int step = 1; step < MOST_STEPS; step++) {
            Scene scene = scene(step);
            Shell.run(scene.file(), "PRAGMA journal_mode=" + mode(end));
            Path theirs = scene.theirSidecar(end);
            if (age == Age.OLDER) {
                Files.write(theirs, ZEROS);
            }
            Linking linking = new Linking(theirs, scene.sidecar(end), step);
            Optional<Problem> problem = operation.run(scene, linking);
            if (Files.exists(theirs)) {
                assertThat(theirs).as("step %d", step).hasBinaryContent(ZEROS);
            }
            if (problem.orElse(null) instanceof Problem.SourceNotAccessible(String detail)) {
                String belongs = "app.db" + end + " is a file that belongs to database other";
                assertThat(detail)
                        .containsAnyOf(
                                belongs, age == Age.OLDER ? belongs : "app.db" + end + " has further hard links");
                refused++;
            }
            if (!linking.done) {
                break;
            }
        }
        assertThat(refused).isPositive();
    }

    private static final class Linking extends SteppedWork {
        private final Path theirs;
        private final Path own;
        private final int step;
        private boolean done;

        Linking(Path theirs, Path own, int step) {
            this.theirs = theirs;
            this.own = own;
            this.step = step;
        }

        @Override
        void at(int reached) {
            if (reached != step) {
                return;
            }
            done = true;
            try {
                if (Files.notExists(own)) {
                    Files.write(theirs, ZEROS);
                    Files.createLink(own, theirs);
                }
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
