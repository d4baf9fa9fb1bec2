package dev.holdfast.files.archive;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.application.archive.Contents;
import dev.holdfast.application.operation.ProgressMonitor;
import dev.holdfast.domain.backup.Compression;
import dev.holdfast.domain.backup.Layout;
import dev.holdfast.domain.database.Source;
import dev.holdfast.domain.operation.Phase;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@Tag("adapter")
@DisplayNameGeneration(ReplaceUnderscores.class)
class WritingTest {
    @TempDir
    Path root;

    private ArchiveFixture fixture;
    private Path storage;

    @BeforeEach
    void makeSource() throws IOException {
        fixture = new ArchiveFixture(root);
        storage = Files.createDirectories(fixture.data.resolve("storage"));
        Files.writeString(storage.resolve("a"), "first");
        Files.createDirectory(storage.resolve("empty"));
    }

    @ParameterizedTest
    @EnumSource
    void a_zip_of_a_pocketbase_opens_with_other_tools(Compression compression) throws Exception {
        Source source = fixture.source("storage");
        Path zip = fixture.write(
                        Layout.POCKETBASE_ZIP, fixture.contents(source, compression), ProgressMonitor.UNWATCHED)
                .file();
        assertThat(ArchiveFixture.run("unzip", "-t", zip.toString())).contains("No errors detected");
        assertThat(ArchiveFixture.run("zipinfo", "-1", zip.toString()).lines())
                .containsExactly(
                        "data.db", "auxiliary.db", "storage/", "storage/a", "storage/empty/", "holdfast-manifest.json");
        assertThat(ArchiveFixture.python("""
                        import zipfile, sys, json, hashlib
                        z = zipfile.ZipFile(sys.argv[1])
                        assert z.testzip() is None
                        m = z.read('holdfast-manifest.json')
                        assert z.comment.decode() == 'holdfast-manifest sha256:' + hashlib.sha256(m).hexdigest()
                        for x in json.loads(m)['members']:
                            b = z.read(x['name'])
                            if not x['name'].endswith('/'):
                                assert x['size'] == len(b) and x['sha256'] == hashlib.sha256(b).hexdigest()
                            print(x['name'])
                        """, zip.toString()).lines()).hasSize(5);
    }

    @Test
    void a_dispatcharr_zip_is_the_database_and_what_describes_it() throws Exception {
        Path zip = fixture.write(Layout.DISPATCHARR_ZIP, Source.of(fixture.data.resolve("dispatcharr.db")));
        assertThat(ArchiveFixture.run("unzip", "-t", zip.toString())).contains("No errors detected");
        assertThat(ArchiveFixture.python("""
                        import zipfile, sys, json, hashlib
                        z = zipfile.ZipFile(sys.argv[1])
                        print(z.namelist())
                        m = json.loads(z.read('metadata.json'))
                        d = z.read(m['database_file'])
                        assert m.pop('holdfast') == {'size': len(d), 'sha256': hashlib.sha256(d).hexdigest()}
                        print(json.dumps(m))
                        """, zip.toString())).isEqualTo("""
                        ['database.sqlite3', 'metadata.json']
                        {"format": "dispatcharr-backup", "version": 2, "database_type": "sqlite", \
                        "database_file": "database.sqlite3", "created_at": "2026-04-13T14:25:30.123456+00:00"}
                        """);
    }

    @ParameterizedTest
    @EnumSource
    void a_dispatcharr_tar_opens_with_other_tools(Compression compression) throws Exception {
        Source source = new Source(
                fixture.data.resolve("dispatcharr.db"), List.of(), List.of(storage, fixture.data.resolve("plugins")));
        ArchiveFixture.Written written = fixture.write(
                Layout.DISPATCHARR_TAR_GZ, fixture.contents(source, compression), ProgressMonitor.UNWATCHED);
        String tar = written.file().toString();
        assertThat(written.remark()).hasValue("plugins is missing");
        assertThat(ArchiveFixture.run("gzip", "-t", tar)).isEmpty();
        assertThat(ArchiveFixture.run("tar", "-tzf", tar).lines())
                .containsExactly(
                        "database.json",
                        "manifest.json",
                        "data/",
                        "data/storage/",
                        "data/storage/a",
                        "data/storage/empty/",
                        "holdfast-manifest.json");
        assertThat(ArchiveFixture.python("""
                        import tarfile, sys, json, hashlib
                        t = tarfile.open(sys.argv[1])
                        m = json.load(t.extractfile('manifest.json'))
                        print(m['created_at'], m['data_directories'] == [sys.argv[2]], len(m['missing_directories']))
                        for x in json.load(t.extractfile('holdfast-manifest.json'))['members']:
                            if not x['name'].endswith('/'):
                                b = t.extractfile(x['name']).read()
                                assert x['size'] == len(b) and x['sha256'] == hashlib.sha256(b).hexdigest()
                        """, tar, storage.toString())).isEqualTo("2026-04-13T14:25:30+00:00 True 1\n");
    }

