package dev.holdfast.files.archive;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.application.archive.Archives.Extent;
import dev.holdfast.application.archive.UnpackLimits;
import dev.holdfast.application.archive.UnpackResult;
import dev.holdfast.application.operation.ProgressMonitor;
import dev.holdfast.domain.backup.Compression;
import dev.holdfast.domain.backup.Layout;
import dev.holdfast.domain.database.Source;
import dev.holdfast.domain.operation.Phase;
import java.io.BufferedOutputStream;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("adapter")
@DisplayNameGeneration(ReplaceUnderscores.class)
class ManyFilesTest {
    private static final int FILES = 100_000;
    private static final long MOST_HEAP = 32 << 20;

    @TempDir
    Path root;

    @Test
    void a_hundred_thousand_files_take_little_memory() throws Exception {
        ArchiveFixture fixture = new ArchiveFixture(root);
        Path storage = fixture.data.resolve("storage");
        for (int folder = 0; folder < FILES / 100; folder++) {
            Path made = Files.createDirectories(storage.resolve("collection/record" + folder));
            for (int i = 0; i < 100; i++) {
                Files.createFile(made.resolve("file_with_a_name_of_some_length_" + i + ".png"));
            }
        }
        Source source = fixture.source("storage");
        long before = live();
        Peak writing = new Peak();
        Path zip = root.resolve("a.zip");
        try (var out = new PeakAtEachMebibyte(Files.newOutputStream(zip), writing)) {
            fixture.archives.write(
                    Layout.POCKETBASE_ZIP, fixture.contents(source, Compression.FAST), out, ProgressMonitor.UNWATCHED);
        }
        assertThat(writing.most - before).isBetween(1L, MOST_HEAP);
        Peak reading = new Peak();
        UnpackResult unpacking = fixture.archives.unpack(
                ArchiveFixture.artifact(zip), Layout.POCKETBASE_ZIP, source, Extent.CHECK, UnpackLimits.NONE, reading);
        assertThat(reading.most - before).isBetween(1L, MOST_HEAP);
        assertThat(unpacking)
                .isInstanceOfSatisfying(
                        UnpackResult.Unpacked.class, it -> it.parts().close());
    }

    private static long live() {
        System.gc();
        return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
    }

    private static final class PeakAtEachMebibyte extends FilterOutputStream {
        private final Peak peak;
        private long written;

        PeakAtEachMebibyte(OutputStream out, Peak peak) {
            super(new BufferedOutputStream(out, 1 << 16));
            this.peak = peak;
        }

        @Override
        public void write(byte[] bytes, int offset, int length) throws IOException {
            out.write(bytes, offset, length);
            if (written >> 20 != (written += length) >> 20) {
                peak.advance(length);
            }
        }
    }

    /** Looks at what is in use at each report, which comes once a mebibyte; collecting each time would take longer than all else. */
    private static final class Peak implements ProgressMonitor {
        private long most;
        private int reports;

        @Override
        public void enter(Phase phase, long totalBytes) {}

        @Override
        public void advance(long bytes) {
            if (reports++ % 6 == 0) {
                most = Math.max(most, live());
            }
        }

        @Override
        public void checkCancelled() {}
    }
}
