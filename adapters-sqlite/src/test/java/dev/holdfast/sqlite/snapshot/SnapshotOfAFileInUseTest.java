package dev.holdfast.sqlite.snapshot;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.application.operation.ProgressMonitor;
import dev.holdfast.application.snapshot.Confirmation;
import dev.holdfast.application.snapshot.Snapshot;
import dev.holdfast.domain.database.Source;
import dev.holdfast.domain.problem.Problem;
import dev.holdfast.sqlite.Shell;
import dev.holdfast.sqlite.SnapshotOfAnEmptyFileTest;
import dev.holdfast.sqlite.SqliteFixture;
import dev.holdfast.sqlite.file.LiveFile;
import dev.holdfast.sqlite.file.SharedLock;
import dev.holdfast.sqlite.io.Deadline;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A database in WAL mode whose files change under a program that has it open, or that a program opens meanwhile. */
@Tag("adapter")
@DisplayNameGeneration(ReplaceUnderscores.class)
class SnapshotOfAFileInUseTest {
    @TempDir
    Path root;

    private Path live;
    private Path database;
    private Path wal;
    private Path shared;
    private SqliteFixture fixture;

    @BeforeEach
    void database_in_WAL_mode() throws Exception {
        live = Files.createDirectory(root.resolve("live"));
        database = live.resolve("app.db");
        wal = live.resolve("app.db-wal");
        shared = live.resolve("app.db-shm");
        fixture = SqliteFixture.impatient(root);
        Shell.run(database, "PRAGMA journal_mode=WAL; CREATE TABLE t(x); INSERT INTO t VALUES (1)");
        assertThat(SqliteFixture.contents(live)).containsOnlyKeys("app.db");
    }

    private String assertRefused(Class<? extends Problem> kind, String... words) throws Exception {
        Map<String, byte[]> before = SqliteFixture.contents(live);
        Problem problem = fixture.refusal(Source.of(database));
        assertThat(problem).isInstanceOf(kind);
        assertThat(problem.detail()).contains(words);
        Map<String, byte[]> after = SqliteFixture.contents(live);
        before.remove("app.db-shm"); // a reader leaves its mark there
        after.remove("app.db-shm");
        SnapshotOfAnEmptyFileTest.assertSame(before, after);
        return problem.detail();
    }

    @Test
    void an_older_WAL_put_in_the_place_of_the_one_in_use_is_noticed() throws Exception {
        try (Shell shell = Shell.open(database)) {
            shell.say("INSERT INTO t VALUES (2)");
            byte[] older = Files.readAllBytes(wal);
            shell.say("INSERT INTO t VALUES (3)");
            Files.delete(wal);
            Files.write(wal, older);
            assertRefused(Problem.SourceCorrupt.class, "app.db-wal lacks transactions", "unchanged", "Export the data");
        }
    }

    @Test
    void a_WAL_of_another_database_put_in_the_place_of_the_one_in_use_is_noticed() throws Exception {
        Path other = Files.createDirectory(root.resolve("other")).resolve("app.db");
        try (Shell shell = Shell.open(database);
                Shell foreign = Shell.open(other)) {
            shell.say("INSERT INTO t VALUES (2)");
            foreign.say("PRAGMA journal_mode=WAL; CREATE TABLE u(x)");
            Files.delete(wal);
            Files.copy(other.resolveSibling("app.db-wal"), wal);
            assertRefused(Problem.SourceCorrupt.class, "app.db-wal lacks transactions");
        }
    }

    @Test
    void a_damaged_WAL_in_use_is_noticed() throws Exception {
        try (Shell shell = Shell.open(database)) {
            shell.say("INSERT INTO t VALUES (2)");
            byte[] bytes = Files.readAllBytes(wal);
            bytes[200]++;
            Files.write(wal, bytes);
            assertRefused(Problem.SourceCorrupt.class, "app.db-wal lacks transactions");
        }
    }

    @Test
    void a_WAL_removed_while_it_is_in_use_is_noticed_and_not_made_again() throws Exception {
        try (Shell shell = Shell.open(database)) {
            shell.say("INSERT INTO t VALUES (2)");
            Files.delete(wal);
            assertRefused(Problem.SourceCorrupt.class, "app.db-wal was removed", "Export the data");
            assertThat(wal).doesNotExist();
        }
    }

