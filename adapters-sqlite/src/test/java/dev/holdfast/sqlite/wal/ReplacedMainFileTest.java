package dev.holdfast.sqlite.wal;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.application.Outcome;
import dev.holdfast.domain.problem.Problem;
import dev.holdfast.sqlite.Shell;
import dev.holdfast.sqlite.SnapshotOfAnEmptyFileTest;
import dev.holdfast.sqlite.SqliteFixture;
import dev.holdfast.sqlite.file.LiveFile;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A new main file is put in the place of one that a program has open in WAL mode. */
@Tag("adapter")
@DisplayNameGeneration(ReplaceUnderscores.class)
@Timeout(60)
class ReplacedMainFileTest {
    @TempDir
    Path root;

    private Path live;
    private Path database;
    private Path backup;
    private SqliteFixture fixture;

    @BeforeEach
    void database_in_WAL_mode() throws Exception {
        live = Files.createDirectory(root.resolve("live"));
        database = live.resolve("app.db");
        backup = root.resolve("backup.db");
        fixture = SqliteFixture.impatient(root);
        fill(database, "first");
        fill(backup, "backup");
    }

    private static void fill(Path file, String word) throws Exception {
        Shell.run(file, "PRAGMA journal_mode=WAL; CREATE TABLE t(x); INSERT INTO t VALUES ('" + word + "')");
    }

    enum Way {
        /** A file that is made now. */
        NEW,
        /** A file from before the program opened the database. */
        OLD,
        /** The same, with all times of the past that a program can set. */
        OLD_WITH_OLD_TIMES
    }

    private void replace(Way way, Path old) throws Exception {
        Path other = old;
        if (way == Way.NEW) {
            other = root.resolve("new.db");
            fill(other, "second");
        }
        if (way == Way.OLD_WITH_OLD_TIMES) {
            Files.setLastModifiedTime(other, FileTime.from(Instant.parse("2020-01-01T00:00:00Z")));
        }
        Files.move(other, database, StandardCopyOption.REPLACE_EXISTING);
    }

    private void assertRefusesBoth() throws Exception {
        Map<String, byte[]> before = SqliteFixture.contents(live);
        assertNamed(fixture.refusal(database));
        assertThat(fixture.restore(database, backup))
                .isInstanceOfSatisfying(Outcome.Refused.class, it -> assertNamed(((Outcome.Refused<?>) it).problem()));
        SnapshotOfAnEmptyFileTest.assertSame(before, SqliteFixture.contents(live));
    }

    private static void assertNamed(Problem problem) {
        assertThat(problem)
                .isInstanceOfSatisfying(
                        Problem.SourceCorrupt.class,
                        it -> assertThat(it.detail())
                                .contains("was replaced while a program has it open", "unchanged", "stop the program"));
    }

    @ParameterizedTest
    @EnumSource(Way.class)
    void it_is_not_mixed_with_the_WAL_of_the_file_that_the_program_still_has_open(Way way) throws Exception {
        Path old = root.resolve("old.db");
        fill(old, "old");
        try (Shell program = Shell.open(database)) {
            program.say("INSERT INTO t VALUES ('in the WAL')");
            replace(way, old);
            assertRefusesBoth();
        }
    }

    /** What is left to see where the server's user may not look into the program's open files. */
    @ParameterizedTest
    @EnumSource(Way.class)
    void its_times_show_a_rename(Way way) throws Exception {
        Path old = root.resolve("old.db");
        fill(old, "old");
        try (Shell program = Shell.open(database)) {
            program.say("INSERT INTO t VALUES ('in the WAL')");
            replace(way, old);
            assertThat(ReplacedMainFile.isNewerThanWalIndex(new LiveFile(database)))
                    .isTrue();
        }
    }

    @Test
    void its_times_do_not_take_a_write_or_new_permissions_for_a_rename() throws Exception {
        LiveFile file = new LiveFile(database);
        try (Shell program = Shell.open(database)) {
            program.say("INSERT INTO t VALUES ('in the WAL')");
            assertThat(ReplacedMainFile.isNewerThanWalIndex(file)).isFalse();
            program.say("PRAGMA wal_checkpoint");
            assertThat(ReplacedMainFile.isNewerThanWalIndex(file)).isFalse();
            setPermissionsLaterThanTheDirectory();
            assertThat(ReplacedMainFile.isNewerThanWalIndex(file)).isFalse();
        }
    }

    private void setPermissionsLaterThanTheDirectory() throws Exception {
        Files.setLastModifiedTime(live, FileTime.from(Instant.now().minusSeconds(5)));
        Files.setPosixFilePermissions(database, PosixFilePermissions.fromString("rw-rw-rw-"));
    }

