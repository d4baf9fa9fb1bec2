package dev.holdfast.sqlite;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.application.Outcome;
import dev.holdfast.application.operation.FailPoints;
import dev.holdfast.application.operation.ProgressMonitor;
import dev.holdfast.application.snapshot.Snapshot;
import dev.holdfast.domain.database.Source;
import dev.holdfast.domain.problem.Problem;
import dev.holdfast.sqlite.file.KnownFiles;
import dev.holdfast.sqlite.file.SqliteSettings;
import dev.holdfast.store.directory.BoundFile;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** One database file under two paths, by a mount of its folder or of the file. Mounts really. */
@Tag("adapter")
@Tag("root")
@DisplayNameGeneration(ReplaceUnderscores.class)
@Timeout(60)
class SameFileTest {
    @TempDir
    Path root;

    private Path folder;
    private Path file;
    private Path secondFolder;
    private Path second;
    private Path backup;
    private SqliteFixture fixture;

    @BeforeEach
    void a_folder_and_a_second_path_to_it() throws Exception {
        folder = Files.createDirectory(root.resolve("folder"));
        file = folder.resolve("app.db");
        secondFolder = Files.createDirectory(root.resolve("second"));
        second = secondFolder.resolve("app.db");
        backup = root.resolve("backup.db");
        Shell.run(backup, "CREATE TABLE t(x); INSERT INTO t VALUES ('backup')");
        fixture = SqliteFixture.impatient(root);
    }

    private void fill(String mode) throws Exception {
        Shell.run(
                file,
                "PRAGMA journal_mode=" + mode + "; CREATE TABLE t(x);"
                        + "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n WHERE i<1000)"
                        + " INSERT INTO t SELECT hex(randomblob(1000)) FROM n");
    }

    private static void assertBusy(Problem problem) {
        assertThat(problem).isInstanceOf(Problem.SourceBusy.class);
    }

    @Test
    void no_program_can_write_while_the_file_is_asked_for_under_its_second_path() throws Exception {
        fill("DELETE");
        try (BoundFile _ = BoundFile.mount(folder, secondFolder);
                Shell other = Shell.open(file);
                Snapshot snapshot = fixture.pin(file);
                InputStream in = snapshot.images().getFirst().open()) {
            assertThat(in.readNBytes(500_000)).hasSize(500_000);
            assertBusy(fixture.refusal(second));
            assertThat(other.say("INSERT INTO t VALUES (1)")).contains("database is locked");
            assertThat(in.readAllBytes()).isNotEmpty();
        }
    }

    @Test
    void the_log_is_not_restarted_while_the_file_is_asked_for_under_its_second_path() throws Exception {
        fill("WAL");
        try (BoundFile _ = BoundFile.mount(folder, secondFolder);
                Shell other = Shell.open(file)) {
            other.say("INSERT INTO t VALUES (1)");
            try (Snapshot snapshot = fixture.pin(file)) {
                assertBusy(fixture.refusal(second));
                other.say("INSERT INTO t VALUES (2)");
                assertThat(other.say("PRAGMA wal_checkpoint(TRUNCATE)")).startsWith("1|");
                Path copy = fixture.write(snapshot.images().getFirst(), "copy");
                assertThat(Shell.run(copy, "SELECT count(*) FROM t")).isEqualTo("1001\n");
            }
        }
    }

    @Test
    void a_file_mounted_alone_waits_for_the_file_in_its_folder() throws Exception {
        fill("DELETE");
        Files.createFile(second);
        try (BoundFile _ = BoundFile.mount(file, second);
                Shell other = Shell.open(file);
                Snapshot _ = fixture.pin(file)) {
            assertBusy(fixture.refusal(second));
            assertThat(other.say("INSERT INTO t VALUES (1)")).contains("database is locked");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"DELETE", "WAL"})
    void a_restore_under_one_path_keeps_out_a_backup_under_the_other(String mode) throws Exception {
        fill(mode);
        List<Problem> refusals = new ArrayList<>();
        try (BoundFile _ = BoundFile.mount(folder, secondFolder)) {
            assertThat(fixture.replace(
                            file,
                            SqliteFixture.artifact(backup),
                            current -> {
                                refusals.add(fixture.refusal(second));
                                return fixture.keep(current);
                            },
                            ProgressMonitor.UNWATCHED))
                    .isInstanceOf(Outcome.Done.class);
        }
        assertThat(refusals).singleElement().isInstanceOf(Problem.SourceBusy.class);
        assertThat(Shell.run(file, "SELECT x FROM t")).isEqualTo("backup\n");
    }

