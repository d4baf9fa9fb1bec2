package dev.holdfast.sqlite;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.application.Outcome;
import dev.holdfast.application.archive.UnpackResult.DatabasePart;
import dev.holdfast.application.operation.FailPoints;
import dev.holdfast.application.operation.ProgressMonitor;
import dev.holdfast.application.restore.LiveDatabases.Kept;
import dev.holdfast.application.restore.LiveDatabases.NewContent;
import dev.holdfast.domain.database.Source;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Of two databases one is replaced, and the restore is undone. Programs may have used the replaced one meanwhile. */
@Tag("adapter")
@DisplayNameGeneration(ReplaceUnderscores.class)
class UndoneRestoreTest {
    @TempDir
    Path root;

    private Path live;
    private Path main;
    private Path extra;
    private Optional<Shell> program = Optional.empty();

    @BeforeEach
    void two_databases_and_what_is_to_take_their_place() throws Exception {
        live = Files.createDirectory(root.resolve("live"));
        main = live.resolve("data.db");
        extra = live.resolve("auxiliary.db");
        Files.createDirectory(root.resolve("new"));
        fill(main, "WAL", "old");
        fill(root.resolve("new/data.db"), "DELETE", "new");
        fill(root.resolve("new/auxiliary.db"), "DELETE", "new");
    }

    @AfterEach
    void end_the_program() {
        program.ifPresent(Shell::close);
    }

    private static void fill(Path file, String mode, String word) throws Exception {
        Shell.run(file, "PRAGMA journal_mode=" + mode + "; CREATE TABLE t(x); INSERT INTO t VALUES ('" + word + "')");
    }

    /** Something that a program does with the second database as soon as that is replaced. */
    @FunctionalInterface
    private interface Use {
        void of(Path database) throws Exception;
    }

    private void failAfter(Use use) throws Exception {
        failAt("restore.group.replaced", use);
    }

    private void failAt(String when, Use use) throws Exception {
        FailPoints failing = step -> {
            if (step.equals(when)) {
                use(use);
                throw new UncheckedIOException(new IOException("as it were"));
            }
        };
        SqliteFixture fixture = SqliteFixture.in(root, 1 << 20, Duration.ofSeconds(10), failing);
        var content = new NewContent(
                List.of(
                        new DatabasePart(main, SqliteFixture.artifact(root.resolve("new/data.db"))),
                        new DatabasePart(extra, SqliteFixture.artifact(root.resolve("new/auxiliary.db")))),
                List.of());
        assertThat(fixture.engine()
                        .liveDatabases()
                        .replace(
                                new Source(main, List.of(extra), List.of()),
                                content,
                                current -> fixture.keep(current.getFirst().image())
                                        .then(it -> Outcome.done(new Kept<>(it, true))),
                                ProgressMonitor.UNWATCHED))
                .isInstanceOf(Outcome.Refused.class);
        assertThat(Shell.run(main, "SELECT x FROM t")).isEqualTo("old\n");
    }

