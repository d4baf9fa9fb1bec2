package dev.holdfast.sqlite;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.application.Outcome;
import dev.holdfast.domain.database.Source;
import dev.holdfast.domain.problem.Problem;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Rollback journals of a killed writer. The {@code sqlite3} shell says what is right, on a private copy of the main file
 * and its journal.
 */
@Tag("adapter")
@DisplayNameGeneration(ReplaceUnderscores.class)
class SnapshotOfHotJournalsTest {
    private static final String FIND =
            "SELECT count(*), sum(x LIKE '%1'), sum(x LIKE '%2') FROM t; PRAGMA integrity_check";
    private static final String OLD = "300|300|0\nok\n";
    private static final int LOCK_PAGE = 0x40000000 / 4096 + 1;
    private static final byte[] MAGIC = {
        (byte) 0xd9, (byte) 0xd5, 0x05, (byte) 0xf9, 0x20, (byte) 0xa1, 0x63, (byte) 0xd7
    };

    @TempDir
    Path root;

    private Path live;
    private Path database;
    private Path journal;
    private Path superJournal;
    private SqliteFixture fixture;

    /** All of a transaction's pages are in the main file, and its commit has not come. */
    @BeforeEach
    void a_writer_is_killed_before_its_commit() throws Exception {
        live = Files.createDirectory(root.resolve("live"));
        database = live.resolve("app.db");
        journal = live.resolve("app.db-journal");
        superJournal = Files.createDirectory(root.resolve("elsewhere")).resolve("app.db-mj0123ABCD9");
        fixture = SqliteFixture.impatient(root);
        Shell.run(
                database,
                "CREATE TABLE t(x); WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n WHERE i<300)"
                        + " INSERT INTO t SELECT printf('%2000d', 1) FROM n");
        try (Shell shell = Shell.open(database)) {
            shell.say("PRAGMA cache_size=1; PRAGMA cache_spill=1; BEGIN");
            assertThat(shell.say("UPDATE t SET x = printf('%2000d', 2); SELECT count(*) FROM t"))
                    .isEqualTo("300\n");
        }
        assertThat(SqliteFixture.contents(live)).containsOnlyKeys("app.db", "app.db-journal");
    }

    /** Appends what SQLite writes at a commit over several files, before the super-journal is deleted. */
    private void nameSuperJournal(Path named) throws IOException {
        byte[] name = named.toString().getBytes(UTF_8);
        int sum = 0;
        for (byte b : name) {
            sum += b;
        }
        Files.write(
                journal,
                ByteBuffer.allocate(4 + name.length + 8 + MAGIC.length)
                        .putInt(LOCK_PAGE)
                        .put(name)
                        .putInt(name.length)
                        .putInt(sum)
                        .put(MAGIC)
                        .array(),
                StandardOpenOption.APPEND);
    }

    private Path superJournalFolder() {
        return requireNonNull(superJournal.getParent());
    }

    /** With the super-journal where it is, and put back if SQLite deletes it. */
    private String shown() throws Exception {
        Map<String, byte[]> outside = SqliteFixture.contents(superJournalFolder());
        Path copy = Files.createTempDirectory(root, "private").resolve("app.db");
        for (Path file : new Path[] {database, journal, live.resolve("app.db-wal")}) {
            if (Files.exists(file)) {
                Files.copy(file, copy.resolveSibling(file.getFileName()));
            }
        }
        String shown = Shell.run(copy, FIND);
        for (Map.Entry<String, byte[]> file : outside.entrySet()) {
            Files.write(superJournal.resolveSibling(file.getKey()), file.getValue());
        }
        return shown;
    }

    private String backedUp() throws Exception {
        Map<String, byte[]> before = SqliteFixture.contents(live);
        Map<String, byte[]> outside = SqliteFixture.contents(superJournalFolder());
        Path copy = fixture.copy(database, "copy");
        SnapshotOfAnEmptyFileTest.assertSame(before, SqliteFixture.contents(live));
        SnapshotOfAnEmptyFileTest.assertSame(outside, SqliteFixture.contents(superJournalFolder()));
        assertThat(root.resolve("scratch")).isEmptyDirectory();
        return Shell.run(copy, FIND);
    }

