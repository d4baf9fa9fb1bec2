package dev.holdfast.files.archive;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.application.archive.Archives.Extent;
import dev.holdfast.application.archive.UnpackLimits;
import dev.holdfast.application.archive.UnpackResult;
import dev.holdfast.application.operation.CancelledException;
import dev.holdfast.application.operation.ProgressMonitor;
import dev.holdfast.domain.backup.Layout;
import dev.holdfast.domain.database.Source;
import dev.holdfast.domain.operation.Phase;
import dev.holdfast.tree.SiblingPaths;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

@Tag("adapter")
@Tag("slow")
@DisplayNameGeneration(ReplaceUnderscores.class)
class RefusedArchivesTest {
    private static final String ZIP = """
            import zipfile, sys
            z = zipfile.ZipFile(sys.argv[1], 'w', zipfile.ZIP_DEFLATED)
            def add(name, content=b'x', mode=0o100644):
                i = zipfile.ZipInfo(name)
                i.filename = name
                i.external_attr = mode << 16
                z.writestr(i, content)
            add('data.db')
            %s
            z.close()
            """;
    private static final String TAR = """
            import tarfile, sys, io
            t = tarfile.open(sys.argv[1], 'w:gz')
            def add(name, content=b'[\\n', kind=tarfile.REGTYPE, link=''):
                i = tarfile.TarInfo(name)
                i.type = kind
                i.linkname = link
                i.size = len(content)
                t.addfile(i, io.BytesIO(content))
            add('database.json')
            %s
            t.close()
            """;

    @TempDir
    Path root;

    private ArchiveFixture fixture;
    private Source source;
    private Path archive;

    @BeforeEach
    void makeSource() throws IOException {
        fixture = new ArchiveFixture(root);
        Files.createDirectory(fixture.data.resolve("storage"));
        source = fixture.source("storage");
        archive = root.resolve("archive");
    }

