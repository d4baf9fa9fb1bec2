package dev.holdfast.sqlite;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.application.Outcome;
import dev.holdfast.application.operation.FailPoints;
import dev.holdfast.domain.problem.Problem;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Restores onto a file system of 24 MiB. Needs the right to mount one. */
@Tag("adapter")
@Tag("root")
@DisplayNameGeneration(ReplaceUnderscores.class)
class FullDiskTest {
    private static final int CAPACITY = 24 << 20;

    @TempDir
    Path root;

    private Path small;
    private Path target;
    private Path image;

    @BeforeEach
    void mount() throws Exception {
        small = Files.createDirectory(root.resolve("small"));
        Process mount = new ProcessBuilder("mount", "-t", "tmpfs", "-o", "size=" + CAPACITY, "tmpfs", small.toString())
                .redirectErrorStream(true)
                .start();
        String said = new String(mount.getInputStream().readAllBytes(), UTF_8);
        assertThat(mount.waitFor())
                .as("this test has to mount a small tmpfs; run it as root: " + said)
                .isZero();
        target = small.resolve("app.db");
        image = root.resolve("image.db");
        fill(image, "DELETE", 4000);
    }

    @AfterEach
    void unmount() throws Exception {
        assertThat(new ProcessBuilder("umount", small.toString())
                        .inheritIO()
                        .start()
                        .waitFor())
                .isZero();
    }

    private static void fill(Path database, String mode, int rows) throws Exception {
        Shell.run(
                database,
                "PRAGMA journal_mode=" + mode + "; CREATE TABLE t(x);"
                        + "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n WHERE i<" + rows + ")"
                        + " INSERT INTO t SELECT hex(randomblob(1000)) FROM n");
    }

    /** Takes the space away that was there when it was looked for. */
    private void fillUp() {
        try (OutputStream out = Files.newOutputStream(small.resolve("ballast"))) {
            for (long left = Files.getFileStore(small).getUsableSpace() - (2 << 20); left > 0; left -= 1 << 16) {
                out.write(new byte[1 << 16]);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void assertFull(Outcome<?> replaced) {
        assertThat(replaced)
                .isInstanceOfSatisfying(
                        Outcome.Refused.class,
                        it -> assertThat(it.problem()).isInstanceOf(Problem.InsufficientStorage.class));
    }

    @ParameterizedTest
    @ValueSource(strings = {"WAL", "DELETE"})
    void a_disk_that_fills_up_in_the_middle_leaves_the_old_content(String mode) throws Exception {
        fill(target, mode, 1000);
        String before = Shell.run(target, ".dump");
        FailPoints filling = step -> {
            if (step.equals("restore.replacing")) {
                fillUp();
            }
        };
        SqliteFixture fixture = SqliteFixture.in(root, 1 << 20, Duration.ofSeconds(5), filling);
        assertFull(fixture.restore(target, image));
        assertThat(Shell.run(target, ".dump")).isEqualTo(before);
        assertThat(Shell.run(target, "PRAGMA integrity_check")).isEqualTo("ok\n");
    }

    @Test
    void a_missing_target_stays_missing() throws Exception {
        FailPoints filling = step -> {
            if (step.equals("restore.replacing")) {
                fillUp();
            }
        };
        SqliteFixture fixture = SqliteFixture.in(root, 1 << 20, Duration.ofSeconds(5), filling);
        assertFull(fixture.restore(target, image));
        assertThat(SqliteFixture.contents(small)).containsOnlyKeys("ballast");
    }

    @ParameterizedTest
    @ValueSource(strings = {"WAL", "DELETE"})
    void too_little_space_is_seen_before_anything_is_written(String mode) throws Exception {
        fill(target, mode, 1000);
        fillUp();
        byte[] before = Files.readAllBytes(target);
        assertFull(SqliteFixture.in(root).restore(target, image));
        assertThat(Files.readAllBytes(target)).isEqualTo(before);
    }

    /** Not even the wal-index can be made. */
    @ParameterizedTest
    @ValueSource(strings = {"WAL", "DELETE"})
    void without_a_byte_left_the_old_content_stays(String mode) throws Exception {
        fill(target, mode, 1000);
        byte[] before = Files.readAllBytes(target);
        try (OutputStream out = Files.newOutputStream(small.resolve("ballast"))) {
            while (Files.getFileStore(small).getUsableSpace() >= 4096) {
                out.write(new byte[4096]);
            }
        }
        assertFull(SqliteFixture.in(root).restore(target, image));
        assertThat(Files.readAllBytes(target)).isEqualTo(before);
    }

    /** SQLite says that it cannot open the database, when it is the journal or the WAL that cannot be made. */
    @ParameterizedTest
    @ValueSource(strings = {"WAL", "DELETE"})
    void a_disk_with_bytes_but_no_room_for_another_file_is_full(String mode) throws Exception {
        fill(target, mode, 1000);
        String before = Shell.run(target, ".dump");
        assertThat(new ProcessBuilder("mount", "-o", "remount,nr_inodes=2", small.toString())
                        .inheritIO()
                        .start()
                        .waitFor())
                .isZero();
        assertFull(SqliteFixture.in(root).restore(target, image));
        assertThat(new ProcessBuilder("mount", "-o", "remount,nr_inodes=100", small.toString())
                        .inheritIO()
                        .start()
                        .waitFor())
                .isZero();
        assertThat(Shell.run(target, ".dump")).isEqualTo(before);
    }

    @Test
    void the_response_names_the_place_and_the_free_space() throws Exception {
        fill(target, "DELETE", 1000);
        fillUp();
        assertThat(SqliteFixture.in(root).restore(target, image))
                .isInstanceOfSatisfying(
                        Outcome.Refused.class,
                        it -> assertThat(it.problem().detail()).contains(small.toString(), "bytes", "free"));
    }
}
