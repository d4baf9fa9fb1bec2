package dev.holdfast.sqlite;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.application.check.ImageChecks.Finding;
import dev.holdfast.application.operation.CancelledException;
import dev.holdfast.application.operation.ProgressMonitor;
import dev.holdfast.application.store.Artifact;
import dev.holdfast.domain.backup.Depth;
import dev.holdfast.domain.operation.Phase;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.sqlite.Collation;
import org.sqlite.Function;

@Tag("adapter")
@DisplayNameGeneration(ReplaceUnderscores.class)
class PragmaChecksTest {
    @TempDir
    Path root;

    private Path image;
    private SqliteFixture fixture;

    @BeforeEach
    void directory() throws Exception {
        image = Files.createDirectory(root.resolve("store")).resolve("image.db");
        fixture = SqliteFixture.in(root);
    }

    private Finding check(Artifact artifact, Depth depth) {
        return fixture.engine().checks().check(artifact, depth, ProgressMonitor.UNWATCHED);
    }

    private void fill(int rows) throws Exception {
        Shell.run(
                image,
                "PRAGMA journal_mode=WAL; CREATE TABLE t(id INTEGER PRIMARY KEY, x TEXT); CREATE INDEX by_x ON t(x);"
                        + "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n WHERE i<" + rows + ")"
                        + " INSERT INTO t(x) SELECT hex(randomblob(50)) FROM n");
    }

    @Test
    void a_sound_image_is_sound_and_nothing_appears_beside_it() throws Exception {
        fill(1000);
        assertThat(check(SqliteFixture.artifact(image), Depth.QUICK)).isEqualTo(new Finding.Sound(Depth.QUICK));
        assertThat(check(SqliteFixture.artifact(image), Depth.FULL)).isEqualTo(new Finding.Sound(Depth.FULL));
        assertThat(check(SqliteFixture.remote(image), Depth.FULL)).isEqualTo(new Finding.Sound(Depth.FULL));
        assertThat(SqliteFixture.contents(root.resolve("store"))).containsOnlyKeys("image.db");
        assertThat(root.resolve("scratch")).isEmptyDirectory();
    }

    @Test
    void an_overwritten_page_is_found() throws Exception {
        fill(1000);
        try (FileChannel channel = FileChannel.open(image, StandardOpenOption.WRITE)) {
            channel.write(ByteBuffer.allocate(4096), 4096 * 5L);
        }
        assertThat(check(SqliteFixture.artifact(image), Depth.QUICK)).isInstanceOf(Finding.Damaged.class);
        assertThat(check(SqliteFixture.remote(image), Depth.FULL)).isInstanceOf(Finding.Damaged.class);
    }

    @Test
    void a_schema_that_makes_no_sense_is_damage() throws Exception {
        fill(10);
        Shell.run(image, "PRAGMA writable_schema=on; UPDATE sqlite_schema SET sql='CREATE nonsense'");
        assertThat(check(SqliteFixture.artifact(image), Depth.QUICK)).isInstanceOf(Finding.Damaged.class);
    }

    @Test
    void a_missing_parent_row_is_remarked_by_the_full_check_and_no_damage() throws Exception {
        Shell.run(
                image,
                "CREATE TABLE p(id INTEGER PRIMARY KEY); CREATE TABLE c(p REFERENCES p); INSERT INTO c VALUES (7)");
        assertThat(check(SqliteFixture.artifact(image), Depth.QUICK)).isEqualTo(new Finding.Sound(Depth.QUICK));
        assertThat(check(SqliteFixture.artifact(image), Depth.FULL))
                .isEqualTo(new Finding.Sound(
                        Depth.FULL, Optional.of("row 1 of table c refers to a row that is missing in p")));
    }

