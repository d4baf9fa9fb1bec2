package dev.holdfast.sqlite;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.application.operation.CancelledException;
import dev.holdfast.application.operation.ProgressMonitor;
import dev.holdfast.domain.operation.Phase;
import dev.holdfast.sqlite.dump.SqliteDatabaseConverter;
import dev.holdfast.testkit.JavaProcess;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Tag("adapter")
@Tag("slow")
@DisplayNameGeneration(ReplaceUnderscores.class)
class DumpStreamTest {
    @TempDir
    Path root;

    private Path filled(int rows) throws Exception {
        Path database = root.resolve("app.db");
        Shell.run(
                database,
                "CREATE TABLE app_item(id INTEGER PRIMARY KEY, name TEXT, size REAL, note TEXT, at INTEGER);"
                        + "CREATE INDEX by_name ON app_item(name);"
                        + "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n WHERE i<" + rows + ")"
                        + " INSERT INTO app_item SELECT i, 'item ' || i, i * 0.25, hex(i * 77), i * 1000003 FROM n");
        return database;
    }

    @Test
    void a_million_rows_go_through_a_small_heap() throws Exception {
        Path database = filled(1_000_000);
        Path again = root.resolve("again.db");
        Process process = JavaProcess.start(
                List.of("-Xmx64m"),
                DumpThereAndBack.class,
                List.of(database.toString(), root.resolve("dump.json").toString(), again.toString()));
        String line = process.inputReader().readLine();
        assertThat(line).startsWith("done ");
        System.out.println("a million rows, milliseconds to dump and to load: " + line);
        process.onExit().join();
        assertThat(Shell.run(again, ".sha3sum --schema")).isEqualTo(Shell.run(database, ".sha3sum --schema"));
    }

    /** Lets {@code bytes} pass, then cancels. */
    private record CancelledAfter(long bytes, AtomicLong seen) implements ProgressMonitor {
        @Override
        public void enter(Phase phase, long totalBytes) {
            throw new AssertionError("phases are the caller's");
        }

        @Override
        public void advance(long bytes) {
            seen.addAndGet(bytes);
            checkCancelled();
        }

        @Override
        public void checkCancelled() {
            if (seen.get() > bytes) {
                throw new CancelledException();
            }
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {-1, 0, 2_000_000})
    void a_cancelled_dump_stops(long bytes) throws Exception {
        Path database = filled(100_000);
        AtomicLong seen = new AtomicLong();
        assertThatThrownBy(() -> new SqliteDatabaseConverter()
                        .dump(database, OutputStream.nullOutputStream(), new CancelledAfter(bytes, seen)))
                .isInstanceOf(CancelledException.class);
        assertThat(seen.get()).isLessThan(bytes + 1_000_000);
    }

    @ParameterizedTest
    @ValueSource(longs = {-1, 0, 2_000_000})
    void a_cancelled_load_stops_and_leaves_nothing(long bytes) throws Exception {
        Path dump = new Forms(root).dump(filled(100_000), "dump.json");
        Path again = Files.createDirectory(root.resolve("fresh")).resolve("again.db");
        AtomicLong seen = new AtomicLong();
        try (InputStream in = Files.newInputStream(dump)) {
            assertThatThrownBy(() -> new SqliteDatabaseConverter().load(in, again, new CancelledAfter(bytes, seen)))
                    .isInstanceOf(CancelledException.class);
        }
        assertThat(seen.get()).isLessThan(bytes + 1_000_000);
        assertThat(root.resolve("fresh")).isEmptyDirectory();
    }

    @Test
    void a_load_that_is_cancelled_while_an_index_is_made_stops_inside_sqlite() throws Exception {
        Path dump = new Forms(root).dump(filled(100_000), "dump.json");
        Path again = Files.createDirectory(root.resolve("fresh")).resolve("again.db");
        AtomicLong looksAfterTheEnd = new AtomicLong(-1);
        ProgressMonitor work = new ProgressMonitor() {
            @Override
            public void enter(Phase phase, long totalBytes) {}

            @Override
            public void advance(long bytes) {}

            @Override
            public void checkCancelled() {
                // The end is read after the last row; what looks then is SQLite.
                if (looksAfterTheEnd.get() >= 0 && looksAfterTheEnd.incrementAndGet() > 3) {
                    throw new CancelledException();
                }
            }
        };
        try (InputStream in = new FilterInputStream(Files.newInputStream(dump)) {
            @Override
            public int read(byte[] into, int offset, int length) throws IOException {
                int count = super.read(into, offset, length);
                if (count < 0) {
                    looksAfterTheEnd.set(0);
                }
                return count;
            }
        }) {
            assertThatThrownBy(() -> new SqliteDatabaseConverter().load(in, again, work))
                    .isInstanceOf(CancelledException.class);
        }
        assertThat(looksAfterTheEnd).hasValue(4);
        assertThat(root.resolve("fresh")).isEmptyDirectory();
    }

    @Test
    void what_passes_is_reported_to_the_byte() throws Exception {
        Path database = filled(10_000);
        AtomicLong out = new AtomicLong();
        Path dump = root.resolve("dump.json");
        try (OutputStream stream = Files.newOutputStream(dump)) {
            new SqliteDatabaseConverter().dump(database, stream, new CancelledAfter(Long.MAX_VALUE, out));
        }
        assertThat(out).hasValue(Files.size(dump));
        AtomicLong in = new AtomicLong();
        try (InputStream stream = Files.newInputStream(dump)) {
            new SqliteDatabaseConverter()
                    .load(stream, root.resolve("again.db"), new CancelledAfter(Long.MAX_VALUE, in));
        }
        assertThat(in).hasValue(Files.size(dump));
    }
}
