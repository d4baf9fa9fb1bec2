package dev.holdfast.sqlite;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.application.Outcome;
import dev.holdfast.application.archive.UnpackResult.DatabasePart;
import dev.holdfast.application.operation.FailPoints;
import dev.holdfast.application.operation.ProgressMonitor;
import dev.holdfast.application.restore.LiveDatabases;
import dev.holdfast.application.restore.LiveDatabases.Kept;
import dev.holdfast.application.restore.LiveDatabases.NewContent;
import dev.holdfast.application.snapshot.Confirmation;
import dev.holdfast.application.snapshot.Image;
import dev.holdfast.application.snapshot.Snapshot;
import dev.holdfast.application.snapshot.Snapshots.Taken;
import dev.holdfast.domain.database.Source;
import dev.holdfast.domain.problem.Problem;
import dev.holdfast.sqlite.file.SqliteSettings;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A folder with two databases is exchanged for another one like it, again and again. */
@Tag("adapter")
@DisplayNameGeneration(ReplaceUnderscores.class)
class FilesOfOneFolderTest {
    private static final Pattern MARK = Pattern.compile("(red|blue)-(data|auxiliary)");

    @TempDir
    Path root;

    private Path folder = Path.of("");
    private final List<Shell> programs = new ArrayList<>();
    private final AtomicBoolean stop = new AtomicBoolean();
    private Thread exchanging = Thread.currentThread();

    private void start(String mode) throws Exception {
        folder = root.resolve("live");
        fill(folder, "red", mode);
        fill(root.resolve("other"), "blue", mode);
        exchanging = Thread.ofPlatform().start(() -> {
            for (int i = 0; !stop.get(); i++) {
                exchange();
                LockSupport.parkNanos(i % 3 == 0 ? 5_000_000 : 30_000_000);
            }
        });
    }

    private void fill(Path at, String colour, String mode) throws Exception {
        Files.createDirectory(at);
        Files.createFile(at.resolve(colour));
        for (String name : List.of("data", "auxiliary")) {
            Shell program = Shell.open(at.resolve(name + ".db"));
            program.say("PRAGMA journal_mode=" + mode + "; CREATE TABLE t(x); INSERT INTO t VALUES ('" + colour + "-"
                    + name + "')");
            programs.add(program);
        }
    }

    private void exchange() {
        try {
            Files.move(folder, root.resolve("moving"));
            Files.move(root.resolve("other"), folder);
            Files.move(root.resolve("moving"), root.resolve("other"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @AfterEach
    void end() throws Exception {
        stop.set(true);
        exchanging.join();
        for (Shell program : programs) {
            program.close();
        }
    }

    private Source source() {
        return new Source(folder.resolve("data.db"), List.of(folder.resolve("auxiliary.db")), List.of());
    }

    @ParameterizedTest
    @ValueSource(strings = {"WAL", "DELETE"})
    void no_backup_mixes_two_folders(String mode) throws Exception {
        start(mode);
        SqliteEngine engine = SqliteEngine.using(
                new SqliteSettings(root.resolve("scratch"), Duration.ofMillis(100)),
                () -> SqliteFixture.NOW,
                FailPoints.NONE);
        for (int i = 0; i < 40; i++) {
            switch (engine.snapshots().take(source(), ProgressMonitor.UNWATCHED)) {
                case Taken.Pinned(Snapshot snapshot) -> {
                    try (snapshot) {
                        var marks = new TreeSet<String>();
                        for (Image image : snapshot.images()) {
                            marks.addAll(marks(image));
                        }
                        if (isUnchanged(snapshot)) {
                            assertThat(marks).isIn(List.of(set("red"), set("blue")));
                        }
                    }
                }
                case Taken.Refused(Problem problem) -> assertThat(problem).isNotInstanceOf(Problem.Internal.class);
            }
        }
        stop.set(true);
        exchanging.join();
        assertThat(engine.snapshots().take(source(), ProgressMonitor.UNWATCHED))
                .isInstanceOfSatisfying(Taken.Pinned.class, it -> it.snapshot().close());
    }

    private static boolean isUnchanged(Snapshot snapshot) {
        return snapshot.images().stream().allMatch(it -> it.confirm() == Confirmation.UNCHANGED);
    }

    private static Set<String> set(String colour) {
        return new TreeSet<>(List.of(colour + "-data", colour + "-auxiliary"));
    }

    private static List<String> marks(Image image) throws IOException {
        try (InputStream in = image.open()) {
            return MARK.matcher(new String(in.readAllBytes(), ISO_8859_1))
                    .results()
                    .map(it -> it.group())
                    .toList();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"WAL", "DELETE"})
    void no_restore_goes_to_two_folders(String mode) throws Exception {
        start(mode);
        List<DatabasePart> parts = new ArrayList<>();
        for (String name : List.of("data", "auxiliary")) {
            Path image = root.resolve(name + ".image");
            Shell.run(image, "CREATE TABLE t(x); INSERT INTO t VALUES ('new')");
            parts.add(new DatabasePart(folder.resolve(name + ".db"), SqliteFixture.artifact(image)));
        }
        SqliteEngine engine = SqliteEngine.using(
                new SqliteSettings(root.resolve("scratch"), Duration.ofMillis(100)),
                () -> SqliteFixture.NOW,
                FailPoints.NONE);
        LiveDatabases live = engine.liveDatabases();
        boolean certain = true;
        for (int i = 0; i < 10 && certain; i++) {
            Outcome<?> outcome = live.replace(
                    source(),
                    new NewContent(parts, List.of()),
                    _ -> Outcome.done(new Kept<>("kept", true)),
                    ProgressMonitor.UNWATCHED);
            certain = !(outcome instanceof Outcome.Refused<?>(Problem.UncertainRestore _));
            if (certain) {
                assertThat(mixed()).isEmpty();
            }
        }
        if (!certain) {
            undoInItsFolder(live);
        }
    }

    /** The answer says that it is half done, and is undone once the folder stays where it was. */
    private void undoInItsFolder(LiveDatabases live) throws Exception {
        stop.set(true);
        exchanging.join();
        Optional<Integer> half = mixed();
        if (half.isEmpty()) {
            return; // nothing was changed yet
        }
        if (half.get() != present()) {
            exchange();
        }
        assertThat(live.settle(source(), (_, _) -> Outcome.done(new Kept<>("kept", true))))
                .hasSize(1);
        assertThat(mixed()).isEmpty();
    }

    /** The folder whose databases do not belong together: 0 for the first. */
    private Optional<Integer> mixed() throws Exception {
        for (int pair = 0; pair < 2; pair++) {
            if (isRestored(2 * pair) != isRestored(2 * pair + 1)) {
                return Optional.of(pair);
            }
        }
        return Optional.empty();
    }

    private boolean isRestored(int program) throws Exception {
        return programs.get(program).say("SELECT x FROM t").equals("new\n");
    }

    /** The folder that is in its place now. */
    private int present() throws IOException {
        return Files.exists(folder.resolve("blue")) ? 1 : 0;
    }
}