    /** As an application makes it, which brings its own collation and function along. */
    private void fillWithPartsOfAnApplication() throws Exception {
        try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + image);
                Statement sql = connection.createStatement()) {
            Collation.create(connection, "APP ORDER", new Collation() {
                @Override
                protected int xCompare(String left, String right) {
                    return right.compareTo(left);
                }
            });
            Function.create(
                    connection,
                    "app_key",
                    new Function() {
                        @Override
                        protected void xFunc() throws SQLException {
                            result(value_text(0) + "!");
                        }
                    },
                    1,
                    Function.FLAG_DETERMINISTIC);
            sql.execute("CREATE TABLE name (text TEXT COLLATE \"APP ORDER\" PRIMARY KEY) WITHOUT ROWID");
            sql.execute("CREATE TABLE item (text TEXT, CHECK (app_key(text) <> ''))");
            sql.execute("CREATE INDEX by_key ON item (app_key(text))");
            sql.execute("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n WHERE i<500)"
                    + " INSERT INTO name SELECT 'n' || i FROM n");
            sql.execute("INSERT INTO item SELECT text FROM name");
        }
    }

    @Test
    void what_only_its_application_can_compare_is_checked_as_deep_as_anybody_else_can() throws Exception {
        fillWithPartsOfAnApplication();
        String collation = "What the collation APP ORDER orders was not checked, because only the application has it.";
        String function = "What the function app_key calculates was not checked, because only the application has it.";
        assertThat(check(SqliteFixture.artifact(image), Depth.QUICK))
                .isEqualTo(new Finding.Sound(Depth.QUICK, Optional.of(collation)));
        assertThat(check(SqliteFixture.artifact(image), Depth.FULL))
                .isEqualTo(new Finding.Sound(Depth.QUICK, Optional.of(collation + "\n" + function)));
    }

    @Test
    void damage_is_found_there_too() throws Exception {
        fillWithPartsOfAnApplication();
        try (FileChannel channel = FileChannel.open(image, StandardOpenOption.WRITE)) {
            for (long page = 2; page < 6; page++) {
                channel.write(ByteBuffer.allocate(4096), 4096 * page);
            }
        }
        assertThat(check(SqliteFixture.artifact(image), Depth.QUICK)).isInstanceOf(Finding.Damaged.class);
    }

    @Test
    void a_file_cut_short_is_damaged() throws Exception {
        fill(1000);
        try (FileChannel channel = FileChannel.open(image, StandardOpenOption.WRITE)) {
            channel.truncate(8192);
        }
        assertThat(check(SqliteFixture.artifact(image), Depth.QUICK))
                .isInstanceOfSatisfying(
                        Finding.Damaged.class, it -> assertThat(it.what()).contains("cut short"));
    }

    @Test
    void other_content_is_not_a_database() throws Exception {
        Files.writeString(image, "hello ".repeat(100));
        assertThat(check(SqliteFixture.artifact(image), Depth.QUICK)).isInstanceOf(Finding.NotADatabase.class);
        assertThat(check(SqliteFixture.remote(image), Depth.FULL)).isInstanceOf(Finding.NotADatabase.class);
    }

    @Test
    void no_byte_is_an_empty_database() throws Exception {
        Files.createFile(image);
        assertThat(check(SqliteFixture.artifact(image), Depth.FULL)).isEqualTo(new Finding.Sound(Depth.FULL));
    }

    @Test
    void a_cancelled_check_stops_inside_sqlite() throws Exception {
        fill(50_000);
        AtomicInteger looks = new AtomicInteger();
        ProgressMonitor work = new ProgressMonitor() {
            @Override
            public void enter(Phase phase, long totalBytes) {}

            @Override
            public void advance(long bytes) {}

            @Override
            public void checkCancelled() {
                if (looks.incrementAndGet() > 2) {
                    throw new CancelledException();
                }
            }
        };
        assertThatThrownBy(() -> fixture.engine().checks().check(SqliteFixture.artifact(image), Depth.FULL, work))
                .isInstanceOf(CancelledException.class);
        assertThat(looks).hasValue(3);
    }
}
