package dev.holdfast.sqlite;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.application.Outcome;
import dev.holdfast.application.operation.ProgressMonitor;
import dev.holdfast.application.snapshot.Snapshots.Taken;
import dev.holdfast.domain.database.Source;
import dev.holdfast.domain.problem.Problem;
import dev.holdfast.domain.problem.ProblemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What a power cut, a file copy or a rolled-back directory leaves in WAL mode, when no process has the database open.
 * The {@code sqlite3} shell says what is right, on a private copy without the wal-index.
 */
@Tag("adapter")
@DisplayNameGeneration(ReplaceUnderscores.class)
class SnapshotOfAStaleWalIndexTest {
    private static final String FIND =
            "SELECT count(*), sum(x) FROM t; SELECT count(*) FROM big; PRAGMA integrity_check;";

    @TempDir
    Path root;

    private Path live;
    private Path database;
    private Path shared;
    private Path wal;
    private SqliteFixture fixture;

    /** The files after the tenth commit, and others of the same names. */
    private byte[] shared10 = {};

    private byte[] wal10 = {};
    private byte[] main10 = {};

    @BeforeEach
    void directory() throws Exception {
        live = Files.createDirectory(root.resolve("live"));
        database = live.resolve("app.db");
        shared = live.resolve("app.db-shm");
        wal = live.resolve("app.db-wal");
        fixture = SqliteFixture.impatient(root);
    }

    /** Each of the twenty commits adds a row and moves 100 between two pages; the sum stays 2,000. */
    private void commitTwentyTimesAndDie(boolean checkpointBetween) throws Exception {
        try (Shell shell = Shell.open(database)) {
            shell.say("PRAGMA journal_mode=WAL; PRAGMA wal_autocheckpoint=0;"
                    + "CREATE TABLE t(id INTEGER PRIMARY KEY, x, pad); CREATE TABLE big(x);"
                    + "INSERT INTO t VALUES (1, 1000, zeroblob(3000)), (2, 1000, zeroblob(3000));"
                    + "INSERT INTO big VALUES (zeroblob(40000))");
            for (int i = 1; i <= 20; i++) {
                assertThat(shell.say("BEGIN; UPDATE t SET x = x - 50 WHERE id = 1;"
                                + "UPDATE t SET x = x + 50 WHERE id = 2; INSERT INTO big VALUES (hex(randomblob(900)));"
                                + "COMMIT"))
                        .isEmpty();
                if (i == 10) {
                    shared10 = Files.readAllBytes(shared);
                    wal10 = Files.readAllBytes(wal);
                    main10 = Files.readAllBytes(database);
                    if (checkpointBetween) {
                        shell.say("PRAGMA wal_checkpoint(RESTART)");
                    }
                }
            }
        }
        assertThat(SqliteFixture.contents(live)).containsOnlyKeys("app.db", "app.db-shm", "app.db-wal");
    }

    /** The answer of SQLite's shell to {@link #FIND}, of a copy of these files that no process uses. */
    private String shown(String... suffixes) throws Exception {
        Path copy = Files.createTempDirectory(root, "private").resolve("app.db");
        for (String suffix : suffixes) {
            Path from = live.resolve("app.db" + suffix);
            if (Files.exists(from)) {
                Files.copy(from, copy.resolveSibling("app.db" + suffix));
            }
        }
        return Shell.run(copy, FIND);
    }

    /** What the backup shows, or {@code refused: …}. */
    private String backedUp() throws Exception {
        Map<String, byte[]> before = SqliteFixture.contents(live);
        String answer = switch (fixture.engine().snapshots().take(Source.of(database), ProgressMonitor.UNWATCHED)) {
            case Taken.Pinned(var snapshot) -> {
                try (snapshot) {
                    Files.deleteIfExists(root.resolve("copy"));
                    yield Shell.run(fixture.write(snapshot.images().getFirst(), "copy"), FIND);
                } catch (ProblemException e) {
                    yield "refused: " + e.problem();
                }
            }
            case Taken.Refused(Problem.Internal(Throwable cause)) -> throw new AssertionError(cause);
            case Taken.Refused(Problem problem) -> "refused: " + problem;
        };
        SnapshotOfAnEmptyFileTest.assertSame(before, SqliteFixture.contents(live));
        assertThat(root.resolve("scratch")).isEmptyDirectory();
        return answer;
    }

    private static byte[] garbage(int length) {
        byte[] bytes = new byte[length];
        new Random(20).nextBytes(bytes);
        return bytes;
    }

    private Map<String, byte[]> ofAnotherDatabase() throws Exception {
        Path folder = Files.createTempDirectory(root, "other");
        Path other = folder.resolve("app.db");
        try (Shell shell = Shell.open(other)) {
            shell.say("PRAGMA journal_mode=WAL; CREATE TABLE other(x); INSERT INTO other VALUES (zeroblob(9000))");
        }
        return SqliteFixture.contents(folder);
    }

    @Test
    void twenty_commits_with_a_wal_index_copied_after_the_tenth() throws Exception {
        commitTwentyTimesAndDie(false);
        Files.write(shared, shared10);
        assertThat(backedUp()).isEqualTo("2|2000\n21\nok\n").isEqualTo(shown("", "-wal"));
    }