    @Test
    void a_file_that_a_program_replaced_waits_for_the_one_whose_sidecars_have_the_same_names() throws Exception {
        fill("DELETE");
        try (Snapshot _ = fixture.pin(file)) {
            Files.move(backup, file, StandardCopyOption.REPLACE_EXISTING);
            assertBusy(fixture.refusal(file));
        }
        Path copy = fixture.copy(file, "copy");
        assertThat(Shell.run(copy, "SELECT x FROM t")).isEqualTo("backup\n");
    }

    @Test
    void a_path_may_come_to_lead_to_the_file_while_the_server_runs() throws Exception {
        fill("DELETE");
        Files.copy(backup, second);
        assertThat(fixture.copy(second, "before")).isNotEmptyFile();
        try (BoundFile _ = BoundFile.mount(folder, secondFolder);
                Snapshot _ = fixture.pin(second)) {
            assertBusy(fixture.refusal(file));
        }
        assertThat(fixture.copy(second, "after")).hasSameBinaryContentAs(root.resolve("before"));
    }

    private SqliteFixture knowing(Path... files) throws Exception {
        Map<Path, String> owners = new HashMap<>();
        for (Path it : files) {
            owners.put(it, "database " + owners.size());
        }
        var settings = new SqliteSettings(root.resolve("scratch"), Duration.ofMillis(300))
                .with(new KnownFiles(owners, Set.of()));
        return new SqliteFixture(
                root, SqliteEngine.using(settings, InstantSource.fixed(SqliteFixture.NOW), FailPoints.NONE));
    }

    private static void assertSameFile(Problem problem) {
        assertThat(problem)
                .isInstanceOfSatisfying(
                        Problem.SourceNotAccessible.class,
                        it -> assertThat(it.detail()).contains(" is the same file as "));
    }

    private static void assertSameFile(Outcome<?> restored) {
        assertThat(restored)
                .isInstanceOfSatisfying(
                        Outcome.Refused.class, it -> assertSameFile(((Outcome.Refused<?>) it).problem()));
    }

    @ParameterizedTest
    @ValueSource(strings = {"DELETE", "WAL"})
    void two_databases_that_become_one_file_are_refused_until_they_are_apart(String mode) throws Exception {
        fill(mode);
        Files.copy(backup, second);
        SqliteFixture knowing = knowing(file, second);
        try (BoundFile _ = BoundFile.mount(folder, secondFolder)) {
            assertSameFile(knowing.refusal(file));
            assertSameFile(knowing.refusal(second));
            assertSameFile(knowing.restore(second, backup));
            assertThat(Shell.run(file, "SELECT count(*) FROM t")).isEqualTo("1000\n");
        }
        assertThat(knowing.copy(second, "apart")).isNotEmptyFile();
        assertThat(knowing.restore(file, backup)).isInstanceOf(Outcome.Done.class);
    }

    @Test
    void a_restore_does_not_make_a_missing_file_that_two_databases_would_share() throws Exception {
        SqliteFixture knowing = knowing(file, second);
        try (BoundFile _ = BoundFile.mount(folder, secondFolder)) {
            assertSameFile(knowing.restore(second, backup));
        }
        assertThat(file).doesNotExist();
    }

    @Test
    void a_database_and_its_own_further_file_must_be_two_files() throws Exception {
        fill("WAL");
        try (BoundFile _ = BoundFile.mount(folder, secondFolder)) {
            assertSameFile(knowing(file, second).refusal(new Source(file, List.of(second), List.of())));
        }
    }
}