    @Test
    void a_second_program_that_opens_the_new_file_does_not_hide_the_first_one() throws Exception {
        try (Shell first = Shell.open(database);
                Shell second = Shell.open(database)) {
            first.say("INSERT INTO t VALUES ('in the WAL')");
            replace(Way.NEW, database);
            second.say("SELECT count(*) FROM sqlite_schema");
            assertRefusesBoth();
        }
    }

    @Test
    void the_same_program_that_opens_the_new_file_too_does_not_hide_that_it_uses_the_old_one() throws Exception {
        Path other = root.resolve("new.db");
        fill(other, "second");
        try (Python program = Python.start("""
                import os, sqlite3, sys
                database = sys.argv[1]
                first = sqlite3.connect(database)
                first.execute("INSERT INTO t VALUES ('in the WAL')")
                first.commit()
                os.rename(os.path.dirname(database) + "/../new.db", database)
                second = sqlite3.connect(database)
                second.execute("SELECT count(*) FROM sqlite_master").fetchall()
                print("ready", flush=True)
                sys.stdin.readline()
                """, database)) {
            assertThat(program.line()).isEqualTo("ready");
            assertRefusesBoth();
        }
    }

    @Test
    void it_is_backed_up_when_the_program_has_left() throws Exception {
        try (Shell program = Shell.open(database)) {
            program.say("INSERT INTO t VALUES ('in the WAL')");
            replace(Way.NEW, database);
            assertRefusesBoth();
        }
        Files.delete(live.resolve("app.db-wal"));
        Files.delete(live.resolve("app.db-shm"));
        assertThat(Shell.run(fixture.copy(database, "copy"), "SELECT x FROM t")).isEqualTo("second\n");
        assertThat(fixture.restore(database, backup)).isInstanceOf(Outcome.Done.class);
    }

    /** POSIX drops the locks of a process on a file when it closes any descriptor of the file. */
    @Test
    void a_program_that_has_lost_its_lock_because_it_copies_its_own_file_is_no_sign() throws Exception {
        try (Python program = Python.start("""
                import shutil, sqlite3, sys
                database = sys.argv[1]
                connection = sqlite3.connect(database)
                connection.execute("INSERT INTO t VALUES ('in the WAL')")
                connection.commit()
                shutil.copyfile(database, database + ".copy")
                print("ready", flush=True)
                sys.stdin.readline()
                connection.execute("INSERT INTO t VALUES ('after the backup')")
                connection.commit()
                print(connection.execute("SELECT count(*) FROM t").fetchone()[0], flush=True)
                sys.stdin.readline()
                """, database)) {
            assertThat(program.line()).isEqualTo("ready");
            assertThat(Shell.run(fixture.copy(database, "copy"), "SELECT x FROM t"))
                    .isEqualTo("first\nin the WAL\n");
            assertThat(program.answer()).isEqualTo("3");
            assertThat(fixture.restore(database, backup)).isInstanceOf(Outcome.Done.class);
            assertThat(Shell.run(database, "SELECT x FROM t")).isEqualTo("backup\n");
        }
    }

    @Test
    void a_program_that_keeps_the_database_locked_is_named_as_such_when_it_has_no_wal_index() throws Exception {
        try (Shell program = Shell.open(database)) {
            program.say("PRAGMA locking_mode=EXCLUSIVE; INSERT INTO t VALUES ('in the WAL')");
            assertThat(live.resolve("app.db-shm")).doesNotExist();
            assertThat(fixture.refusal(database)).isInstanceOf(Problem.SourceBusy.class);
            assertThat(fixture.restore(database, backup))
                    .isInstanceOfSatisfying(
                            Outcome.Refused.class,
                            it -> assertThat(((Outcome.Refused<?>) it).problem())
                                    .isInstanceOf(Problem.SourceBusy.class));
        }
    }

    private record Python(Process process, BufferedReader answers) implements AutoCloseable {
        static Python start(String script, Path database) throws IOException {
            Process process = new ProcessBuilder("python3", "-c", script, database.toString())
                    .redirectErrorStream(true)
                    .start();
            return new Python(process, process.inputReader(UTF_8));
        }

        String line() throws IOException {
            return answers.readLine();
        }

        /** Lets it go on and returns its next line. */
        String answer() throws IOException {
            process.outputWriter().append('\n').flush();
            return line();
        }

        @Override
        public void close() {
            process.destroyForcibly().onExit().join();
        }
    }
}
