package dev.holdfast.sqlite;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.application.Outcome;
import dev.holdfast.application.operation.ProgressMonitor;
import dev.holdfast.application.snapshot.Snapshot;
import dev.holdfast.application.snapshot.Snapshots.Taken;
import dev.holdfast.domain.backup.Verification;
import dev.holdfast.domain.database.Source;
import dev.holdfast.domain.operation.OperationState;
import dev.holdfast.domain.problem.Problem;
import dev.holdfast.domain.profile.Profile;
import dev.holdfast.store.directory.BoundFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A database file that one program sees in its folder, and another one mounted alone. Mounts really. */
@Tag("adapter")
@Tag("root")
@DisplayNameGeneration(ReplaceUnderscores.class)
@Timeout(60)
class LoneMountTest {
    @TempDir
    Path root;

    private Path folder;
    private Path inFolder;
    private Path alone;
    private Path backup;
    private SqliteFixture fixture;

    @BeforeEach
    void a_folder_and_a_mount_point() throws Exception {
        folder = Files.createDirectory(root.resolve("folder"));
        inFolder = folder.resolve("app.db");
        // A space and a backslash: mountinfo escapes both.
        alone = Files.createFile(
                Files.createDirectory(root.resolve("a lone\\040file")).resolve("app.db"));
        backup = root.resolve("backup.db");
        Shell.run(backup, "CREATE TABLE t(x); INSERT INTO t VALUES ('backup')");
        fixture = SqliteFixture.impatient(root);
    }

    private void make(String mode) throws Exception {
        Shell.run(inFolder, "PRAGMA journal_mode=" + mode + "; CREATE TABLE t(x); INSERT INTO t VALUES ('live')");
    }

    private void assertRefusesBoth(Path database) throws Exception {
        byte[] before = Files.readAllBytes(database);
        assertNotAccessible(fixture.refusal(database));
        assertRefusesRestore(database);
        assertThat(Files.readAllBytes(database)).isEqualTo(before);
    }

    private void assertRefusesRestore(Path database) {
        assertThat(fixture.restore(database, backup))
                .isInstanceOfSatisfying(
                        Outcome.Refused.class, it -> assertNotAccessible(((Outcome.Refused<?>) it).problem()));
    }

    private static void assertNotAccessible(Problem problem) {
        assertThat(problem)
                .isInstanceOfSatisfying(
                        Problem.SourceNotAccessible.class,
                        it -> assertThat(it.detail()).contains("Mount the folder, not the file"));
    }

    @Test
    void the_server_sees_the_file_alone_while_the_application_writes_to_the_wal_in_the_folder() throws Exception {
        make("wal");
        try (Shell application = Shell.open(inFolder);
                BoundFile _ = BoundFile.mount(inFolder, alone)) {
            application.say("INSERT INTO t VALUES ('in the WAL')");
            assertRefusesBoth(alone);
        }
    }

    @Test
    void the_application_sees_the_file_alone_and_has_its_wal_there() throws Exception {
        make("wal");
        try (BoundFile _ = BoundFile.mount(inFolder, alone);
                Shell application = Shell.open(alone)) {
            application.say("INSERT INTO t VALUES ('in the WAL')");
            assertRefusesBoth(inFolder);
        }
    }

    /** As in a container: this server's mount namespace does not have the mount. */
    private Shell openAloneInAnotherNamespace() throws Exception {
        return Shell.in(
                List.of(
                        "unshare",
                        "-m",
                        "sh",
                        "-c",
                        "mount --bind \"$0\" \"$1\" && shift && exec \"$@\"",
                        inFolder.toString(),
                        alone.toString()),
                alone);
    }

    @Test
    void the_application_sees_the_file_alone_in_another_mount_namespace() throws Exception {
        make("wal");
        try (Shell application = openAloneInAnotherNamespace()) {
            assertThat(application.say("INSERT INTO t VALUES ('in the WAL')")).isEmpty();
            assertRefusesBoth(inFolder);
        }
    }

    @Test
    void the_application_sees_the_file_alone_and_a_wal_index_of_another_time_is_in_the_folder() throws Exception {
        make("wal");
        try (Shell killed = Shell.open(inFolder)) {
            killed.say("INSERT INTO t VALUES ('in the WAL of the folder')");
        }
        assertThat(folder.resolve("app.db-shm")).exists();
        try (Shell application = openAloneInAnotherNamespace()) {
            assertThat(application.say("INSERT INTO t VALUES ('in the WAL')")).isEmpty();
            assertRefusesBoth(inFolder);
        }
    }