    @Test
    void a_wal_index_removed_while_it_is_in_use_is_noticed() throws Exception {
        try (Shell shell = Shell.open(database)) {
            shell.say("INSERT INTO t VALUES (2)");
            Files.delete(shared);
            assertRefused(Problem.SourceNotAccessible.class, "open in WAL mode");
        }
    }

    @Test
    void a_wal_index_replaced_while_it_is_in_use_is_noticed() throws Exception {
        try (Shell shell = Shell.open(database)) {
            shell.say("INSERT INTO t VALUES (2)");
            byte[] older = Files.readAllBytes(shared);
            shell.say("INSERT INTO t VALUES (3)");
            Files.delete(shared);
            Files.write(shared, older);
            assertRefused(Problem.SourceNotAccessible.class, "open in WAL mode");
        }
    }

    @Test
    void a_hot_journal_next_to_a_database_in_use_in_WAL_mode_is_named() throws Exception {
        Path other = Files.createDirectory(root.resolve("other")).resolve("app.db");
        Shell.run(other, "CREATE TABLE u(x)");
        try (Shell shell = Shell.open(database);
                Shell writer = Shell.open(other)) {
            shell.say("INSERT INTO t VALUES (2)");
            writer.say("BEGIN; INSERT INTO u VALUES (1)");
            byte[] bytes = Files.readAllBytes(other.resolveSibling("app.db-journal"));
            bytes[0] = (byte) 0xd9;
            Files.write(live.resolve("app.db-journal"), bytes);
            assertRefused(Problem.SourceCorrupt.class, "app.db-journal", "move it away");
        }
    }

    enum Visit {
        STAYS,
        LEAVES,
        IS_KILLED,
        ONLY_READS,
        ROLLS_BACK_AND_COMMITS
    }

    private void visit(Visit visit, Shell shell) throws Exception {
        switch (visit) {
            case STAYS -> shell.say("INSERT INTO t VALUES (2)");
            case LEAVES -> Shell.run(database, "INSERT INTO t VALUES (2)");
            case IS_KILLED -> {
                shell.say("INSERT INTO t VALUES (2)");
                shell.kill();
            }
            case ONLY_READS -> Shell.run(database, "SELECT count(*) FROM t");
            case ROLLS_BACK_AND_COMMITS ->
                Shell.run(
                        database,
                        "PRAGMA cache_size=1; BEGIN; INSERT INTO t VALUES (zeroblob(90000)); ROLLBACK;"
                                + "INSERT INTO t VALUES (2)");
        }
    }

    /** The copy is made while the SHARED lock is held, which does not keep out a program in WAL mode. */
    @ParameterizedTest
    @MethodSource("visits")
    void a_program_that_opens_the_database_during_the_copy_is_not_in_it(Visit visit, boolean withWal) throws Exception {
        String before = "1\n";
        if (withWal) {
            try (Shell killed = Shell.open(database)) {
                killed.say("INSERT INTO t VALUES (0)");
            }
            before = "2\n";
        }
        try (Shell shell = Shell.open(database)) {
            try (Snapshot snapshot = fixture.pin(database)) {
                assertThat(root.resolve("scratch"))
                        .as("no scratch space is used")
                        .isEmptyDirectory();
                visit(visit, shell);
                Path copy = fixture.write(snapshot.images().getFirst(), "copy");
                assertThat(snapshot.images().getFirst().confirm()).isEqualTo(Confirmation.UNCHANGED);
                assertThat(Shell.run(copy, "PRAGMA integrity_check; SELECT count(*) FROM t"))
                        .isEqualTo("ok\n" + before);
            }
            assertThat(Shell.run(fixture.copy(database, "later"), "SELECT count(*) FROM t WHERE x = 2"))
                    .isEqualTo(visit == Visit.ONLY_READS ? "0\n" : "1\n");
        }
    }

    static Stream<Arguments> visits() {
        return Stream.of(Visit.values())
                .flatMap(visit -> Stream.of(true, false).map(withWal -> Arguments.of(visit, withWal)));
    }

