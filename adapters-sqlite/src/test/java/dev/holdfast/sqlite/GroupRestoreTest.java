package dev.holdfast.sqlite;

import static java.util.Collections.nCopies;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import dev.holdfast.application.Outcome;
import dev.holdfast.application.archive.Unpacking.DatabasePart;
import dev.holdfast.application.archive.Unpacking.DirectoryPart;
import dev.holdfast.application.operation.FailPoints;
import dev.holdfast.application.operation.RemarkedWork;
import dev.holdfast.application.operation.Work;
import dev.holdfast.application.restore.LiveDatabases;
import dev.holdfast.application.restore.LiveDatabases.Kept;
import dev.holdfast.application.restore.LiveDatabases.NewContent;
import dev.holdfast.application.restore.LiveDatabases.Settled;
import dev.holdfast.application.restore.LiveDatabases.Settlement;
import dev.holdfast.application.snapshot.DatabaseImage;
import dev.holdfast.domain.database.Source;
import dev.holdfast.domain.operation.OperationId;
import dev.holdfast.domain.operation.Phase;
import dev.holdfast.domain.problem.Problem;
import dev.holdfast.testkit.JavaProcess;
import dev.holdfast.tree.SiblingPaths;
import dev.holdfast.tree.Trees;
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
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.FieldSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Several databases and directories are restored all or not at all, whatever fails and wherever the process dies. */
@DisplayNameGeneration(ReplaceUnderscores.class)
class GroupRestoreTest {
    private static final Work RESTORING = new Work() {
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

    private static final int HALTED = 86;
    private static final String WORD = "SELECT min(x) || max(x) || count(*) FROM t; PRAGMA integrity_check";

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

    static final List<String> UNDO_STEPS = List.of(
            "undo.restore.replacing",
            "undo.restore.committed",
            "undo.restore.compared",
            "restore.undo.put-back",
            "restore.undo.unmade",
            "restore.undo.exchanged",
            "restore.undo.marked");

    @TempDir
    static Path shared;

    /** Groups whose restore was killed, each in a folder of its own. */
    private static final Map<Kill, Deque<Group>> KILLED = new HashMap<>();

    @TempDir
    Path own;

    private Path root;
    private Group group;

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
    private record Kill(
            String mainMode, String extraMode, int mainRows, int extraRows, String what, String step, int time) {
        Kill(String mainMode, String extraMode, String what, String step, int time) {
            this(mainMode, extraMode, 900, 300, what, step, time);
        }
    }

    /** What the tests of this class need: killing them with one process costs one start of Java. */
    private static List<Kill> kills() {
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
        for (String step : List.of("restore.committed", "restore.compared")) {
            kills.add(new Kill("WAL", "WAL", "restore", step, 1));
            kills.add(new Kill("DELETE", "DELETE", "restore", step, 1));
        }
        kills.add(new Kill("DELETE", "DELETE", "restore", "restore.group.replaced", 2));
        for (String mode : List.of("WAL", "DELETE")) {
            kills.add(new Kill(mode, mode, 3, 2, "restore", "restore.compared", 1));
            kills.add(new Kill(mode, mode, 3, 2, "restore", "restore.pages", 1));
        }
        kills.add(new Kill("WAL", "DELETE", "restore", "restore.replacing", 1));
        for (String step : UNDO_STEPS) {
            kills.add(new Kill("WAL", "DELETE", "undo", step, 1));
        }
        for (String step : List.of("restore.undo.unmade", "restore.undo.exchanged", "restore.undo.marked")) {
            kills.add(new Kill("WAL", "DELETE", "undo", step, 1));
        }
        kills.add(new Kill("WAL", "DELETE", "undo", "restore.undo.exchanged", 1));
        return kills;
    }

    /** The test goes on with this group, whose restore was killed. */
    private Group killed(String mainMode, String extraMode, String what, String step, int time) throws Exception {
        return killed(new Kill(mainMode, extraMode, what, step, time));
    }

    private Group killed(
            String mainMode, String extraMode, int mainRows, int extraRows, String what, String step, int time)
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
    private record Group(Path root, boolean whole) {
        Group(Path root) {
            this(root, true);
        }

        Path main() {
            return root.resolve("live/data.db");
        }

        Path extra() {
            return root.resolve("live/auxiliary.db");
        }

        Path storage() {
            return root.resolve("live/storage");
        }

        Path logos() {
            return root.resolve("live/logos");
        }

        Source source() {
            return new Source(main(), List.of(extra()), List.of(storage(), logos()));
        }

        void fill(String mainMode, String extraMode) throws Exception {
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

        private static Path staged(Path target) {
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

        SqliteFixture fixture(FailPoints failPoints) throws IOException {
            return SqliteFixture.in(root.resolve("server"), 1 << 20, Duration.ofSeconds(10), failPoints);
        }

        Outcome<Optional<String>> restore(FailPoints failPoints) throws IOException {
            return fixture(failPoints).engine().liveDatabases().replace(source(), content(), this::keep, RESTORING);
        }

        /** What is there, each database in a file of the same name. */
        Outcome<Kept<String>> keep(List<DatabaseImage> current) {
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

        List<Settlement> settle(FailPoints failPoints) throws IOException {
            return fixture(failPoints).engine().liveDatabases().settle(source(), (found, _) -> keep(found));
        }

        /** One word for all that is there, and nothing else beside it. */
        String state() throws Exception {
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
    @ValueSource(
            strings = {
                "restore.group.kept",
                "restore.group.prepared",
                "restore.group.swapped",
                "restore.group.committed",
                "restore.replacing.1",
                "restore.pages.1",
                "restore.committed.1",
                "restore.compared.1",
                "restore.group.replaced",
                "restore.replacing",
                "restore.pages",
                "restore.committed",
                "restore.compared"
            })
    void whatever_fails_in_the_middle_everything_is_as_it_was(String step) throws Exception {
        for (String modes : List.of("WAL WAL", "DELETE DELETE")) {
            Group one = new Group(Files.createDirectories(root.resolve(modes)));
            one.fill(modes.substring(0, modes.indexOf(' ')), modes.substring(modes.indexOf(' ') + 1));
            FailPoints failing = reached -> {
                if (reached.equals(step)) {
                    throw new UncheckedIOException(new IOException("as it were"));
                }
            };

            assertThat(one.restore(failing))
                    .isInstanceOfSatisfying(
                            Outcome.Refused.class,
                            it -> assertThat(it.problem()).isInstanceOf(Problem.Internal.class));

            removeStaged(one);
            assertThat(one.state()).as(modes).isEqualTo("old");
        }
    }

    @Test
    void an_error_in_the_middle_leaves_everything_as_it_was() throws Exception {
        group.fill("WAL", "WAL");
        assertThatThrownBy(() -> group.restore(step -> {
                    if (step.equals("restore.replacing")) {
                        throw new OutOfMemoryError("as it were");
                    }
                }))
                .isInstanceOf(OutOfMemoryError.class);
        removeStaged(group);
        assertThat(group.state()).isEqualTo("old");
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

    @Test
    void a_new_directory_that_is_gone_stops_the_restore_before_the_old_one_is_touched() throws Exception {
        group.fill("WAL", "WAL");

        assertThat(group.restore(step -> {
                    if (step.equals("restore.group.prepared")) {
                        delete(Group.staged(group.storage()));
                    }
                }))
                .isInstanceOf(Outcome.Refused.class);

        removeStaged(group);
        assertThat(group.state()).isEqualTo("old");
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

    @Test
    void a_directory_that_a_file_system_is_mounted_in_is_not_replaced() throws Exception {
        group.fill("WAL", "WAL");
        Path mounted = Files.createDirectory(group.storage().resolve("with space"));
        run("mount", "-t", "tmpfs", "tmpfs", mounted.toString());
        try {
            write(mounted.resolve("precious"));
            assertThat(group.restore(FailPoints.NONE))
                    .isInstanceOfSatisfying(
                            Outcome.Refused.class,
                            it -> assertThat(it.problem()).isInstanceOf(Problem.BackupIncompatible.class));
            assertThat(mounted.resolve("precious")).hasContent("precious");
        } finally {
            run("umount", mounted.toString());
        }
        removeStaged(group);
        assertThat(group.state()).isEqualTo("old");
    }

    private static final String ORDERS = "SELECT count(*) FROM t WHERE y = 'order'";

    /** As an application writes that has gone on working since. */
    private static void order(Path database, int count) throws Exception {
        Shell.run(
                database,
                "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n WHERE i<" + count + ")"
                        + " INSERT INTO t SELECT 'new', 'order' FROM n");
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

    @Test
    void a_restore_that_could_not_be_undone_says_what_each_file_holds() throws Exception {
        group.fill("WAL", "DELETE");

        assertThat(group.restore(reached -> {
                    if (reached.equals("restore.compared") || reached.equals("undo.restore.replacing")) {
                        throw new UncheckedIOException(new IOException("as it were"));
                    }
                }))
                .isInstanceOfSatisfying(
                        Outcome.Refused.class,
                        it -> assertThat(it.problem().detail())
                                .contains(
                                        group.main() + " holds the backup or what it held before",
                                        group.storage() + " is the backup's directory"));
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

    /** Each call fails once, in the middle of what SQLite does to commit. */
    @ParameterizedTest
    @CsvSource({
        "ftruncate,auxiliary.db,1",
        "fsync,auxiliary.db,1",
        "fsync,auxiliary.db-journal,1",
        "fsync,auxiliary.db-journal,3",
        "pwrite64,auxiliary.db-journal,2"
    })
    void the_answer_is_what_the_files_hold_when_a_call_of_sqlite_fails(String call, String file, int time)
            throws Exception {
        group.fill("WAL", "DELETE", 1500, 900);
        String calls = call.equals("fsync") ? "fsync,fdatasync" : call;
        List<String> strace = List.of(
                "strace",
                "-f",
                "--seccomp-bpf",
                "-qq",
                "-o",
                root.resolve("strace").toString(),
                "-P",
                root.resolve("live").resolve(file).toString(),
                "-e",
                "trace=" + calls,
                "-e",
                "inject=" + calls + ":error=EIO:when=" + time);
        Process process = JavaProcess.startUnder(
                strace, GroupRestoreTest.class, List.of(root.toString(), "restore", "none", "1"));
        process.waitFor();
        String answer = Files.readString(root.resolve("answer"));
        assertThat(Files.readString(root.resolve("strace"))).contains("INJECTED");
        removeStaged(group);
        if (!group.fixture(FailPoints.NONE).engine().liveDatabases().isUnfinished(group.source())) {
            assertThat(group.state(1500, 900)).isEqualTo(answer.startsWith("Done") ? "new" : "old");
        }
    }

    private static void run(String... command) throws Exception {
        assertThat(new ProcessBuilder(command).inheritIO().start().waitFor()).isZero();
    }

    private Path only(String kind) throws IOException {
        try (var names = Files.list(root.resolve("live"))) {
            List<Path> found = names.filter(it -> it.getFileName().toString().startsWith(".holdfast-" + kind))
                    .toList();
            assertThat(found).hasSize(1);
            return found.getFirst();
        }
    }

    private static void write(Path file) {
        try {
            Files.writeString(file, file.getFileName().toString());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void delete(Path tree) {
        try {
            Trees.delete(tree);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void what_a_killed_restore_left_next_to_the_databases_is_found_and_removed_at_a_start() throws Exception {
        group.fill("WAL", "WAL");
        removeStaged(group);
        LiveDatabases live = SqliteFixture.impatient(root).engine().liveDatabases();
        assertThat(live.hasLeftovers(group.source())).isFalse();
        Callable<Path> staging = () -> SiblingPaths.staged(group.storage().toRealPath());
        Callable<Path> making = () -> Files.createFile(NewTarget.unfinished(group.extra()));
        Callable<Path> probing = () -> Files.createFile(group.extra().resolveSibling(".holdfast-probe-1.tmp"));

        for (Callable<Path> leaving : List.of(staging, making, probing)) {
            Path left = leaving.call();
            assertThat(live.hasLeftovers(group.source())).as(left.toString()).isTrue();
            live.settle(group.source(), (found, _) -> group.keep(found));
            assertThat(left).doesNotExist();
            assertThat(live.hasLeftovers(group.source())).isFalse();
        }
    }

    @Test
    void a_busy_second_database_leaves_everything_as_it_was() throws Exception {
        group.fill("WAL", "WAL");
        try (Shell other = Shell.open(group.extra())) {
            other.say("BEGIN IMMEDIATE; INSERT INTO t VALUES ('half', '')");
            SqliteFixture impatient =
                    SqliteFixture.in(root.resolve("server"), 1 << 20, Duration.ofMillis(300), FailPoints.NONE);
            assertThat(impatient
                            .engine()
                            .liveDatabases()
                            .replace(group.source(), group.content(), group::keep, Work.UNWATCHED))
                    .isInstanceOfSatisfying(
                            Outcome.Refused.class,
                            it -> assertThat(it.problem()).isInstanceOf(Problem.SourceBusy.class));
        }
        removeStaged(group);
        assertThat(group.state()).isEqualTo("old");
    }

    /** As whoever unpacked an archive does when its restore has failed. */
    private static void removeStaged(Group group) throws IOException {
        for (DirectoryPart part : group.content().directories()) {
            if (Files.exists(part.staged())) {
                Trees.delete(part.staged());
            }
        }
    }

    private static void dieAt(Group group, String what, String step, int time) throws Exception {
        requireKilled(List.of(group.root().toString(), what, step, Integer.toString(time)));
    }

    private static void requireKilled(List<String> arguments) throws Exception {
        Process process = JavaProcess.start(GroupRestoreTest.class, arguments);
        assertThat(process.waitFor()).as("reached " + arguments).isEqualTo(HALTED);
    }

    /**
     * Restores, or completes a restore, in each of several groups, and dies when all of them have reached their step. Each
     * stays in the middle of it until then, with everything open and locked.
     */
    public static void main(String[] arguments) throws Exception {
        for (int i = 0; i < arguments.length; i += 4) {
            Group group = new Group(Path.of(arguments[i]));
            String what = arguments[i + 1];
            var reached = new CountDownLatch(1);
            FailPoints stopping = stopping(arguments[i + 2], Integer.parseInt(arguments[i + 3]), reached);
            var running =
                    new FutureTask<Void>(() -> {
                        run(group, what, stopping);
                        return null;
                    }) {
                        @Override
                        protected void done() {
                            reached.countDown();
                        }
                    };
            Thread.ofPlatform().daemon().start(running);
            reached.await();
            if (running.isDone()) {
                running.get();
                return;
            }
        }
        Runtime.getRuntime().halt(HALTED);
    }

    private static FailPoints stopping(String at, int time, CountDownLatch reached) {
        var left = new AtomicInteger(time);
        return step -> {
            if (step.equals(at) && left.decrementAndGet() == 0) {
                reached.countDown();
                while (true) {
                    LockSupport.park();
                }
            }
        };
    }

    private static void run(Group group, String what, FailPoints stopping) throws Exception {
        switch (what) {
            case "settle" -> group.settle(stopping);
            case "undo" ->
                group.restore(step -> {
                    stopping.reached(step);
                    if (step.equals("restore.compared")) {
                        throw new UncheckedIOException(new IOException("as it were"));
                    }
                });
            default -> {
                Outcome<Optional<String>> answer = group.restore(stopping);
                Files.writeString(group.root().resolve("answer"), answer.toString());
                System.err.println(answer);
            }
        }
    }
}