    private void use(Use use) {
        try {
            use.of(extra);
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    private List<Path> undone() throws IOException {
        try (var files = Files.list(live)) {
            return files.filter(it -> it.getFileName().toString().contains(".undone-"))
                    .sorted()
                    .toList();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"WAL", "DELETE"})
    void what_a_program_has_committed_meanwhile_is_kept_next_to_the_database(String mode) throws Exception {
        fill(extra, mode, "old");
        failAfter(database -> Shell.run(database, "INSERT INTO t VALUES ('later')"));
        assertThat(Shell.run(extra, "SELECT x FROM t")).isEqualTo("old\n");
        assertThat(undone()).singleElement().satisfies(it -> {
            assertThat(it.getFileName().toString()).startsWith("auxiliary.db.undone-");
            assertThat(Shell.run(it, "PRAGMA integrity_check; SELECT x FROM t")).isEqualTo("ok\nnew\nlater\n");
        });
    }

    @ParameterizedTest
    @ValueSource(strings = {"WAL", "DELETE"})
    void without_a_commit_of_others_nothing_is_kept(String mode) throws Exception {
        fill(extra, mode, "old");
        failAfter(database -> Shell.run(database, "SELECT x FROM t"));
        assertThat(Shell.run(extra, "SELECT x FROM t")).isEqualTo("old\n");
        assertThat(undone()).isEmpty();
    }

    @Test
    void the_old_content_comes_back_where_the_new_one_has_pages_of_another_size() throws Exception {
        fill(extra, "WAL", "old");
        Path fresh = root.resolve("new/auxiliary.db");
        Shell.run(fresh, "PRAGMA page_size=1024; VACUUM");
        assertThat(Shell.run(fresh, "PRAGMA page_size")).isEqualTo("1024\n");
        Shell.run(fresh, "INSERT INTO t SELECT hex(randomblob(500)) FROM t, json_each('[1,2,3,4,5,6,7,8]')");
        failAfter(database -> Shell.run(database, "INSERT INTO t VALUES ('later')"));
        assertThat(Shell.run(extra, "SELECT x FROM t")).isEqualTo("old\n");
        assertThat(undone())
                .singleElement()
                .satisfies(it -> assertThat(Shell.run(it, "SELECT count(*) FROM t WHERE x IN ('new', 'later')"))
                        .isEqualTo("2\n"));
    }

    @Test
    void a_WAL_whose_main_file_is_missing_keeps_its_name_if_nothing_was_put_there() throws Exception {
        fill(extra, "WAL", "old");
        Path wal = extra.resolveSibling("auxiliary.db-wal");
        try (Shell killed = Shell.open(extra)) {
            killed.say("INSERT INTO t VALUES ('only in the WAL')");
        }
        byte[] bytes = Files.readAllBytes(wal);
        Files.delete(extra);
        failAt("restore.new.written.1", _ -> {});
        assertThat(wal).hasBinaryContent(bytes);
        assertThat(undone()).isEmpty();
    }

    @Test
    void a_database_that_a_program_makes_where_it_was_missing_stays() throws Exception {
        failAt("restore.new.written.1", database -> {
            Shell application = Shell.open(database);
            program = Optional.of(application);
            application.say("PRAGMA journal_mode=WAL; CREATE TABLE own(x); INSERT INTO own VALUES ('mine')");
        });
        assertThat(undone()).isEmpty();
        assertThat(Shell.run(extra, "SELECT x FROM own")).isEqualTo("mine\n");
    }

    @Test
    void a_database_that_was_missing_is_missing_again() throws Exception {
        failAfter(_ -> {});
        assertThat(extra).doesNotExist();
        assertThat(undone()).isEmpty();
    }

    @Test
    void a_database_that_was_missing_and_is_open_in_a_program_only_gets_another_name() throws Exception {
        failAfter(database -> {
            Shell reader = Shell.open(database);
            program = Optional.of(reader);
            reader.say("BEGIN; SELECT x FROM t");
        });
        assertThat(extra).doesNotExist();
        assertThat(undone())
                .singleElement()
                .satisfies(it -> assertThat(Shell.run(it, "SELECT x FROM t")).isEqualTo("new\n"));
    }

    @Test
    void a_database_that_was_missing_and_was_written_to_keeps_its_WAL_under_the_other_name() throws Exception {
        failAfter(database -> {
            Shell writer = Shell.open(database);
            program = Optional.of(writer);
            writer.say("PRAGMA journal_mode=WAL; INSERT INTO t VALUES ('later')");
        });
        assertThat(extra).doesNotExist();
        assertThat(extra.resolveSibling("auxiliary.db-wal")).doesNotExist();
        program.ifPresent(Shell::kill);
        Path again = Files.createDirectory(root.resolve("again")).resolve("auxiliary.db");
        for (Path file : undone()) {
            String name = file.getFileName().toString();
            Files.copy(file, again.resolveSibling(name.substring(0, name.indexOf(".undone-"))));
        }
        assertThat(Shell.run(again, "SELECT x FROM t")).isEqualTo("new\nlater\n");
    }
}