    private UnpackResult unpack(Layout layout) throws IOException {
        UnpackResult unpacking = fixture.unpack(archive, layout, source, Extent.RESTORE);
        assertThat(SiblingPaths.left(fixture.data.resolve("storage"))).isEmpty();
        assertThat(fixture.data.resolve("storage")).isEmptyDirectory();
        return unpacking;
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "add('../x')",
                "add('storage/../../x')",
                "add('/etc/x')",
                "add('storage//x')",
                "add('storage/./x')",
                "add('storage\\\\x')",
                "add('C:x')",
                "add('storage/a\\x01b')",
                "add('storage/' + 'n' * 256)",
                "add('storage/' + 'd/' * 64 + 'x')",
                "add('storage/x'); add('storage/x')",
                "add('storage/x'); add('storage/x/y')",
                "add('storage/x/y'); add('storage/x')",
                "add('storage/x', b'', 0o040755)",
                "add('storage/x/', b'', 0o100644)",
                "add('data.db-journal')",
                "z.compression = zipfile.ZIP_LZMA; z.writestr('x', b'y')",
                "z.fp.write(b'gap'); z.start_dir = z.fp.tell(); add('storage/x')",
            })
    void a_zip_that_asks_for_what_none_may_is_unfit(String with) throws Exception {
        ArchiveFixture.python(ZIP.formatted(with), archive.toString());
        assertThat(unpack(Layout.POCKETBASE_ZIP)).isInstanceOf(UnpackResult.Invalid.class);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "add('../x')",
                "add('/etc/x')",
                "add('data/storage/../../x')",
                "add('./data/storage/x')",
                "add('data/storage/x', b'', tarfile.SYMTYPE, '/etc')",
                "add('data/storage/x', b'', tarfile.LNKTYPE, 'database.json')",
                "add('data/storage/x', b'', tarfile.FIFOTYPE)",
                "add('data/storage/x', b'', tarfile.CHRTYPE)",
                "add('data/storage/x', b'', tarfile.GNUTYPE_SPARSE)",
                "add('data/storage/x'); add('data/storage/x')",
                "add('data/storage/x'); add('data/storage/x', b'', tarfile.DIRTYPE)",
                "add('holdfast-manifest.json'); add('later')",
            })
    void a_tar_that_asks_for_what_none_may_is_unfit(String with) throws Exception {
        ArchiveFixture.python(TAR.formatted(with), archive.toString());
        assertThat(unpack(Layout.DISPATCHARR_TAR_GZ)).isInstanceOf(UnpackResult.Invalid.class);
    }

    @Test
    void the_plain_ones_are_taken() throws Exception {
        ArchiveFixture.python(ZIP.formatted("add('storage/x')"), archive.toString());
        try (UnpackResult.Parts parts = fixture.parts(archive, Layout.POCKETBASE_ZIP, source, Extent.RESTORE)) {
            assertThat(parts.directories()).hasSize(1);
        }
        ArchiveFixture.python(TAR.formatted("add('data/storage/x')"), archive.toString());
        try (UnpackResult.Parts parts = fixture.parts(archive, Layout.DISPATCHARR_TAR_GZ, source, Extent.RESTORE)) {
            assertThat(parts.directories()).hasSize(1);
        }
    }

    @ParameterizedTest
    @EnumSource(names = "SQLITE", mode = EnumSource.Mode.EXCLUDE)
    void an_archive_cut_anywhere_or_with_something_before_or_after_it_is_not_taken(Layout layout) throws Exception {
        Files.writeString(fixture.data.resolve("storage/x"), "content");
        byte[] whole = Files.readAllBytes(fixture.write(layout, source));
        for (int length = 0; length < whole.length; length += 7) {
            Files.write(archive, Arrays.copyOf(whole, length));
            assertThat(fixture.unpack(archive, layout, source, Extent.RESTORE))
                    .as("cut to " + length)
                    .isInstanceOfAny(UnpackResult.Damaged.class, UnpackResult.Invalid.class);
        }
        Files.write(archive, Arrays.copyOf(whole, whole.length + 1));
        assertThat(fixture.unpack(archive, layout, source, Extent.RESTORE)).isInstanceOf(UnpackResult.Invalid.class);
        Files.write(archive, new byte[] {1});
        Files.write(archive, whole, java.nio.file.StandardOpenOption.APPEND);
        assertThat(fixture.unpack(archive, layout, source, Extent.RESTORE)).isInstanceOf(UnpackResult.Invalid.class);
    }

    @ParameterizedTest
    @EnumSource(names = "SQLITE", mode = EnumSource.Mode.EXCLUDE)
    void a_flipped_bit_never_changes_what_comes_out(Layout layout) throws Exception {
        Files.writeString(fixture.data.resolve("storage/x"), "content");
        byte[] whole = Files.readAllBytes(fixture.write(layout, source));
        int refused = 0;
        for (int at = 0; at < whole.length; at++) {
            byte[] flipped = whole.clone();
            flipped[at] ^= (byte) (1 << at % 8);
            Files.write(archive, flipped);
            switch (fixture.unpack(archive, layout, source, Extent.CHECK)) {
                case UnpackResult.Unpacked(UnpackResult.Parts parts) -> {
                    try (parts) {
                        assertThat(ArchiveFixture.bytes(
                                        parts.databases().getFirst().image()))
                                .isEqualTo(ArchiveFixture.database("content of app.db"));
                    }
                }
                case UnpackResult.Damaged _, UnpackResult.Invalid _, UnpackResult.TooLarge _ -> refused++;
            }
        }
        assertThat(refused).isGreaterThan(whole.length / 2);
    }

    @Test
    void a_list_that_does_not_fit_is_damage() throws Exception {
        fixture.write(Layout.POCKETBASE_ZIP, source);
        ArchiveFixture.python("""
                import zipfile, sys
                a = zipfile.ZipFile(sys.argv[1])
                z = zipfile.ZipFile(sys.argv[2], 'w')
                for i in a.infolist():
                    if i.filename != 'auxiliary.db':
                        z.writestr(i, a.read(i))
                z.comment = a.comment
                z.close()
                """, root.resolve("a.zip").toString(), archive.toString());
        assertThat(unpack(Layout.POCKETBASE_ZIP))
                .isInstanceOfSatisfying(
                        UnpackResult.Damaged.class,
                        it -> assertThat(it.finding()).contains("auxiliary.db"));
    }

    @Test
    void a_layout_without_its_main_database_is_unfit() throws Exception {
        ArchiveFixture.python(ZIP.replace("add('data.db')", "").formatted("add('other.db')"), archive.toString());
        assertThat(unpack(Layout.POCKETBASE_ZIP)).isInstanceOf(UnpackResult.Invalid.class);
        assertThat(unpack(Layout.DISPATCHARR_ZIP)).isInstanceOf(UnpackResult.Invalid.class);
        ArchiveFixture.python(TAR.replace("add('database.json')", "").formatted("add('x')"), archive.toString());
        assertThat(unpack(Layout.DISPATCHARR_TAR_GZ)).isInstanceOf(UnpackResult.Invalid.class);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{}",
                "no json",
                "{\"database_type\":\"postgresql\",\"database_file\":\"data.db\"}",
                "{\"database_type\":\"sqlite\",\"database_file\":\"../data.db\"}",
                "{\"database_type\":\"sqlite\",\"database_file\":\"missing.db\"}"
            })
    void metadata_of_something_else_is_unfit(String metadata) throws Exception {
        ArchiveFixture.python(ZIP.formatted("add('metadata.json', b'" + metadata + "')"), archive.toString());
        assertThat(unpack(Layout.DISPATCHARR_ZIP)).isInstanceOf(UnpackResult.Invalid.class);
    }

    @Test
    void more_than_the_limits_is_too_large() throws Exception {
        ArchiveFixture.python(ZIP.formatted("add('storage/x', bytes(1000000))"), archive.toString());
        assertTooLarge(Layout.POCKETBASE_ZIP, new UnpackLimits(999_999, 100, 1000));
        assertTooLarge(Layout.POCKETBASE_ZIP, new UnpackLimits(Long.MAX_VALUE, 1, 1000));
        ArchiveFixture.python(TAR.formatted("add('data/storage/x', bytes(1000000))"), archive.toString());
        assertTooLarge(Layout.DISPATCHARR_TAR_GZ, new UnpackLimits(999_999, 100, 1000));
        assertTooLarge(Layout.DISPATCHARR_TAR_GZ, new UnpackLimits(Long.MAX_VALUE, 1, 1000));
    }

    @Test
    void a_bomb_is_noticed_by_its_ratio() throws Exception {
        ArchiveFixture.run(
                "bash",
                "-c",
                "truncate -s 1100M \"$1/manifest.json\" && tar -C \"$1\" -I 'gzip -1' -cf \"$1/archive\" manifest.json",
                "bash",
                root.toString());
        assertTooLarge(Layout.DISPATCHARR_TAR_GZ, new UnpackLimits(Long.MAX_VALUE, 100, 100));
    }

    private void assertTooLarge(Layout layout, UnpackLimits limits) throws IOException {
        assertThat(fixture.unpack(archive, layout, source, Extent.RESTORE, limits))
                .isInstanceOf(UnpackResult.TooLarge.class);
        assertThat(SiblingPaths.left(fixture.data.resolve("storage"))).isEmpty();
    }

    @ParameterizedTest
    @EnumSource(names = "SQLITE", mode = EnumSource.Mode.EXCLUDE)
    void a_cancelled_one_leaves_nothing(Layout layout) throws Exception {
        Path whole = fixture.write(layout, source);
        ProgressMonitor cancelled = new ProgressMonitor() {
            @Override
            public void enter(Phase phase, long totalBytes) {}

            @Override
            public void advance(long bytes) {
                throw new CancelledException();
            }

            @Override
            public void checkCancelled() {}
        };
        assertThatThrownBy(() -> fixture.archives.unpack(
                        ArchiveFixture.artifact(whole), layout, source, Extent.RESTORE, UnpackLimits.NONE, cancelled))
                .isInstanceOf(CancelledException.class);
        assertThat(fixture.scratch).isEmptyDirectory();
        assertThat(SiblingPaths.left(fixture.data.resolve("storage"))).isEmpty();
    }
}
