package dev.holdfast.sqlite;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.holdfast.application.Outcome;
import dev.holdfast.application.archive.UnpackResult.DatabasePart;
import dev.holdfast.application.archive.UnpackResult.DirectoryPart;
import dev.holdfast.application.operation.FailPoints;
import dev.holdfast.application.operation.ProgressMonitor;
import dev.holdfast.application.operation.RemarkedWork;
import dev.holdfast.application.restore.LiveDatabases.Kept;
import dev.holdfast.application.restore.LiveDatabases.NewContent;
import dev.holdfast.domain.backup.FileOwnership;
import dev.holdfast.domain.database.Source;
import dev.holdfast.domain.problem.Problem;
import dev.holdfast.testkit.JavaProcess;
import dev.holdfast.tree.FileOwners;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A database that is missing is there again after a restore, and the application can open it. */
@Tag("adapter")
@Tag("root")
@DisplayNameGeneration(ReplaceUnderscores.class)
class RestoreToMissingFileTest {
    private static final int USER = 12345;
    private static final int GROUP = 12346;
    private static final FileOwnership NONE = new FileOwnership(0, 0, 0);

    @TempDir
    Path root;

    private Path folder;
    private Path target;
    private SqliteFixture fixture;

    @BeforeEach
    void files() throws Exception {
        Files.setPosixFilePermissions(root, PosixFilePermissions.fromString("rwx--x--x"));
        folder = Files.createDirectory(root.resolve("app"));
        target = folder.resolve("app.db");
        fixture = SqliteFixture.in(Files.createDirectory(root.resolve("server")));
    }

    private static void assumeRoot() {
        assumeTrue("root".equals(System.getProperty("user.name")), "only root gives files away");
    }

    private static void own(Path path, int user, int group, String mode) throws IOException {
        Files.setAttribute(path, "unix:uid", user);
        Files.setAttribute(path, "unix:gid", group);
        Files.setAttribute(path, "unix:mode", Integer.parseInt(mode, 8));
    }

    private Path image(String journalMode) throws Exception {
        Path image = root.resolve("image-" + journalMode);
        Shell.run(image, "PRAGMA journal_mode=" + journalMode + "; CREATE TABLE t(x); INSERT INTO t VALUES (1)");
        return image;
    }

    private List<String> restore(Path image, FileOwnership recorded) {
        return restore(new DatabasePart(
                target, SqliteFixture.artifact(image), Optional.of(recorded).filter(it -> !it.equals(NONE))));
    }

    private List<String> restore(DatabasePart... parts) {
        var work = new RemarkedWork(ProgressMonitor.UNWATCHED);
        Outcome<Optional<String>> outcome = replace(List.of(), work, parts);
        assertThat(outcome).isEqualTo(Outcome.done(Optional.empty()));
        return work.remarks();
    }

    private Outcome<Optional<String>> replace(
            List<DirectoryPart> directories, ProgressMonitor work, DatabasePart... parts) {
        return fixture.engine()
                .liveDatabases()
                .replace(
                        Source.of(target),
                        new NewContent(List.of(parts), directories),
                        current -> Outcome.done(new Kept<>("kept", true)),
                        work);
    }

    private String asTheUser(String sql) throws Exception {
        List<String> command = new ArrayList<>(
                List.of("setpriv", "--reuid=" + USER, "--regid=" + GROUP, "--clear-groups", "sqlite3", "-batch"));
        command.addAll(List.of(target.toString(), sql));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        process.getOutputStream().close();
        String said = new String(process.getInputStream().readAllBytes(), UTF_8);
        process.waitFor();
        return said;
    }

    @ParameterizedTest
    @ValueSource(strings = {"DELETE", "WAL"})
    void a_restored_file_that_was_missing_can_be_read_and_written_by_the_folders_user(String mode) throws Exception {
        assumeRoot();
        own(folder, USER, GROUP, "0750");
        assertThat(restore(image(mode), NONE)).isEmpty();
        assertThat(FileOwners.of(target)).contains(new FileOwnership(USER, GROUP, 0640));
        assertThat(asTheUser("INSERT INTO t VALUES (2); SELECT count(*) FROM t"))
                .isEqualTo("2\n");
        // What the server's own connection leaves next to it is the application's as well.
        Outcome<Optional<String>> again = fixture.restore(target, image(mode));
        assertThat(again).isInstanceOf(Outcome.Done.class);
        assertThat(asTheUser("INSERT INTO t VALUES (3); SELECT count(*) FROM t"))
                .isEqualTo("2\n");
    }

