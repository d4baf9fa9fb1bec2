package dev.holdfast.sqlite;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.application.Outcome;
import dev.holdfast.application.archive.PathRestrictions;
import dev.holdfast.application.archive.UnpackLimits;
import dev.holdfast.application.backup.BackupUseCases;
import dev.holdfast.application.backup.OpenBackup;
import dev.holdfast.application.backup.RestoreBackup;
import dev.holdfast.application.backup.UploadRules;
import dev.holdfast.application.database.Databases;
import dev.holdfast.application.database.RegisteredDatabase;
import dev.holdfast.application.operation.FailPoints;
import dev.holdfast.application.operation.InMemoryOperationLog;
import dev.holdfast.application.operation.OperationRunner;
import dev.holdfast.application.operation.Requester;
import dev.holdfast.application.plan.InMemoryPlanStore;
import dev.holdfast.application.plan.PlanParser;
import dev.holdfast.application.plan.Plans;
import dev.holdfast.application.store.BackupStore;
import dev.holdfast.domain.backup.Backup;
import dev.holdfast.domain.backup.Origin;
import dev.holdfast.domain.backup.Verification;
import dev.holdfast.domain.database.Database;
import dev.holdfast.domain.database.Source;
import dev.holdfast.domain.identity.DatabaseName;
import dev.holdfast.domain.identity.OperationId;
import dev.holdfast.domain.operation.Operation;
import dev.holdfast.domain.operation.Result;
import dev.holdfast.domain.problem.Problem;
import dev.holdfast.domain.problem.ProblemCode;
import dev.holdfast.domain.profile.Naming;
import dev.holdfast.domain.profile.Profile;
import dev.holdfast.files.archive.FileArchives;
import dev.holdfast.files.archive.layout.LayoutDetector;
import dev.holdfast.sqlite.file.SqliteSettings;
import dev.holdfast.store.directory.LocalStore;
import dev.holdfast.testkit.JavaProcess;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Guarantees that no change for the sake of speed may drop: the use cases over the real store and engine. */
@Tag("adapter")
@Tag("slow")
@DisplayNameGeneration(ReplaceUnderscores.class)
class KeptPromisesTest {
    private static final Requester ANN = new Requester("ann", Optional.empty());

    @TempDir
    Path root;

    /** One database with its store, in this process. */
    private static final class Server {
        final Path target;
        final Path backups;
        final BackupStore store;
        final OperationRunner runner;
        final BackupUseCases useCases;

        Server(Path root, FailPoints failPoints) throws IOException {
            this(root, failPoints, () -> {});
        }

        /** @param checked runs after each check of a database's image */
        Server(Path root, FailPoints failPoints, Runnable checked) throws IOException {
            target = root.resolve("app.db");
            backups = root.resolve("backups");
            AtomicInteger ids = new AtomicInteger();
            InstantSource clock = InstantSource.system();
            SqliteEngine engine = SqliteEngine.using(
                    new SqliteSettings(root.resolve("scratch"), Duration.ofSeconds(10)), clock, failPoints);
            store = LocalStore.in(
                    backups,
                    "server",
                    DatabaseName.DEFAULT,
                    Naming.of(Profile.NATIVE, "app"),
                    Set.of(target),
                    clock,
                    failPoints,
                    LayoutDetector::archive);
            runner = new OperationRunner(
                    new InMemoryOperationLog(),
                    clock,
                    () -> new OperationId("op-" + ids.incrementAndGet()),
                    Thread.ofPlatform().daemon().factory(),
                    _ -> {},
                    Duration.ofSeconds(5));
            var databases = new Databases(List.of(new RegisteredDatabase(
                    new Database(DatabaseName.DEFAULT, Source.of(target), Profile.NATIVE, "app"), store)));
            var planStore = new InMemoryPlanStore();
            useCases = new BackupUseCases(
                    databases,
                    runner,
                    new Plans(databases, Map.of(), planStore, new PlanParser(), clock),
                    planStore,
                    engine.snapshots(),
                    (image, depth, work) -> {
                        var finding = engine.checks().check(image, depth, work);
                        checked.run();
                        return finding;
                    },
                    FileArchives.in(root.resolve("unpacking"), engine.forms(), PathRestrictions.NONE),
                    new UploadRules(1 << 30, UnpackLimits.NONE),
                    engine.liveDatabases(),
                    engine.trials(),
                    clock,
                    failPoints);
        }

        private Operation ended(Outcome<Operation> started) throws InterruptedException {
            assertThat(started).isInstanceOf(Outcome.Done.class);
            return runner.awaitEnd(((Outcome.Done<Operation>) started).value().id());
        }