    @Test
    void programs_that_come_and_go_in_the_folder_are_no_reason_to_refuse() throws Exception {
        make("wal");
        SqliteFixture patient = SqliteFixture.in(root);
        for (int i = 0; i < 5; i++) {
            Process coming =
                    new ProcessBuilder("sqlite3", inFolder.toString(), "INSERT INTO t VALUES ('more')").start();
            patient.pin(inFolder).close();
            assertThat(coming.waitFor()).isZero();
        }
    }

    @Test
    void no_program_has_the_file_open_and_there_is_no_wal() throws Exception {
        make("wal");
        try (BoundFile _ = BoundFile.mount(inFolder, alone)) {
            assertRefusesBoth(alone);
        }
    }

    @Test
    void the_path_is_a_link_to_a_file_mounted_alone() throws Exception {
        make("wal");
        Path link = Files.createSymbolicLink(root.resolve("link.db"), alone);
        try (BoundFile _ = BoundFile.mount(inFolder, alone)) {
            assertRefusesBoth(link);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"-wal", "-shm"})
    void only_a_sidecar_is_mounted_alone(String suffix) throws Exception {
        make("wal");
        Path sidecar = Files.createFile(folder.resolve("app.db" + suffix));
        Path other = Files.createFile(root.resolve("other"));
        try (BoundFile _ = BoundFile.mount(other, sidecar)) {
            assertRefusesBoth(inFolder);
        }
    }

    @Test
    void a_further_file_of_a_source_is_mounted_alone() throws Exception {
        make("wal");
        Path main = root.resolve("main.db");
        Shell.run(main, "CREATE TABLE t(x)");
        try (BoundFile _ = BoundFile.mount(inFolder, alone)) {
            Taken taken = fixture.engine()
                    .snapshots()
                    .take(new Source(main, List.of(alone), List.of()), ProgressMonitor.UNWATCHED);
            assertThat(taken).isInstanceOfSatisfying(Taken.Refused.class, it -> assertNotAccessible(it.problem()));
        }
    }

    @Test
    void a_folder_that_is_mounted_is_no_reason_to_refuse() throws Exception {
        make("wal");
        Path mounted = Files.createDirectory(root.resolve("mounted"));
        try (BoundFile _ = BoundFile.mount(folder, mounted)) {
            assertThat(Shell.run(fixture.copy(mounted.resolve("app.db"), "copy"), "SELECT x FROM t"))
                    .isEqualTo("live\n");
            assertThat(fixture.restore(mounted.resolve("app.db"), backup)).isInstanceOf(Outcome.Done.class);
        }
        assertThat(Shell.run(inFolder, "SELECT x FROM t")).isEqualTo("backup\n");
    }

    @Test
    void in_a_rollback_mode_the_backup_is_listed_with_a_finding_and_the_restore_refused() throws Exception {
        make("delete");
        try (BoundFile _ = BoundFile.mount(inFolder, alone);
                UseCasesFixture backups =
                        UseCasesFixture.in(root, Source.of(alone), Profile.NATIVE, Duration.ofSeconds(5))) {
            assertThat(backups.backUp("app_20261129_120000.db").state()).isEqualTo(OperationState.SUCCEEDED);
            assertThat(backups.find("app_20261129_120000.db").verification())
                    .isInstanceOfSatisfying(
                            Verification.Passed.class,
                            it -> assertThat(it.remark()).get().asString().contains("is mounted alone"));
            assertRefusesRestore(alone);
            try (Snapshot snapshot = fixture.pin(inFolder)) {
                assertThat(snapshot.images().getFirst().remark()).isPresent();
            }
            assertRefusesRestore(inFolder);
        }
        assertThat(Shell.run(inFolder, "SELECT x FROM t")).isEqualTo("live\n");
    }

    @Test
    void once_the_folder_is_mounted_everything_works() throws Exception {
        make("wal");
        try (BoundFile _ = BoundFile.mount(inFolder, alone)) {
            assertRefusesBoth(alone);
        }
        assertThat(Shell.run(fixture.copy(inFolder, "copy"), "SELECT x FROM t")).isEqualTo("live\n");
        assertThat(fixture.restore(inFolder, backup)).isInstanceOf(Outcome.Done.class);
    }
}
