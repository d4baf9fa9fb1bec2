package dev.holdfast.sqlite;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.application.snapshot.Snapshot;
import dev.holdfast.domain.backup.Backup;
import dev.holdfast.domain.database.Source;
import dev.holdfast.domain.operation.Operation;
import dev.holdfast.domain.operation.OperationState;
import dev.holdfast.domain.operation.Result;
import dev.holdfast.domain.problem.Problem;
import dev.holdfast.domain.profile.Profile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A source of several databases, one of which has no content in its main file. */
@Tag("adapter")
@DisplayNameGeneration(ReplaceUnderscores.class)
@Timeout(60)
class EmptyFurtherFileTest {
    @TempDir
    Path root;

    private Path live;
    private Path main;
    private Path further;
    private Source source;

    @BeforeEach
    void a_full_and_an_empty_database() throws Exception {
        live = Files.createDirectory(root.resolve("live"));
        main = live.resolve("data.db");
        further = live.resolve("auxiliary.db");
        Shell.run(main, "CREATE TABLE t(x); INSERT INTO t VALUES ('main')");
        Files.createFile(further);
        source = new Source(main, List.of(further), List.of());
    }

    private UseCasesFixture backups() throws Exception {
        return UseCasesFixture.in(root, source, Profile.POCKETBASE, Duration.ofSeconds(5));
    }

    private static Backup made(Operation ended, UseCasesFixture backups) {
        assertThat(ended.failure()).isEmpty();
        assertThat(ended.state()).isEqualTo(OperationState.SUCCEEDED);
        return backups.store().list().getFirst();
    }

    /** As a killed program leaves it, whose main file was lost. */
    private void leaveWalNextToEmpty() throws Exception {
        try (Shell killed = Shell.open(further)) {
            killed.say("PRAGMA journal_mode=WAL; CREATE TABLE u(x); INSERT INTO u VALUES ('committed')");
        }
        Files.write(further, new byte[0]);
        assertThat(live.resolve("auxiliary.db-wal")).isNotEmptyFile();
    }

    @Test
    void without_a_WAL_it_is_an_empty_database_and_stays_as_it_is() throws Exception {
        Map<String, byte[]> before = SqliteFixture.contents(live);
        SqliteFixture fixture = SqliteFixture.impatient(root);
        try (Snapshot snapshot = fixture.pin(source)) {
            assertThat(snapshot.images()).extracting(it -> it.size() > 0).containsExactly(true, false);
        }
        try (UseCasesFixture backups = backups()) {
            Backup backup = made(backups.backUp(), backups);
            assertThat(backup.isEmpty()).isFalse();
        }
        SnapshotOfAnEmptyFileTest.assertSame(before, SqliteFixture.contents(live));
    }

    @Test
    void a_restore_makes_it_empty_again() throws Exception {
        try (UseCasesFixture backups = backups()) {
            String name = made(backups.backUp(), backups).key().value();
            Shell.run(main, "INSERT INTO t VALUES ('later')");
            Shell.run(further, "CREATE TABLE u(x)");
            assertThat(backups.restore(name).failure()).isEmpty();
        }
        assertThat(Shell.run(main, "SELECT x FROM t")).isEqualTo("main\n");
        assertThat(Shell.run(further, "SELECT count(*) FROM sqlite_schema")).isEqualTo("0\n");
    }

    @Test
    void a_restore_fills_it() throws Exception {
        Shell.run(further, "CREATE TABLE u(x); INSERT INTO u VALUES ('further')");
        try (UseCasesFixture backups = backups()) {
            String name = made(backups.backUp(), backups).key().value();
            Files.write(further, new byte[0]);
            assertThat(backups.restore(name).failure()).isEmpty();
        }
        assertThat(Shell.run(further, "SELECT x FROM u")).isEqualTo("further\n");
    }

    @Test
    void with_a_WAL_the_backup_of_all_databases_is_refused_and_every_file_stays() throws Exception {
        leaveWalNextToEmpty();
        Map<String, byte[]> before = SqliteFixture.contents(live);
        assertThat(SqliteFixture.impatient(root).refusal(source))
                .isInstanceOfSatisfying(
                        Problem.SourceCorrupt.class,
                        it -> assertThat(it.detail()).contains(further + " is empty", further + "-wal", "unchanged"));
        try (UseCasesFixture backups = backups()) {
            assertThat(backups.backUp().failure().orElseThrow().code()).isEqualTo("source-corrupt");
            assertThat(backups.store().list()).isEmpty();
        }
        SnapshotOfAnEmptyFileTest.assertSame(before, SqliteFixture.contents(live));
    }

    @Test
    void with_a_WAL_a_restore_sets_the_WAL_aside_and_names_the_place() throws Exception {
        Shell.run(further, "CREATE TABLE u(x); INSERT INTO u VALUES ('further')");
        try (UseCasesFixture backups = backups()) {
            String name = made(backups.backUp(), backups).key().value();
            Files.delete(further);
            leaveWalNextToEmpty();
            byte[] wal = Files.readAllBytes(live.resolve("auxiliary.db-wal"));

            Operation restored = backups.restore(name);

            assertThat(restored.failure()).isEmpty();
            Path aside = SqliteFixture.contents(live).keySet().stream()
                    .filter(it -> it.startsWith("auxiliary.db-wal.set-aside"))
                    .map(live::resolve)
                    .findAny()
                    .orElseThrow();
            assertThat(aside).hasBinaryContent(wal);
            assertThat(restored.result())
                    .get()
                    .isInstanceOfSatisfying(
                            Result.Restored.class,
                            it -> assertThat(it.remarks().toString()).contains(aside.toString()));
        }
        assertThat(Shell.run(further, "SELECT x FROM u")).isEqualTo("further\n");
        assertThat(Shell.run(main, "SELECT x FROM t")).isEqualTo("main\n");
    }
}
