package dev.holdfast.sqlite;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.application.Outcome;
import dev.holdfast.application.check.ImageChecks.Finding;
import dev.holdfast.application.operation.ProgressMonitor;
import dev.holdfast.domain.backup.Depth;
import dev.holdfast.sqlite.io.Channels;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is kept of a target that is not in order is all there is of it, and never passes for something whole. */
@Tag("adapter")
@DisplayNameGeneration(ReplaceUnderscores.class)
class RestoreOverDamageTest {
    private static final Outcome<Optional<String>> DONE = Outcome.done(Optional.of("kept"));
    private static final int PAGE = 4096;
    private static final int INDEX_HEADER = 96;

    @TempDir
    Path root;

    private Path target;
    private Path sharedMemory;
    private Path image;
    private Path kept;
    private SqliteFixture fixture;

    @BeforeEach
    void files() throws Exception {
        target = Files.createDirectory(root.resolve("live")).resolve("app.db");
        sharedMemory = target.resolveSibling("app.db-shm");
        image = root.resolve("image.db");
        kept = root.resolve("kept");
        fixture = SqliteFixture.in(root);
        Shell.run(image, "CREATE TABLE t(x); INSERT INTO t VALUES ('restored')");
    }

    private void make(String mode, String rows) throws Exception {
        Shell.run(target, "PRAGMA journal_mode=" + mode + "; CREATE TABLE t(x); INSERT INTO t VALUES (" + rows + ")");
    }

    private static void write(Path file, byte[] bytes, long position) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            Channels.write(channel, ByteBuffer.wrap(bytes), position);
        }
    }

    private static byte[] indexHeader(Path sharedMemory) throws IOException {
        return Arrays.copyOf(Files.readAllBytes(sharedMemory), INDEX_HEADER);
    }

    @ParameterizedTest
    @ValueSource(strings = {"WAL", "DELETE"})
    void a_file_without_its_last_page_is_kept_without_it(String mode) throws Exception {
        make(mode, "zeroblob(9000)");
        byte[] found = Arrays.copyOf(Files.readAllBytes(target), (int) Files.size(target) - PAGE);
        Files.write(target, found);
        assertThat(fixture.restore(target, image)).isEqualTo(DONE);
        assertThat(kept).hasBinaryContent(found);
        assertThat(fixture.engine()
                        .checks()
                        .check(SqliteFixture.artifact(kept), Depth.QUICK, ProgressMonitor.UNWATCHED))
                .isInstanceOf(Finding.Damaged.class);
        assertThat(Shell.run(target, "SELECT x FROM t; PRAGMA integrity_check")).isEqualTo("restored\nok\n");
    }

    @ParameterizedTest
    @ValueSource(strings = {"WAL", "DELETE"})
    void what_lies_behind_a_wrong_page_count_is_kept(String mode) throws Exception {
        make(mode, "hex(zeroblob(30000))");
        for (int count : new int[] {3, 0x00ffffff}) {
            write(target, ByteBuffer.allocate(4).putInt(count).array(), 28);
            byte[] found = Files.readAllBytes(target);
            assertThat(fixture.restore(target, image)).isEqualTo(DONE);
            assertThat(kept).hasBinaryContent(found);
            assertThat(Shell.run(target, "SELECT x FROM t")).isEqualTo("restored\n");
            Files.write(target, found);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"WAL", "DELETE"})
    void an_error_leaves_nobody_locked_out(String mode) throws Exception {
        make(mode, "1");
        try (Shell other = Shell.open(target)) {
            assertThat(other.say("SELECT x FROM t")).isEqualTo("1\n");
            assertThatThrownBy(() -> fixture.replace(
                            target,
                            SqliteFixture.artifact(image),
                            current -> {
                                throw new OutOfMemoryError("as it were");
                            },
                            ProgressMonitor.UNWATCHED))
                    .isInstanceOf(OutOfMemoryError.class);
            assertThat(other.say("UPDATE t SET x = 2; SELECT x FROM t")).isEqualTo("2\n");
            assertThat(fixture.restore(target, image)).isEqualTo(DONE);
            assertThat(other.say("SELECT x FROM t")).isEqualTo("restored\n");
        }
        assertThat(Shell.run(kept, "SELECT x FROM t")).isEqualTo("2\n");
    }

    /** A writer that dies between its last frame and the index: whoever reads does not see it, and may write over it. */
    @Test
    void a_commit_that_the_index_does_not_know_is_none() throws Exception {
        make("WAL", "1");
        try (Shell other = Shell.open(target)) {
            other.say("UPDATE t SET x = 2");
            byte[] before = indexHeader(sharedMemory);
            other.say("UPDATE t SET x = 3");
            write(sharedMemory, before, 0);
            assertThat(other.say("SELECT x FROM t")).isEqualTo("2\n");

            assertThat(Shell.run(fixture.copy(target, "snapshot"), "SELECT x FROM t"))
                    .isEqualTo("2\n");
            assertThat(fixture.restore(target, image)).isEqualTo(DONE);
            assertThat(other.say("SELECT x FROM t")).isEqualTo("restored\n");
        }
        assertThat(Shell.run(kept, "SELECT x FROM t")).isEqualTo("2\n");
    }

    /** A writer that dies while it writes the index: SQLite recovers it under the very lock that a restore needs. */
    @Test
    void a_half_written_index_lets_nobody_in_between() throws Exception {
        make("WAL", "1");
        List<String> answers = new ArrayList<>();
        try (Shell other = Shell.open(target)) {
            other.say("UPDATE t SET x = 2");
            byte[] header = indexHeader(sharedMemory);
            header[8]++;
            write(sharedMemory, header, 0);
            Outcome<Optional<String>> restored = fixture.replace(
                    target,
                    SqliteFixture.artifact(image),
                    current -> {
                        answers.add(said(other, "UPDATE t SET x = 3"));
                        return fixture.keep(current);
                    },
                    ProgressMonitor.UNWATCHED);
            assertThat(restored).isEqualTo(DONE);
            assertThat(answers).singleElement().asString().contains("database is locked");
        }
        assertThat(Shell.run(kept, "SELECT x FROM t")).isEqualTo("2\n");
    }

    private static String said(Shell shell, String sql) {
        try {
            return shell.say(sql);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