    /** A checkpoint writes later pages into the main file that is being read. */
    @ParameterizedTest
    @ValueSource(strings = {"PASSIVE", "FULL", "RESTART", "TRUNCATE"})
    void a_checkpoint_during_the_copy_makes_it_void(String kind) throws Exception {
        try (Snapshot snapshot = fixture.pin(database)) {
            Shell.run(database, "INSERT INTO t VALUES (2); PRAGMA wal_checkpoint(" + kind + ")");
            assertThat(snapshot.images().getFirst().confirm())
                    .isInstanceOfSatisfying(
                            Confirmation.Changed.class,
                            it -> assertThat(it.problem().detail()).contains("was changed by another program"));
        }
        assertThat(Shell.run(fixture.copy(database, "copy"), "SELECT count(*) FROM t"))
                .isEqualTo("2\n");
    }

    @Test
    void another_file_in_the_place_of_the_WAL_during_the_copy_makes_it_void() throws Exception {
        try (Shell killed = Shell.open(database)) {
            killed.say("INSERT INTO t VALUES (2)");
        }
        byte[] bytes = Files.readAllBytes(wal);
        try (Snapshot snapshot = fixture.pin(database)) {
            Files.delete(wal);
            Files.write(wal, bytes);
            assertThat(snapshot.images().getFirst().confirm()).isInstanceOf(Confirmation.Changed.class);
        }
    }

    @Test
    void a_pin_that_was_never_ready_says_whether_its_files_changed() throws Exception {
        LiveFile file = new LiveFile(database.toRealPath());
        SharedLock lock = SharedLock.take(file, Deadline.in(Duration.ofSeconds(1)), ProgressMonitor.UNWATCHED);
        UnusedWalFile pin = new UnusedWalFile(file, lock, FoundFiles.of(file));
        try {
            assertThat(pin.confirm()).isEqualTo(Confirmation.UNCHANGED);
            Shell.run(database, "INSERT INTO t VALUES (2)");
            assertThat(pin.confirm()).isInstanceOf(Confirmation.Changed.class);
        } finally {
            pin.close();
        }
    }

    @Test
    void an_idle_database_with_a_WAL_needs_no_scratch_space() throws Exception {
        try (Shell shell = Shell.open(database)) {
            shell.say("INSERT INTO t VALUES (2)");
        }
        assertThat(wal).isNotEmptyFile();
        try (Snapshot snapshot = fixture.pin(database)) {
            assertThat(root.resolve("scratch")).isEmptyDirectory();
            Path copy = fixture.write(snapshot.images().getFirst(), "copy");
            assertThat(root.resolve("scratch")).isEmptyDirectory();
            assertThat(snapshot.images().getFirst().confirm()).isEqualTo(Confirmation.UNCHANGED);
            assertThat(Shell.run(copy, "SELECT count(*) FROM t")).isEqualTo("2\n");
        }
    }

    /** The last program leaves and the first one comes again and again, and all that is committed is in each copy. */
    @Test
    void programs_that_come_and_go_lose_no_row_in_a_copy() throws Exception {
        SqliteFixture patient = SqliteFixture.in(root);
        for (int i = 2; i <= 15; i++) {
            Process visitor = new ProcessBuilder(
                            "sqlite3",
                            database.toString(),
                            "INSERT INTO t VALUES (" + i + "); INSERT INTO t VALUES (0)")
                    .start();
            int before = i - 1;
            Path copy = confirmedCopy(patient, "copy-" + i);
            int rows = Integer.parseInt(
                    Shell.run(copy, "SELECT count(*) FROM t WHERE x > 0").strip());
            assertThat(rows).isBetween(before, i);
            assertThat(visitor.waitFor()).isZero();
        }
    }

    private static Path confirmedCopy(SqliteFixture fixture, String name) throws IOException {
        while (true) {
            try (Snapshot snapshot = fixture.pin(fixture.root().resolve("live/app.db"))) {
                Path copy = fixture.write(snapshot.images().getFirst(), name);
                if (snapshot.images().getFirst().confirm().equals(Confirmation.UNCHANGED)) {
                    return copy;
                }
                Files.delete(copy);
            }
        }
    }
}
