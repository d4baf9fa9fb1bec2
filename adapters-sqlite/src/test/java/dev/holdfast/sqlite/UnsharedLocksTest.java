package dev.holdfast.sqlite;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.application.operation.FailPoints;
import dev.holdfast.application.snapshot.Confirmation;
import dev.holdfast.application.snapshot.Image;
import dev.holdfast.application.snapshot.Snapshot;
import dev.holdfast.domain.backup.Backup;
import dev.holdfast.domain.database.Source;
import dev.holdfast.domain.operation.Failure;
import dev.holdfast.domain.operation.Operation;
import dev.holdfast.domain.operation.OperationState;
import dev.holdfast.domain.problem.ProblemCode;
import dev.holdfast.domain.profile.Profile;
import dev.holdfast.sqlite.file.KnownFiles;
import dev.holdfast.store.directory.BoundFolder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A database that Holdfast sees through FUSE, while a program writes to it: on another path, and on the same one. */
@Tag("adapter")
@Tag("root")
@DisplayNameGeneration(ReplaceUnderscores.class)
@Timeout(300)
class UnsharedLocksTest {
    private static final int BACKUPS = 2;

    @TempDir
    Path root;

    private Path file;
    private Path mount;
    private Path seen;

    @BeforeEach
    void a_folder_and_a_mount_point() throws Exception {
        file = Files.createDirectory(root.resolve("folder")).resolve("app.db");
        mount = Files.createDirectory(root.resolve("mount"));
        seen = mount.resolve("app.db");
    }

    private UseCasesFixture fixture(Duration busyTimeout, Set<Path> sharedLocks) throws Exception {
        return UseCasesFixture.in(
                root,
                Source.of(seen),
                Profile.NATIVE,
                busyTimeout,
                FailPoints.NONE,
                Map.of(),
                new KnownFiles(Map.of(), sharedLocks));
    }

    private static void assertRefused(Operation restore) {
        assertThat(restore.state()).isEqualTo(OperationState.FAILED);
        assertThat(restore.failure()).hasValueSatisfying(it -> {
            assertThat(it.code()).isEqualTo(ProblemCode.SOURCE_NOT_ACCESSIBLE.id());
            assertThat(it.detail()).contains("shared-locks: true");
        });
    }

    @ParameterizedTest
    @ValueSource(strings = {"DELETE", "WAL"})
    void no_backup_is_good_and_nothing_is_restored_while_a_program_writes_on_another_path(String mode)
            throws Exception {
        WriterProcess.prepare(file, mode);
        try (BoundFolder _ = BoundFolder.mount(folder(), mount);
                UseCasesFixture fixture = fixture(Duration.ofSeconds(1), Set.of())) {
            assertSucceeded(fixture.backUp());
            Shell.run(root.resolve("backups/other.db"), "CREATE TABLE t(x)");
            try (WriterProcess writer = WriterProcess.start(file, mode)) {
                for (int i = 0; i < BACKUPS; i++) {
                    fixture.backUp();
                    assertRefused(fixture.restore("other.db"));
                }
                assertThat(writer.isAlive()).isTrue();
            }
            assertThat(own(fixture)).isNotEmpty().allSatisfy(it -> {
                assertThat(it.isGood()).isFalse();
                assertThat(it.inconsistency())
                        .hasValueSatisfying(why -> assertThat(why)
                                .contains("whose locks other programs may not see (fuse at " + mount + ")"));
            });
        }
        WriterProcess.assertInvariants(file);
    }

    @ParameterizedTest
    @ValueSource(strings = {"DELETE", "WAL"})
    void with_shared_locks_a_program_on_the_same_mount_is_backed_up_and_restored(String mode) throws Exception {
        WriterProcess.prepare(file, mode);
        try (BoundFolder _ = BoundFolder.mount(folder(), mount);
                UseCasesFixture fixture = fixture(Duration.ofMinutes(1), Set.of(seen))) {
            try (WriterProcess writer = WriterProcess.start(seen, mode)) {
                assertSucceeded(fixture.backUp());
                Backup backup = fixture.store().list().getFirst();
                assertSucceeded(fixture.restore(backup.key().value()));
                assertThat(writer.isAlive()).isTrue();
            }
            for (Backup backup : own(fixture)) {
                assertThat(backup.isGood()).isTrue();
                WriterProcess.assertInvariants(
                        root.resolve("backups").resolve(backup.key().value()));
            }
            WriterProcess.assertInvariants(seen);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "DELETE, INSERT INTO t VALUES (2), true",
        "WAL, PRAGMA wal_checkpoint(TRUNCATE), true",
        "WAL, INSERT INTO t VALUES (2), false"
    })
    void a_change_on_another_path_is_noticed_at_once(String mode, String change, boolean noticed) throws Exception {
        try (Shell program = Shell.open(file);
                BoundFolder _ = BoundFolder.mount(folder(), mount)) {
            program.say("PRAGMA journal_mode=" + mode + "; CREATE TABLE t(x); INSERT INTO t VALUES (1)");
            try (Snapshot snapshot = SqliteFixture.in(root).pin(seen)) {
                assertThat(snapshot.inconsistency()).isPresent();
                Image image = snapshot.images().getFirst();
                assertThat(image.confirm()).isInstanceOf(Confirmation.Unchanged.class);
                program.say(change);
                assertThat(image.confirm() instanceof Confirmation.Changed).isEqualTo(noticed);
            }
        }
    }

    private static List<Backup> own(UseCasesFixture fixture) {
        return fixture.store().list().stream().filter(it -> it.origin().isOwn()).toList();
    }

    private static void assertSucceeded(Operation operation) {
        assertThat(operation.failure().map(Failure::detail)).isEmpty();
        assertThat(operation.state()).isEqualTo(OperationState.SUCCEEDED);
    }

    private Path folder() {
        return root.resolve("folder");
    }
}