    @ParameterizedTest
    @CsvSource({"0700, 0600", "0755, 0644", "2775, 0664", "0777, 0666", "1777, 0664", "0551, 0440"})
    void without_a_record_the_file_gets_no_more_than_its_folder_gives(String folderMode, String fileMode)
            throws Exception {
        assumeRoot();
        own(folder, USER, GROUP, folderMode);
        assertThat(restore(image("DELETE"), NONE)).isEmpty();
        assertThat(FileOwners.of(target)).contains(new FileOwnership(USER, GROUP, Integer.parseInt(fileMode, 8)));
    }

    @Test
    void the_recorded_owner_and_mode_come_before_those_of_the_folder() throws Exception {
        assumeRoot();
        own(folder, 0, 0, "0777");
        assertThat(restore(image("DELETE"), new FileOwnership(USER, GROUP, 0604)))
                .isEmpty();
        assertThat(FileOwners.of(target)).contains(new FileOwnership(USER, GROUP, 0604));
        assertThat(asTheUser("INSERT INTO t VALUES (2); SELECT count(*) FROM t"))
                .isEqualTo("2\n");
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void missing_folders_are_made_for_the_same_user(boolean recorded) throws Exception {
        assumeRoot();
        own(folder, recorded ? 0 : USER, recorded ? 0 : GROUP, "0755");
        target = folder.resolve("a/b/app.db");
        assertThat(restore(image("WAL"), recorded ? new FileOwnership(USER, GROUP, 0600) : NONE))
                .isEmpty();
        assertThat(FileOwners.of(folder.resolve("a/b"))).contains(new FileOwnership(USER, GROUP, 0755));
        assertThat(asTheUser("INSERT INTO t VALUES (2); SELECT count(*) FROM t"))
                .isEqualTo("2\n");
        assertThat(SqliteFixture.contents(folder)).isEmpty();
    }

    @Test
    void each_missing_file_of_a_set_gets_its_own_owner_also_when_the_next_start_completes_the_restore()
            throws Exception {
        assumeRoot();
        own(folder, USER, GROUP, "0750");
        Path extra = folder.resolve("extra.db");
        var source = new Source(target, List.of(extra), List.of());
        Process killed = JavaProcess.start(
                Killed.class,
                List.of(
                        fixture.root().toString(),
                        target.toString(),
                        extra.toString(),
                        image("WAL").toString(),
                        image("DELETE").toString()));
        assertThat(killed.waitFor()).isEqualTo(Killed.HALTED);
        assertThat(target).doesNotExist();
        SqliteFixture.in(fixture.root())
                .engine()
                .liveDatabases()
                .settle(source, (_, _) -> Outcome.done(new Kept<>("kept", true)));
        assertThat(FileOwners.of(target)).contains(new FileOwnership(USER, GROUP, 0640));
        assertThat(FileOwners.of(extra)).contains(new FileOwnership(GROUP, USER, 0660));
    }

    /** Is halted after the restore of a set was decided and before a file is there. */
    static final class Killed {
        static final int HALTED = 86;

        private Killed() {}

        public static void main(String[] arguments) throws Exception {
            Path target = Path.of(arguments[1]);
            Path extra = Path.of(arguments[2]);
            FailPoints halt = step -> {
                if (step.equals("restore.group.committed")) {
                    Runtime.getRuntime().halt(HALTED);
                }
            };
            SqliteFixture.in(Path.of(arguments[0]), Long.MAX_VALUE, Duration.ofSeconds(10), halt)
                    .engine()
                    .liveDatabases()
                    .replace(
                            new Source(target, List.of(extra), List.of()),
                            new NewContent(
                                    List.of(
                                            new DatabasePart(target, SqliteFixture.artifact(Path.of(arguments[3]))),
                                            new DatabasePart(
                                                    extra,
                                                    SqliteFixture.artifact(Path.of(arguments[4])),
                                                    Optional.of(new FileOwnership(GROUP, USER, 0660)))),
                                    List.of()),
                            _ -> Outcome.done(new Kept<>("kept", true)),
                            ProgressMonitor.UNWATCHED);
        }
    }

    @Test
    void a_server_that_may_not_give_the_file_away_completes_the_restore_and_says_so() throws Exception {
        assumeRoot();
        own(folder, USER, GROUP, "0777");
        Path image = image("DELETE");
        // As a server of another user, but one that can read the tests' class path.
        Process other = JavaProcess.startUnder(
                List.of("setpriv", "--bounding-set=-chown", "--inh-caps=-chown"),
                Remarks.class,
                List.of(fixture.root().toString(), target.toString(), image.toString()));
        String said = new String(other.getInputStream().readAllBytes(), UTF_8);
        assertThat(other.waitFor()).isZero();
        assertThat(said)
                .contains(
                        "Done",
                        target.toString(),
                        "belongs to user 0 and group 0 with mode 0606",
                        "user 12345 and group 12346",
                        "chown 12345");
        assertThat(FileOwners.of(target)).contains(new FileOwnership(0, 0, 0606));
    }

    /** Restores as another user and prints what came of it. */
    static final class Remarks {
        private Remarks() {}

        public static void main(String[] arguments) throws Exception {
            Path target = Path.of(arguments[1]);
            var work = new RemarkedWork(ProgressMonitor.UNWATCHED);
            Outcome<Optional<String>> outcome = SqliteFixture.in(Path.of(arguments[0]))
                    .restore(target, SqliteFixture.artifact(Path.of(arguments[2])), work);
            System.out.println(outcome + " " + work.remarks());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"nothing", "chain", "loop", "pair", "folder", "folder-chain"})
    void a_link_that_leads_nowhere_is_named_and_nothing_is_made(String kind) throws Exception {
        Path path = folder.resolve("app.db");
        switch (kind) {
            case "nothing" -> Files.createSymbolicLink(path, root.resolve("gone.db"));
            case "chain" -> {
                Files.createSymbolicLink(folder.resolve("second"), Path.of("../gone.db"));
                Files.createSymbolicLink(path, Path.of("second"));
            }
            case "loop" -> Files.createSymbolicLink(path, Path.of("app.db"));
            case "pair" -> {
                Files.createSymbolicLink(path, Path.of("other.db"));
                Files.createSymbolicLink(folder.resolve("other.db"), Path.of("app.db"));
            }
            case "folder" ->
                path = Files.createSymbolicLink(root.resolve("link"), root.resolve("gone"))
                        .resolve("app.db");
            default -> {
                Files.createSymbolicLink(root.resolve("link"), Path.of("link2"));
                Files.createSymbolicLink(root.resolve("link2"), root.resolve("gone"));
                path = root.resolve("link/below/app.db");
            }
        }
        target = path;
        Path image = image("DELETE");
        Map<String, byte[]> before = SqliteFixture.contents(folder);
        Problem restoring = problem(
                replace(List.of(), ProgressMonitor.UNWATCHED, new DatabasePart(target, SqliteFixture.artifact(image))));
        Problem backingUp = fixture.refusal(target);
        for (Problem problem : List.of(restoring, backingUp)) {
            assertThat(problem).isInstanceOf(Problem.SourceNotFound.class);
            assertThat(problem.detail()).contains("the link leads nowhere: ").doesNotContain("restore a backup");
        }
        assertThat(SqliteFixture.contents(folder).keySet()).isEqualTo(before.keySet());
        assertThat(root.resolve("gone")).doesNotExist();
    }

    private static Problem problem(Outcome<?> outcome) {
        return ((Outcome.Refused<?>) outcome).problem();
    }

    @Test
    void a_link_that_leads_to_a_database_stays_a_link_and_a_link_to_a_folder_leads_to_the_missing_file()
            throws Exception {
        Path real = root.resolve("real.db");
        Shell.run(real, "CREATE TABLE old(x)");
        Files.createSymbolicLink(target, real);
        assertThat(fixture.restore(target, image("DELETE"))).isInstanceOf(Outcome.Done.class);
        assertThat(Files.isSymbolicLink(target)).isTrue();
        assertThat(Shell.run(real, "SELECT count(*) FROM t")).isEqualTo("1\n");

        Path linked = Files.createSymbolicLink(root.resolve("linked"), folder);
        target = linked.resolve("new.db");
        assertThat(restore(image("DELETE"), NONE)).isEmpty();
        assertThat(Shell.run(folder.resolve("new.db"), "SELECT count(*) FROM t"))
                .isEqualTo("1\n");
    }
}
