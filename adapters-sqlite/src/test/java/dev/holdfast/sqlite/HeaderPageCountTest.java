package dev.holdfast.sqlite;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.application.Outcome;
import dev.holdfast.application.archive.UnpackResult.DatabasePart;
import dev.holdfast.application.check.ImageChecks.Finding;
import dev.holdfast.application.operation.ProgressMonitor;
import dev.holdfast.application.restore.LiveDatabases.Kept;
import dev.holdfast.application.restore.LiveDatabases.NewContent;
import dev.holdfast.application.restore.RestoreDrills.Tried;
import dev.holdfast.domain.backup.Depth;
import dev.holdfast.domain.database.Source;
import dev.holdfast.domain.problem.Problem;
import dev.holdfast.sqlite.io.Channels;
import dev.holdfast.sqlite.io.DatabaseHeader;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Databases whose header has no valid page count, as SQLite before 3.7.0 and other libraries write them. See
 * sqlite.org/fileformat2.html, "In-header database size".
 */
@Tag("adapter")
@Tag("slow")
@DisplayNameGeneration(ReplaceUnderscores.class)
class HeaderPageCountTest {
    private static final Outcome<Optional<String>> DONE = Outcome.done(Optional.of("kept"));
    private static final int CHANGE_COUNTER = 24;
    private static final int PAGE_COUNT = 28;
    private static final int VERSION_VALID_FOR = 92;

    private static final String CONTENT =
            "SELECT count(*), sum(length(x)), min(x), max(x) FROM t; PRAGMA integrity_check";
    private static final Map<String, String> MADE = new HashMap<>();

    /** Made once; every test changes copies. */
    @TempDir
    static Path shared;

    @TempDir
    Path root;

    private Path target;
    private Path image;
    private SqliteFixture fixture;

    /** A header that is not valid, but for the last two, which SQLite believes. */
    enum Header {
        AS_MADE,
        ZERO,
        TOO_SMALL,
        TOO_LARGE,
        HUGE,
        OUTDATED,
        ZERO_OF_THIS_VERSION,
        SMALLER_THAN_THE_FILE;

        void write(Path file) throws IOException {
            try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
                DatabaseHeader.Sqlite head = (DatabaseHeader.Sqlite) DatabaseHeader.of(channel);
                int pages = (int) (channel.size() / head.pageSize());
                int counter = number(channel, CHANGE_COUNTER);
                switch (this) {
                    case AS_MADE -> {}
                    case ZERO -> put(channel, 0, 0);
                    case TOO_SMALL -> put(channel, 1, counter - 1);
                    case TOO_LARGE -> put(channel, pages + 7, counter - 1);
                    case HUGE -> put(channel, -2, counter + 1);
                    case OUTDATED -> put(channel, pages, counter - 1);
                    case ZERO_OF_THIS_VERSION -> put(channel, 0, counter);
                    // SQLite ignores what is behind them.
                    case SMALLER_THAN_THE_FILE ->
                        Channels.write(channel, ByteBuffer.allocate(3 * head.pageSize()), channel.size());
                }
            }
        }

        private static int number(FileChannel channel, long at) throws IOException {
            ByteBuffer number = ByteBuffer.allocate(4);
            Channels.read(channel, number, at);
            return number.getInt(0);
        }

