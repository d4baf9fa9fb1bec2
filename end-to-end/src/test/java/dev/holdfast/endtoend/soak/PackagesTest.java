package dev.holdfast.endtoend.soak;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The short form of {@code ./soak packages}. */
@Tag("adapter")
@DisplayNameGeneration(ReplaceUnderscores.class)
class PackagesTest {
    private static final int PAGE_COUNT_AT = 28;
    private static final int VERSION_VALID_FOR_AT = 92;
    private static final int SECOND_PAGE = 4096;

    @TempDir
    Path folder;

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();

    private int run(String... arguments) throws Exception {
        return Soak.run(arguments, new PrintStream(out, true, UTF_8), new PrintStream(err, true, UTF_8));
    }

    @Test
    void files_as_old_libraries_and_other_journal_modes_leave_them_come_back_as_sqlite_shows_them() throws Exception {
        Path old = create("old.db", "PRAGMA page_size=1024; PRAGMA user_version=7");
        zero(old, PAGE_COUNT_AT, 4);
        zero(old, VERSION_VALID_FOR_AT, 4);
        create("below/wal.db", "PRAGMA journal_mode=WAL");
        Path damaged = create("damaged.db", "");
        zero(damaged, SECOND_PAGE, 4096);
        Files.writeString(folder.resolve("none.db"), "SQLite format 2");
        Files.createFile(folder.resolve("empty.db"));

        assertThat(run("packages", folder.toString())).as(this::printed).isZero();
        assertThat(printed()).contains("3 files, 0 failures, 2 refusals").contains("damaged.db over WAL");
    }

    @Test
    void a_row_that_differs_is_a_difference() throws Exception {
        Path one = create("one.db", "");
        Path two = Files.copy(one, folder.resolve("two.db"));
        SqliteView before = SqliteView.of(one, folder.resolve("one.sql"));
        assertThat(before.difference(SqliteView.of(two, folder.resolve("two.sql"))))
                .isEmpty();
        Sqlite.run(two.toString(), "UPDATE part SET v = 'other' WHERE id = 3");
        assertThat(before.difference(SqliteView.of(two, folder.resolve("two.sql"))))
                .hasValueSatisfying(it -> assertThat(it).startsWith("the dumps differ from byte "));
    }

    @Test
    void another_page_size_is_no_difference_but_another_row_is() throws Exception {
        Path one = create("one.db", "CREATE VIRTUAL TABLE area USING rtree(id, low, high)");
        Path two = Files.copy(one, folder.resolve("two.db"));
        Sqlite.run(two.toString(), "PRAGMA page_size=1024; VACUUM");
        SqliteView before = SqliteView.of(one, folder.resolve("one.sql"));
        assertThat(before.difference(SqliteView.of(two, folder.resolve("two.sql"))))
                .isEmpty();
        Sqlite.run(two.toString(), "INSERT INTO area VALUES (1, 2, 3)");
        assertThat(before.difference(SqliteView.of(two, folder.resolve("two.sql"))))
                .hasValueSatisfying(it -> assertThat(it).startsWith("the dumps differ from byte "));
    }

    @Test
    void without_a_folder_it_says_how_to_give_one() throws Exception {
        assertThat(run("packages")).isEqualTo(2);
        assertThat(err.toString(UTF_8)).contains("DIR: nothing (expected: folders with SQLite files");
        assertThat(run("packages", folder.resolve("missing").toString())).isEqualTo(2);
        assertThat(err.toString(UTF_8)).contains("(expected: a folder)");
    }

    @Test
    void a_folder_without_a_sqlite_file_is_no_success() throws Exception {
        assertThat(run("packages", folder.toString())).isEqualTo(1);
        assertThat(printed()).contains("0 files, 0 failures");
    }

    private Path create(String name, String first) throws Exception {
        Path file = folder.resolve(name);
        Files.createDirectories(file.resolveSibling(""));
        Sqlite.run(
                file.toString(),
                first + "; CREATE TABLE part (id INTEGER PRIMARY KEY, v TEXT, body BLOB);"
                        + " WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20)"
                        + " INSERT INTO part SELECT i, 'row ' || i, randomblob(900) FROM n;"
                        + " CREATE INDEX by_v ON part(v)");
        return file;
    }

    private static void zero(Path file, int at, int length) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            channel.write(ByteBuffer.allocate(length), at);
        }
    }

    private String printed() {
        return out.toString(UTF_8);
    }
}