    enum WalIndexState {
        AS_IT_WAS,
        OLDER,
        ZEROED,
        EMPTY,
        GARBAGE,
        CUT_IN_THE_HEADER,
        CUT_BEHIND_THE_HEADER,
        OF_ANOTHER_DATABASE,
        MISSING
    }

    enum WalState {
        AS_IT_WAS,
        OLDER,
        CUT_IN_A_FRAME,
        CUT_IN_THE_HEADER,
        GARBAGE_IN_THE_MIDDLE,
        GARBAGE,
        OF_ANOTHER_DATABASE,
        EMPTY,
        MISSING
    }

    private void leave(WalIndexState state, byte[] asItWas) throws Exception {
        switch (state) {
            case AS_IT_WAS -> Files.write(shared, asItWas);
            case OLDER -> Files.write(shared, shared10);
            case ZEROED -> Files.write(shared, new byte[32768]);
            case EMPTY -> Files.write(shared, new byte[0]);
            case GARBAGE -> Files.write(shared, garbage(32768));
            case CUT_IN_THE_HEADER -> Files.write(shared, Arrays.copyOf(asItWas, 60));
            case CUT_BEHIND_THE_HEADER -> Files.write(shared, Arrays.copyOf(asItWas, 1000));
            case OF_ANOTHER_DATABASE -> Files.write(shared, ofAnotherDatabase().get("app.db-shm"));
            case MISSING -> Files.deleteIfExists(shared);
        }
    }

    private void leave(WalState state, byte[] asItWas) throws Exception {
        switch (state) {
            case AS_IT_WAS -> Files.write(wal, asItWas);
            case OLDER -> Files.write(wal, wal10);
            case CUT_IN_A_FRAME -> Files.write(wal, Arrays.copyOf(asItWas, asItWas.length - 5000));
            case CUT_IN_THE_HEADER -> Files.write(wal, Arrays.copyOf(asItWas, 20));
            case GARBAGE_IN_THE_MIDDLE -> {
                byte[] changed = asItWas.clone();
                System.arraycopy(garbage(100), 0, changed, changed.length / 2, 100);
                Files.write(wal, changed);
            }
            case GARBAGE -> Files.write(wal, garbage(50_000));
            case OF_ANOTHER_DATABASE -> Files.write(wal, ofAnotherDatabase().get("app.db-wal"));
            case EMPTY -> Files.write(wal, new byte[0]);
            case MISSING -> Files.deleteIfExists(wal);
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void each_wal_index_with_each_WAL_gives_what_SQLite_shows(boolean checkpointBetween) throws Exception {
        commitTwentyTimesAndDie(checkpointBetween);
        byte[] sharedAsItWas = Files.readAllBytes(shared);
        byte[] walAsItWas = Files.readAllBytes(wal);
        List<String> wrong = new ArrayList<>();
        for (WalState walState : WalState.values()) {
            leave(walState, walAsItWas);
            String shown = shown("", "-wal");
            for (WalIndexState state : WalIndexState.values()) {
                leave(state, sharedAsItWas);
                String backedUp = backedUp();
                if (!backedUp.equals(shown)) {
                    wrong.add("WAL " + walState + ", wal-index " + state + ": " + backedUp + " instead of " + shown);
                }
            }
        }
        assertThat(wrong).isEmpty();
    }

    @ParameterizedTest
    @EnumSource(WalIndexState.class)
    void a_main_file_rolled_back_next_to_a_newer_WAL_gives_what_SQLite_shows(WalIndexState state) throws Exception {
        commitTwentyTimesAndDie(true);
        Files.write(database, main10);
        leave(state, Files.readAllBytes(shared));
        String shown = shown("", "-wal");
        assertThat(backedUp())
                .satisfiesAnyOf(
                        it -> assertThat(it).isEqualTo(shown),
                        it -> assertThat(it).startsWith("refused: SourceCorrupt"));
    }

    @ParameterizedTest
    @EnumSource(WalIndexState.class)
    void in_a_rollback_mode_a_wal_index_means_nothing(WalIndexState state) throws Exception {
        commitTwentyTimesAndDie(false);
        byte[] asItWas = Files.readAllBytes(shared);
        Shell.run(database, "PRAGMA journal_mode=DELETE");
        assertThat(SqliteFixture.contents(live)).containsOnlyKeys("app.db");
        leave(state, asItWas);
        assertThat(backedUp()).isEqualTo("2|2000\n21\nok\n").isEqualTo(shown(""));
    }

    @ParameterizedTest
    @EnumSource(WalIndexState.class)
    void a_restore_over_it_keeps_all_committed_rows_in_the_safety_backup(WalIndexState state) throws Exception {
        commitTwentyTimesAndDie(true);
        leave(state, Files.readAllBytes(shared));
        String shown = shown("", "-wal");
        Path image = root.resolve("image");
        Shell.run(image, "CREATE TABLE t(id, x); CREATE TABLE big(x)");
        assertThat(fixture.restore(database, image)).isInstanceOf(Outcome.Done.class);
        assertThat(Shell.run(root.resolve("kept"), FIND)).isEqualTo(shown).isEqualTo("2|2000\n21\nok\n");
        assertThat(Shell.run(database, FIND)).isEqualTo("0|\n0\nok\n");
    }
}