        private static void put(FileChannel channel, int count, int version) throws IOException {
            Channels.write(channel, ByteBuffer.allocate(4).putInt(0, count), PAGE_COUNT);
            Channels.write(channel, ByteBuffer.allocate(4).putInt(0, version), VERSION_VALID_FOR);
        }
    }

    @BeforeAll
    static void make() throws Exception {
        for (String mode : List.of("WAL", "DELETE")) {
            make(shared.resolve("old-" + mode), "PRAGMA page_size=1024; PRAGMA journal_mode=" + mode, "old", 90);
            make(shared.resolve("new-" + mode), "PRAGMA page_size=1024; PRAGMA journal_mode=" + mode, "new", 140);
            make(shared.resolve("wide-" + mode), "PRAGMA page_size=4096; PRAGMA journal_mode=" + mode, "new", 140);
        }
    }

    private static void make(Path file, String pragmas, String word, int rows) throws Exception {
        Shell.run(
                file,
                pragmas + "; CREATE TABLE t(x); CREATE INDEX by_x ON t(x);"
                        + "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n WHERE i<" + rows + ")"
                        + " INSERT INTO t SELECT '" + word + "' || hex(randomblob(200)) FROM n");
        MADE.put(file.getFileName().toString(), content(file));
    }

    @BeforeEach
    void directories() throws Exception {
        target = Files.createDirectory(root.resolve("live")).resolve("app.db");
        image = Files.createDirectory(root.resolve("store")).resolve("image.db");
        fixture = SqliteFixture.in(root);
    }

    private static Path put(String made, Header header, Path to) throws IOException {
        Files.copy(shared.resolve(made), to, StandardCopyOption.REPLACE_EXISTING);
        header.write(to);
        return to;
    }

    /** With the check by the shell, which is another SQLite. */
    private static String content(Path file) throws Exception {
        return Shell.run(file, CONTENT);
    }

    /** Without the check, which may say that a page is not used. */
    private static String rows(String content) {
        return content.lines().findFirst().orElseThrow();
    }

    private static String made(String name) {
        return String.valueOf(MADE.get(name));
    }

    /** Each header in the source, in the target, and in both. */
    static Stream<Arguments> sourcesAndTargets() {
        return Stream.of(Header.values())
                .filter(it -> it != Header.AS_MADE)
                .flatMap(it -> Stream.of(
                        Arguments.of(it, Header.AS_MADE, "WAL"),
                        Arguments.of(it, Header.AS_MADE, "DELETE"),
                        Arguments.of(Header.AS_MADE, it, "WAL"),
                        Arguments.of(Header.AS_MADE, it, "DELETE"),
                        Arguments.of(it, it, "WAL"),
                        Arguments.of(it, it, "DELETE")));
    }

    @ParameterizedTest
    @MethodSource("sourcesAndTargets")
    void a_backup_is_made_checked_tried_and_restored(Header ofSource, Header ofTarget, String mode) throws Exception {
        String other = mode.equals("WAL") ? "DELETE" : "WAL";
        for (String from : List.of("new-" + mode, "wide-" + other)) {
            Path source = put(from, ofSource, root.resolve("source.db"));
            Files.deleteIfExists(root.resolve("backup.db"));
            Path backup = fixture.copy(source, "backup.db");

            assertThat(fixture.engine()
                            .checks()
                            .check(SqliteFixture.artifact(backup), Depth.FULL, ProgressMonitor.UNWATCHED))
                    .isEqualTo(new Finding.Sound(Depth.FULL));
            assertThat(fixture.engine()
                            .trials()
                            .tryOut(SqliteFixture.artifact(backup), Optional.empty(), ProgressMonitor.UNWATCHED))
                    .isInstanceOf(Tried.Proven.class);

            put("old-" + mode, ofTarget, target);
            assertThat(fixture.restore(target, backup)).isEqualTo(DONE);

            assertThat(content(target)).isEqualTo(made(from));
            assertThat(root.resolve("kept")).exists();
        }
    }

    /** Uploaded, or put into the store by hand: then the file has what SQLite ignores. */
    @ParameterizedTest
    @EnumSource(Header.class)
    void a_file_from_elsewhere_is_restored_over_any_target(Header header) throws Exception {
        for (String mode : List.of("WAL", "DELETE")) {
            for (String from : List.of("new-WAL", "wide-DELETE")) {
                put(from, header, image);
                assertThat(fixture.engine()
                                .checks()
                                .check(SqliteFixture.artifact(image), Depth.FULL, ProgressMonitor.UNWATCHED))
                        .isEqualTo(new Finding.Sound(Depth.FULL));
                for (var artifact : List.of(SqliteFixture.artifact(image), SqliteFixture.remote(image))) {
                    put("old-" + mode, Header.AS_MADE, target);
                    assertThat(fixture.restore(target, artifact, ProgressMonitor.UNWATCHED))
                            .isEqualTo(DONE);
                    assertThat(content(target)).isEqualTo(made(from));
                }
            }
        }
    }

    @ParameterizedTest
    @EnumSource(Header.class)
    void a_set_of_databases_is_restored_together(Header header) throws Exception {
        for (String mode : List.of("WAL", "DELETE")) {
            put("old-" + mode, Header.AS_MADE, target);
            Path extra = put("old-" + mode, header, target.resolveSibling("extra.db"));
            put("new-DELETE", header, image);
            Path second = put("new-WAL", header, image.resolveSibling("second.db"));
            Outcome<Optional<String>> restored = fixture.engine()
                    .liveDatabases()
                    .replace(
                            new Source(target, List.of(extra), List.of()),
                            new NewContent(
                                    List.of(
                                            new DatabasePart(target, SqliteFixture.artifact(image)),
                                            new DatabasePart(extra, SqliteFixture.artifact(second))),
                                    List.of()),
                            current -> fixture.keep(current.getFirst().image())
                                    .then(it -> Outcome.done(new Kept<>(it, true))),
                            ProgressMonitor.UNWATCHED);
            assertThat(restored).isEqualTo(DONE);
            assertThat(content(target)).isEqualTo(made("new-DELETE"));
            assertThat(content(extra)).isEqualTo(made("new-WAL"));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"WAL", "DELETE"})
    void bytes_that_are_no_whole_page_are_as_sqlite_takes_them(String mode) throws Exception {
        for (Header header : Header.values()) {
            put("new-DELETE", header, image);
            Files.write(image, new byte[100], StandardOpenOption.APPEND);
            put("old-" + mode, Header.AS_MADE, target);
            assertThat(fixture.restore(target, image)).as("%s", header).isEqualTo(DONE);
            assertThat(rows(content(target))).isEqualTo(rows(made("new-DELETE")));

            Path source = put("new-" + mode, header, root.resolve("source.db"));
            Files.write(source, new byte[100], StandardOpenOption.APPEND);
            Files.deleteIfExists(root.resolve("backup.db"));
            Path backup = fixture.copy(source, "backup.db");
            assertThat(rows(content(backup))).isEqualTo(rows(made("new-" + mode)));
            assertThat(fixture.engine()
                            .checks()
                            .check(SqliteFixture.artifact(backup), Depth.FULL, ProgressMonitor.UNWATCHED))
                    .isInstanceOf(Finding.Sound.class);
        }
    }

    @Test
    void more_pages_of_this_version_than_the_file_has_are_damage() throws Exception {
        Path source = put("new-DELETE", Header.AS_MADE, root.resolve("source.db"));
        for (int count : new int[] {100_000, -2}) {
            try (FileChannel channel = FileChannel.open(source, StandardOpenOption.WRITE)) {
                Channels.write(channel, ByteBuffer.allocate(4).putInt(0, count), PAGE_COUNT);
            }
            assertThat(fixture.refusal(source)).isInstanceOf(Problem.SourceCorrupt.class);
            assertThat(fixture.engine()
                            .checks()
                            .check(SqliteFixture.artifact(source), Depth.QUICK, ProgressMonitor.UNWATCHED))
                    .isInstanceOf(Finding.Damaged.class);
        }
    }
}