    @Test
    void the_directories_are_read_after_the_databases() throws IOException {
        Source source = fixture.source("storage");
        Contents contents = fixture.contents(source, Compression.FAST);
        Contents telling =
                new Contents(source, contents.databases(), ArchiveFixture.AT, Compression.FAST, false, () -> {
                    try {
                        Files.writeString(storage.resolve("z"), "new");
                    } catch (IOException e) {
                        throw new UncheckedIOException(e);
                    }
                });
        Path zip = fixture.write(Layout.POCKETBASE_ZIP, telling, ProgressMonitor.UNWATCHED)
                .file();
        assertThat(new String(Files.readAllBytes(zip), UTF_8)).contains("storage/z");
    }

    @Test
    void all_bytes_are_announced_and_reported() throws IOException {
        byte[] large = new byte[5_000_000];
        new Random(1).nextBytes(large);
        Files.write(storage.resolve("large"), large);
        for (Layout layout : List.of(Layout.POCKETBASE_ZIP, Layout.DISPATCHARR_TAR_GZ)) {
            List<Long> reported = new ArrayList<>();
            Watch watch = new Watch(reported::add);
            fixture.write(layout, fixture.contents(fixture.source("storage"), Compression.FAST), watch);
            assertThat(watch.total).isGreaterThan(5_000_000);
            assertThat(reported.stream().mapToLong(it -> it).sum()).isEqualTo(watch.total);
        }
    }

    /** Does something at each report. */
    private static final class Watch implements ProgressMonitor {
        private final java.util.function.LongConsumer then;
        private long total;

        private Watch(java.util.function.LongConsumer then) {
            this.then = then;
        }

        @Override
        public void enter(Phase phase, long totalBytes) {
            assertThat(phase).isEqualTo(Phase.COPYING);
            total = totalBytes;
        }

        @Override
        public void advance(long bytes) {
            then.accept(bytes);
        }

        @Override
        public void checkCancelled() {}
    }

    @ParameterizedTest
    @EnumSource(names = {"POCKETBASE_ZIP", "DISPATCHARR_TAR_GZ"})
    void a_file_that_changes_while_it_is_read_is_noted(Layout layout) throws Exception {
        Path growing = Files.write(storage.resolve("growing"), new byte[3 << 20]);
        Path shrinking = Files.write(storage.resolve("shrinking"), new byte[3 << 20]);
        Path vanishing = Files.write(storage.resolve("vanishing"), new byte[10]);
        boolean[] done = {false};
        Watch watch = new Watch(bytes -> {
            if (bytes >= 1 << 20 && !done[0]) {
                done[0] = true;
                try {
                    Files.write(growing, new byte[100], StandardOpenOption.APPEND);
                    Files.write(shrinking, new byte[5]);
                    Files.delete(vanishing);
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            }
        });
        ArchiveFixture.Written written =
                fixture.write(layout, fixture.contents(fixture.source("storage"), Compression.FAST), watch);
        String remark = written.remark().orElseThrow();
        assertThat(remark)
                .contains("storage/growing changed while it was read")
                .contains("storage/vanishing was removed before it was read");
        String file = written.file().toString();
        if (layout == Layout.POCKETBASE_ZIP) {
            ArchiveFixture.run("unzip", "-t", file);
        } else {
            ArchiveFixture.run("tar", "-tzf", file);
        }
    }
}
