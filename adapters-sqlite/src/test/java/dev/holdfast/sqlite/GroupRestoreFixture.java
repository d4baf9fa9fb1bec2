package dev.holdfast.sqlite;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.application.Outcome;
import dev.holdfast.application.archive.UnpackResult.DatabasePart;
import dev.holdfast.application.archive.UnpackResult.DirectoryPart;
import dev.holdfast.application.operation.FailPoints;
import dev.holdfast.application.operation.ProgressMonitor;
import dev.holdfast.application.restore.LiveDatabases.Kept;
import dev.holdfast.application.restore.LiveDatabases.NewContent;
import dev.holdfast.application.restore.LiveDatabases.Settlement;
import dev.holdfast.application.snapshot.DatabaseImage;
import dev.holdfast.domain.database.Source;
import dev.holdfast.domain.identity.OperationId;
import dev.holdfast.domain.operation.Phase;
import dev.holdfast.testkit.JavaProcess;
import dev.holdfast.tree.SecureDirectories;
import dev.holdfast.tree.SiblingPaths;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.io.TempDir;

/** Two databases and two directories that are restored as a group, also by a process that dies at a step. */
@DisplayNameGeneration(ReplaceUnderscores.class)
public abstract class GroupRestoreFixture {
    public static final ProgressMonitor RESTORING = new ProgressMonitor() {
        @Override
        public void enter(Phase phase, long totalBytes) {}

        @Override
        public void advance(long bytes) {}

        @Override
        public void checkCancelled() {}

        @Override
        public Optional<OperationId> operation() {
            return Optional.of(new OperationId("restoring"));
        }
    };

    static final String WORD = "SELECT min(x) || max(x) || count(*) FROM t; PRAGMA integrity_check";

    @TempDir
    static Path shared;

    /** Groups whose restore was killed, each in a folder of its own. */
    private static final Map<Kill, Deque<Group>> KILLED = new HashMap<>();

    @TempDir
    Path own;

    public Path root;
    public Group group;

    @BeforeEach
    void directories() {
        root = own;
        group = new Group(root);
    }

    @AfterAll
    static void forgetKilled() {
        KILLED.clear();
    }

    /** A group, and where its restore is killed. */
    public record Kill(
            String mainMode, String extraMode, int mainRows, int extraRows, String what, String step, int time) {
        public Kill(String mainMode, String extraMode, String what, String step, int time) {
            this(mainMode, extraMode, 900, 300, what, step, time);
        }
    }

    /** The kills that the tests of a class need. One process makes all of them, which costs one start of Java. */
    List<Kill> kills() {
        return List.of();
    }

    /** The test goes on with this group, whose restore was killed. */
    public Group killed(String mainMode, String extraMode, String what, String step, int time) throws Exception {
        return killed(new Kill(mainMode, extraMode, what, step, time));
    }

    Group killed(String mainMode, String extraMode, int mainRows, int extraRows, String what, String step, int time)
            throws Exception {
        return killed(new Kill(mainMode, extraMode, mainRows, extraRows, what, step, time));
    }

    private Group killed(Kill kill) throws Exception {
        if (KILLED.isEmpty()) {
            killAll(kills());
        }
        if (KILLED.getOrDefault(kill, new ArrayDeque<>()).isEmpty()) {
            killAll(List.of(kill));
        }
        group = requireNonNull(KILLED.get(kill)).remove();
        root = group.root();
        return group;
    }

    private static void killAll(List<Kill> kills) throws Exception {
        List<String> arguments = new ArrayList<>();
        for (Kill kill : kills) {
            Group one = new Group(Files.createTempDirectory(shared, "killed"));
            one.fill(kill.mainMode(), kill.extraMode(), kill.mainRows(), kill.extraRows());
            KILLED.computeIfAbsent(kill, _ -> new ArrayDeque<>()).add(one);
            arguments.addAll(List.of(one.root().toString(), kill.what(), kill.step(), Integer.toString(kill.time())));
        }
        requireKilled(arguments);
    }

    /** Two databases, a directory that is there and one that is not; and what is to take their place. */
    public record Group(Path root, boolean whole) {
        Group(Path root) {
            this(root, true);
        }

        public Path main() {
            return root.resolve("live/data.db");
        }

        public Path extra() {
            return root.resolve("live/auxiliary.db");
        }

        public Path storage() {
            return root.resolve("live/storage");
        }

        Path logos() {
            return root.resolve("live/logos");
        }

        public Source source() {
            return new Source(main(), List.of(extra()), List.of(storage(), logos()));
        }

        public void fill(String mainMode, String extraMode) throws Exception {
            fill(mainMode, extraMode, 900, 300);
        }

        /** @param mainRows of the old databases; the new ones have 1200 and 400 */
        void fill(String mainMode, String extraMode, int mainRows, int extraRows) throws Exception {
            Files.createDirectories(storage());
            Files.writeString(storage().resolve("file"), "old");
            Files.createDirectories(root.resolve("new"));
            database(main(), mainMode, "old", mainRows);
            database(extra(), extraMode, "old", extraRows);
            database(root.resolve("new/data.db"), "WAL", "new", 1200);
            database(root.resolve("new/auxiliary.db"), "DELETE", "new", 400);
            stage(storage());
            stage(logos());
        }

        private static void stage(Path target) throws IOException {
            Path staged = SiblingPaths.staged(target);
            Files.writeString(staged.resolve("file"), "new");
        }