    @Test
    void without_a_super_journal_it_is_rolled_back() throws Exception {
        assertThat(backedUp()).isEqualTo(OLD).isEqualTo(shown());
    }

    @Test
    void with_a_super_journal_that_is_gone_the_transaction_is_committed() throws Exception {
        nameSuperJournal(superJournal);
        assertThat(backedUp()).isEqualTo(shown()).isNotEqualTo(OLD);
    }

    @Test
    void with_an_empty_super_journal_the_transaction_is_committed() throws Exception {
        nameSuperJournal(superJournal);
        Files.createFile(superJournal);
        assertThat(backedUp()).isEqualTo(shown()).isNotEqualTo(OLD);
    }

    /** SQLite deletes a super-journal that names no journal which is still there. A backup must not. */
    @Test
    void with_a_super_journal_it_is_rolled_back_and_the_super_journal_stays() throws Exception {
        nameSuperJournal(superJournal);
        Files.writeString(superJournal, root.resolve("gone.db-journal") + "\0");
        assertThat(backedUp()).isEqualTo(OLD).isEqualTo(shown());
    }

    @Test
    void the_journals_of_other_databases_that_a_super_journal_names_stay() throws Exception {
        nameSuperJournal(superJournal);
        Path other = superJournal.resolveSibling("other.db-journal");
        Files.copy(journal, other);
        Files.writeString(superJournal, journal + "\0" + other + "\0");
        assertThat(backedUp()).isEqualTo(OLD).isEqualTo(shown());
    }

    @Test
    void a_name_with_a_wrong_checksum_is_none() throws Exception {
        nameSuperJournal(superJournal);
        byte[] bytes = Files.readAllBytes(journal);
        bytes[bytes.length - 9]++;
        Files.write(journal, bytes);
        assertThat(backedUp()).isEqualTo(OLD).isEqualTo(shown());
    }

    @Test
    void a_super_journal_that_is_a_directory_is_named_in_the_refusal() throws Exception {
        nameSuperJournal(superJournal);
        Files.createDirectory(superJournal);
        Map<String, byte[]> before = SqliteFixture.contents(live);
        assertThat(fixture.refusal(Source.of(database)))
                .isInstanceOfSatisfying(
                        Problem.SourceNotAccessible.class,
                        it -> assertThat(it.detail()).contains(superJournal.toString()));
        SnapshotOfAnEmptyFileTest.assertSame(before, SqliteFixture.contents(live));
    }

    @Test
    void a_restore_over_a_journal_whose_super_journal_cannot_be_read_changes_nothing() throws Exception {
        nameSuperJournal(superJournal);
        Files.createDirectory(superJournal);
        Path backup = root.resolve("backup");
        Shell.run(backup, "CREATE TABLE restored(x)");
        Map<String, byte[]> before = SqliteFixture.contents(live);
        assertThat(fixture.restore(database, backup))
                .isInstanceOfSatisfying(
                        Outcome.Refused.class,
                        it -> assertThat(((Outcome.Refused<?>) it).problem())
                                .isInstanceOf(Problem.SourceNotAccessible.class));
        SnapshotOfAnEmptyFileTest.assertSame(before, SqliteFixture.contents(live));
    }

    @Test
    void a_truncated_journal_gives_what_SQLite_shows() throws Exception {
        byte[] bytes = Files.readAllBytes(journal);
        for (int length : new int[] {0, 1, 20, 512, 5000, bytes.length / 2, bytes.length - 1}) {
            Files.write(journal, Arrays.copyOf(bytes, length));
            assertThat(backedUp()).as(length + " bytes").isEqualTo(shown());
            Files.delete(root.resolve("copy"));
        }
    }

    @Test
    void a_journal_next_to_a_WAL_is_played_back_before_the_WAL() throws Exception {
        Path other = Files.createDirectory(root.resolve("other")).resolve("app.db");
        Files.copy(database, other);
        Files.copy(journal, other.resolveSibling("app.db-journal"));
        try (Shell shell = Shell.open(other)) {
            shell.say("PRAGMA journal_mode=WAL; UPDATE t SET x = printf('%2000d', 2) WHERE rowid <= 10");
            Files.copy(other.resolveSibling("app.db-wal"), live.resolve("app.db-wal"));
        }
        assertThat(backedUp()).isEqualTo("300|290|10\nok\n").isEqualTo(shown());
    }
}
