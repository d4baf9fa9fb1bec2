package dev.holdfast.sqlite;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.application.snapshot.Snapshot;
import dev.holdfast.domain.problem.Problem;
import dev.holdfast.sqlite.file.LiveFile;
import dev.holdfast.sqlite.file.SourceAccess;
import java.nio.channels.FileChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("adapter")
@DisplayNameGeneration(ReplaceUnderscores.class)
class SnapshotRefusalsTest {
    @TempDir
    Path root;

    private Path live;
    private Path database;
    private SqliteFixture fixture;

    @BeforeEach
    void directory() throws Exception {
        live = Files.createDirectory(root.resolve("live"));
        database = live.resolve("app.db");
        fixture = SqliteFixture.impatient(root);
    }

    private void assertNotADatabase(Path file, String why) throws Exception {
        var before = SqliteFixture.contents(live).keySet();
        assertThat(fixture.refusal(file))
                .isInstanceOfSatisfying(
                        Problem.NotADatabase.class,
                        it -> assertThat(it.detail()).contains(why));
        assertThat(SqliteFixture.contents(live).keySet()).isEqualTo(before);
    }

    @Test
    void a_missing_file_is_not_created() throws Exception {
        assertNotFound("There is no file " + database);
    }

    @Test
    void a_directory_is_none() throws Exception {
        assertNotADatabase(live, "is a directory");
    }

    @Test
    void a_pipe_is_not_opened() throws Exception {
        assertThat(new ProcessBuilder("mkfifo", database.toString()).start().waitFor())
                .isZero();
        assertNotADatabase(database, "pipe");
    }

    @Test
    void other_content_is_named() throws Exception {
        Files.writeString(database, "not a database ".repeat(100));
        assertNotADatabase(database, "encrypted");
    }

    @Test
    void a_few_bytes_are_none() throws Exception {
        Files.writeString(database, "SQLite format 3\0");
        assertNotADatabase(database, "does not begin");
    }

    @Test
    void a_symlink_loop_is_refused() throws Exception {
        Files.createSymbolicLink(database, live.resolve("other.db"));
        Files.createSymbolicLink(live.resolve("other.db"), database);
        assertNotFound("leads nowhere");
        assertThat(SourceAccess.toRead(database))
                .map(Problem::detail)
                .hasValueSatisfying(
                        it -> assertThat(it).contains("leads nowhere").doesNotContain("restore a backup"));
    }

    @Test
    void a_link_without_a_target_leads_nowhere() throws Exception {
        Files.createSymbolicLink(database, root.resolve("gone.db"));
        assertNotFound(database + ": the link leads nowhere: it names " + root.resolve("gone.db"));
    }

    private void assertNotFound(String why) throws Exception {
        var before = SqliteFixture.contents(live).keySet();
        assertThat(fixture.refusal(database))
                .isInstanceOfSatisfying(
                        Problem.SourceNotFound.class,
                        it -> assertThat(it.detail()).contains(why));
        assertThat(SqliteFixture.contents(live).keySet()).isEqualTo(before);
    }

    @Test
    void a_hard_link_is_refused() throws Exception {
        Shell.run(database, "CREATE TABLE t(x)");
        Files.createLink(live.resolve("other.db"), database);
        assertNotADatabase(database, "hard link");
    }

    @Test
    void a_hard_link_is_refused_as_not_accessible_while_the_file_has_a_wal() throws Exception {
        try (Shell application = Shell.open(database)) {
            application.say("PRAGMA journal_mode=WAL; CREATE TABLE t(x)");
            Path other = Files.createLink(root.resolve("other.db"), database);
            for (Path name : new Path[] {database, other}) {
                assertThat(fixture.refusal(name)).asString().contains("hard link");
            }
            assertThat(fixture.refusal(database)).isInstanceOf(Problem.SourceNotAccessible.class);
        }
    }

    @Test
    void a_file_cut_short_is_corrupt() throws Exception {
        Shell.run(database, "CREATE TABLE t(x); INSERT INTO t VALUES (zeroblob(20000))");
        try (var channel = FileChannel.open(database, StandardOpenOption.WRITE)) {
            channel.truncate(8192);
        }
        assertThat(fixture.refusal(database)).isInstanceOf(Problem.SourceCorrupt.class);
    }

    @Test
    void a_symlink_leads_to_the_sidecars_of_the_real_file() throws Exception {
        Path link = Files.createSymbolicLink(root.resolve("link.db"), database);
        try (Shell shell = Shell.open(database)) {
            shell.say("PRAGMA journal_mode=WAL; CREATE TABLE t(x); INSERT INTO t VALUES (1)");
            assertThat(Shell.run(fixture.copy(link, "copy"), "SELECT count(*) FROM t"))
                    .isEqualTo("1\n");
        }
    }

    @Test
    void an_empty_file_is_an_empty_database() throws Exception {
        Files.createFile(database);
        try (Snapshot snapshot = fixture.pin(database)) {
            assertThat(snapshot.images().getFirst().size()).isZero();
        }
    }

    @Test
    void a_file_without_permission_says_so() throws Exception {
        Files.createFile(database);
        assertThat(LiveFile.unreadable(database, new AccessDeniedException(database.toString()))
                        .problem())
                .isInstanceOfSatisfying(
                        Problem.SourceNotAccessible.class,
                        it -> assertThat(it.detail()).contains(database.toString(), "permission denied", "let the"));
    }
}