        static Path staged(Path target) {
            try {
                return SiblingPaths.left(target).stream().findFirst().orElse(target.resolveSibling("gone"));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        /** A copy of one that was made before. */
        private static void database(Path file, String mode, String word, int rows) throws Exception {
            Path made = shared.resolve(mode + "-" + word + "-" + rows + ".db");
            if (!Files.exists(made)) {
                make(made, mode, word, rows);
            }
            Files.copy(made, file);
            Path journal = made.resolveSibling(made.getFileName() + "-journal");
            if (Files.exists(journal)) {
                Files.copy(journal, file.resolveSibling(file.getFileName() + "-journal"));
            }
        }

        private static void make(Path file, String mode, String word, int rows) throws Exception {
            Shell.run(
                    file,
                    "PRAGMA journal_mode=" + mode + "; CREATE TABLE t(x, y);"
                            + "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n WHERE i<" + rows + ")"
                            + " INSERT INTO t SELECT '" + word + "', hex(randomblob(1000)) FROM n");
        }

        NewContent content() {
            return new NewContent(
                    List.of(
                            new DatabasePart(main(), SqliteFixture.artifact(root.resolve("new/data.db"))),
                            new DatabasePart(extra(), SqliteFixture.artifact(root.resolve("new/auxiliary.db")))),
                    List.of(
                            new DirectoryPart(storage(), staged(storage())),
                            new DirectoryPart(logos(), staged(logos()))));
        }

        public SqliteFixture fixture(FailPoints failPoints) throws IOException {
            return SqliteFixture.in(root.resolve("server"), 1 << 20, Duration.ofSeconds(10), failPoints);
        }

        Outcome<Optional<String>> restore(FailPoints failPoints) throws IOException {
            return fixture(failPoints).engine().liveDatabases().replace(source(), content(), this::keep, RESTORING);
        }

        /** What is there, each database in a file of the same name. */
        public Outcome<Kept<String>> keep(List<DatabaseImage> current) {
            try {
                Path kept = Files.createDirectories(root.resolve("kept"));
                for (DatabaseImage image : current) {
                    Path copy = kept.resolve(image.file().getFileName());
                    Files.deleteIfExists(copy);
                    try (var in = image.image().open()) {
                        Files.copy(in, copy);
                    }
                }
                return Outcome.done(new Kept<>("kept", whole));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        public List<Settlement> settle(FailPoints failPoints) throws IOException {
            return fixture(failPoints).engine().liveDatabases().settle(source(), (found, _) -> keep(found));
        }

        /** One word for all that is there, which is all that the directory holds. */
        public String state() throws Exception {
            return state(900, 300);
        }

        String state(int mainRows, int extraRows) throws Exception {
            List<String> words = new ArrayList<>();
            words.add(word(main(), mainRows, 1200));
            words.add(word(extra(), extraRows, 400));
            words.add(Files.readString(storage().resolve("file")));
            words.add(Files.exists(logos()) ? Files.readString(logos().resolve("file")) : "old");
            assertThat(words).as("parts of one moment").containsOnly(words.getFirst());
            try (var names = Files.list(root.resolve("live"))) {
                assertThat(names.map(it -> it.getFileName().toString())).noneMatch(it -> it.startsWith(".holdfast"));
            }
            assertThat(fixture(FailPoints.NONE).engine().liveDatabases().isUnfinished(source()))
                    .isFalse();
            return words.getFirst();
        }

        private static String word(Path file, int old, int fresh) throws Exception {
            String found = Shell.run(file, WORD);
            assertThat(found).isIn("oldold" + old + "\nok\n", "newnew" + fresh + "\nok\n");
            return found.substring(0, 3);
        }
    }

    static final String ORDERS = "SELECT count(*) FROM t WHERE y = 'order'";

    /** As an application writes that has gone on working since. */
    static void order(Path database, int count) throws Exception {
        Shell.run(
                database,
                "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n WHERE i<" + count + ")"
                        + " INSERT INTO t SELECT 'new', 'order' FROM n");
    }

    static void run(String... command) throws Exception {
        assertThat(new ProcessBuilder(command).inheritIO().start().waitFor()).isZero();
    }

    public Path only(String kind) throws IOException {
        try (var names = Files.list(root.resolve("live"))) {
            List<Path> found = names.filter(it -> it.getFileName().toString().startsWith(".holdfast-" + kind))
                    .toList();
            assertThat(found).hasSize(1);
            return found.getFirst();
        }
    }

    public static void write(Path file) {
        try {
            Files.writeString(file, file.getFileName().toString());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public static void delete(Path tree) {
        try {
            SecureDirectories.delete(tree);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Removes what was unpacked, as the caller does when its restore has failed. */
    public static void removeStaged(Group group) throws IOException {
        for (DirectoryPart part : group.content().directories()) {
            if (Files.exists(part.staged())) {
                SecureDirectories.delete(part.staged());
            }
        }
    }

    public static void dieAt(Group group, String what, String step, int time) throws Exception {
        requireKilled(List.of(group.root().toString(), what, step, Integer.toString(time)));
    }

    private static void requireKilled(List<String> arguments) throws Exception {
        Process process = JavaProcess.start(GroupRestoreProcess.class, arguments);
        assertThat(process.waitFor()).as("reached " + arguments).isEqualTo(GroupRestoreProcess.HALTED);
    }
}