        Backup backUp() throws InterruptedException {
            Operation ended = ended(useCases.create().start("default", ANN));
            return ((Result.BackupMade) ended.result().orElseThrow()).backup();
        }

        Operation restore(Backup backup) throws InterruptedException {
            return ended(useCases.restore(new InMemoryPlanStore())
                    .start("default", backup.key().value(), RestoreBackup.Allowed.NOTHING, ANN));
        }

        Path artifact(Backup backup) {
            return backups.resolve(backup.key().value());
        }

        List<Backup> safetyBackups() {
            return store.list().stream()
                    .filter(it -> it.origin() == Origin.SAFETY)
                    .toList();
        }
    }

    private static void prepare(Path target, String journalMode) throws Exception {
        Shell.run(
                target,
                "PRAGMA journal_mode=" + journalMode + "; CREATE TABLE t(x);"
                        + " INSERT INTO t VALUES ('old' || hex(randomblob(20000)))");
    }

    /** Another byte in a text, with the time of the file set back: SQLite finds nothing wrong. */
    private static void changeInPlace(Path file) {
        try {
            FileTime modified = Files.getLastModifiedTime(file);
            byte[] bytes = Files.readAllBytes(file);
            int at = new String(bytes, ISO_8859_1).indexOf("old");
            try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
                channel.write(ByteBuffer.wrap("new".getBytes(UTF_8)), at);
            }
            Files.setLastModifiedTime(file, modified);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String content(Path database) throws Exception {
        return Shell.run(database, "SELECT substr(x, 1, 3) FROM t ORDER BY rowid");
    }

    @ParameterizedTest
    @ValueSource(strings = {"DELETE", "WAL", "missing"})
    void a_backup_that_is_changed_between_its_check_and_the_restore_is_not_restored(String mode) throws Exception {
        prepare(root.resolve("app.db"), mode.equals("missing") ? "DELETE" : mode);
        var server = new Server(root, FailPoints.NONE);
        Backup backup = server.backUp();
        if (mode.equals("missing")) {
            Files.delete(server.target);
        } else {
            Shell.run(server.target, "UPDATE t SET x = 'now'");
        }
        AtomicInteger checks = new AtomicInteger();
        Operation restored = new Server(root, FailPoints.NONE, () -> {
                    if (checks.incrementAndGet() == 1) {
                        changeInPlace(server.artifact(backup));
                    }
                })
                .restore(backup);
        assertThat(restored.failure())
                .get()
                .satisfies(it -> assertThat(it.code()).isEqualTo(ProblemCode.BACKUP_CORRUPT.id()));
        if (mode.equals("missing")) {
            assertThat(server.target).doesNotExist();
        } else {
            assertThat(content(server.target)).isEqualTo("now\n");
        }
        assertThat(SqliteFixture.contents(root).keySet()).allMatch(it -> it.startsWith("app.db"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"DELETE", "WAL"})
    void the_safety_backup_is_durable_and_published_before_the_first_write_to_the_target(String mode) throws Exception {
        prepare(root.resolve("app.db"), mode);
        List<String> steps = new ArrayList<>();
        List<Backup> found = new ArrayList<>();
        AtomicReference<Server> running = new AtomicReference<>();
        var server = new Server(root, step -> {
            steps.add(step);
            if (step.equals("restore.replacing")) {
                found.addAll(running.get().safetyBackups());
            }
        });
        running.set(server);
        Backup backup = server.backUp();
        Shell.run(server.target, "UPDATE t SET x = 'now'");
        steps.clear();
        assertThat(server.restore(backup).result()).isPresent();
        assertThat(steps)
                .containsSubsequence(
                        "store.sealed",
                        "backup.checked",
                        "store.meta-written",
                        "store.linked",
                        "store.published",
                        "restore.secured",
                        "restore.replacing",
                        "restore.pages",
                        "restore.committed",
                        "restore.compared");
        assertThat(found).singleElement().satisfies(it -> {
            assertThat(it.verification()).isInstanceOf(Verification.Passed.class);
            assertThat(content(server.artifact(it))).isEqualTo("now\n");
        });
    }

    @ParameterizedTest
    @ValueSource(strings = {"DELETE", "WAL"})
    void a_safety_backup_that_the_store_does_not_hold_as_it_was_read_stops_the_restore(String mode) throws Exception {
        prepare(root.resolve("app.db"), mode);
        var server = new Server(root, FailPoints.NONE);
        Backup backup = server.backUp();
        AtomicReference<Path> parts = new AtomicReference<>(server.backups.resolve(".holdfast/part"));
        Operation restored = new Server(root, step -> {
                    if (step.equals("store.sealed")) {
                        try (Stream<Path> found = Files.list(parts.get())) {
                            found.forEach(KeptPromisesTest::changeInPlace);
                        } catch (IOException e) {
                            throw new UncheckedIOException(e);
                        }
                    }
                })
                .restore(backup);
        assertThat(restored.failure())
                .get()
                .satisfies(it -> assertThat(it.code()).isEqualTo(ProblemCode.STORE_UNAVAILABLE.id()));
        assertThat(server.safetyBackups()).isEmpty();
        assertThat(content(server.target)).isEqualTo("old\n");
    }

    @Test
    void a_backup_that_was_changed_in_place_is_noticed_when_it_is_opened() throws Exception {
        prepare(root.resolve("app.db"), "DELETE");
        var server = new Server(root, FailPoints.NONE);
        Backup backup = server.backUp();
        switch (server.useCases.open().open("default", backup.key().value())) {
            case Outcome.Done<OpenBackup.Opened>(OpenBackup.Opened opened) -> opened.close();
            case Outcome.Refused<OpenBackup.Opened>(Problem problem) -> throw new AssertionError(problem.detail());
        }
        changeInPlace(server.artifact(backup));
        assertThat(server.useCases.open().open("default", backup.key().value()))
                .isInstanceOfSatisfying(
                        Outcome.Refused.class,
                        it -> assertThat(it.problem()).isInstanceOf(Problem.BackupCorrupt.class));
        assertThat(server.restore(backup).failure())
                .get()
                .satisfies(it -> assertThat(it.code()).isEqualTo(ProblemCode.BACKUP_CORRUPT.id()));
        assertThat(content(server.target)).isEqualTo("old\n");
    }

    /** As `strace` counts them in a process of its own; a change that needs more may raise a number, never lower it. */
    @ParameterizedTest(name = "{0} of a database in mode {1}: {2}")
    @CsvSource({
        "backup, DELETE, 4",
        "backup, WAL, 4",
        "restore, DELETE, 9",
        "restore, WAL, 10",
        "restore, missing, 3",
    })
    void a_backup_and_a_restore_sync_as_often_as_ever(String what, String mode, int expected) throws Exception {
        prepare(root.resolve("app.db"), mode.equals("missing") ? "DELETE" : mode);
        assertThat(syncs(what, mode)).hasSizeGreaterThanOrEqualTo(expected);
    }

    /** By name, because a sync that was added elsewhere would hide in the number that one of these is missing. */
    @Test
    void a_backup_syncs_its_file_its_metadata_and_the_folders_of_both() throws Exception {
        prepare(root.resolve("app.db"), "DELETE");

        List<String> synced = syncs("backup", "DELETE");

        assertThat(synced)
                .filteredOn(it -> it.contains("/backups/.holdfast/part/"))
                .hasSizeGreaterThanOrEqualTo(2);
        assertThat(synced).anyMatch(it -> it.contains("/backups/.holdfast/meta>"));
        assertThat(synced.getLast()).as("%s", synced).contains("/backups>");
    }

    private List<String> syncs(String what, String mode) throws Exception {
        Path trace = root.resolve("trace");
        List<String> strace = List.of(
                "strace",
                "-f",
                "-y",
                "-qq",
                "-e",
                "trace=fsync,fdatasync",
                "-e",
                "signal=none",
                "-o",
                trace.toString());
        Process traced =
                JavaProcess.startUnder(strace, Traced.class, List.of(root.toString(), what, mode, trace.toString()));
        String said = new String(traced.getInputStream().readAllBytes(), UTF_8);
        assertThat(traced.waitFor()).as(said).isZero();
        List<String> all = Traced.syncs(trace);
        return all.subList(Integer.parseInt(said.strip()), all.size());
    }

    /** Makes a backup, or also restores it, and prints the number of syncs from before. */
    static final class Traced {
        private Traced() {}

        public static void main(String[] arguments) throws Exception {
            var server = new Server(Path.of(arguments[0]), FailPoints.NONE);
            Path trace = Path.of(arguments[3]);
            // The first use of a store makes its folders, which a later one does not.
            server.backUp();
            if (arguments[1].equals("backup")) {
                System.out.println(syncs(trace).size());
                server.backUp();
                return;
            }
            Backup backup = server.backUp();
            if (arguments[2].equals("missing")) {
                Files.delete(server.target);
            }
            System.out.println(syncs(trace).size());
            assertThat(server.restore(backup).result()).isPresent();
        }

        /** A call that is interrupted by another thread's has a second line, without the parenthesis. */
        static List<String> syncs(Path trace) throws IOException {
            try (Stream<String> lines = Files.lines(trace)) {
                return lines.filter(it -> it.contains("fsync(") || it.contains("fdatasync("))
                        .toList();
            }
        }
    }
}
