package dev.holdfast.files.archive;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.application.archive.Archives.Extent;
import dev.holdfast.application.archive.UnpackResult;
import dev.holdfast.application.operation.ProgressMonitor;
import dev.holdfast.domain.backup.Compression;
import dev.holdfast.domain.backup.Layout;
import dev.holdfast.domain.database.Source;
import dev.holdfast.tree.SiblingPaths;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Databases and directories come back from each layout as they were archived. */
@Tag("adapter")
class RoundTripTest extends ArchivedSourceFixture {
    @ParameterizedTest
    @CsvSource({
        "POCKETBASE_ZIP, TRIAL",
        "POCKETBASE_ZIP, RESTORE",
        "DISPATCHARR_TAR_GZ, TRIAL",
        "DISPATCHARR_TAR_GZ, RESTORE"
    })
    void directories_come_back_as_they_were(Layout layout, Extent extent) throws Exception {
        Source source = fixture.source("storage");
        Map<String, String> before = tree(storage);
        Path archive = fixture.write(layout, source);
        try (UnpackResult.Parts parts = fixture.parts(archive, layout, source, extent)) {
            assertThat(parts.remark()).isEmpty();
            assertThat(parts.directories()).singleElement().satisfies(it -> {
                assertThat(it.target()).isEqualTo(storage);
                assertThat(tree(it.staged())).isEqualTo(before);
                if (extent == Extent.RESTORE) {
                    assertThat(SiblingPaths.left(storage)).containsExactly(it.staged());
                }
            });
            assertThat(ArchiveFixture.bytes(parts.databases().getFirst().image()))
                    .isEqualTo(ArchiveFixture.database("content of app.db"));
        }
        assertNothingLeft();
    }

    @Test
    void the_databases_come_back_in_the_order_of_the_source() throws Exception {
        Source source = fixture.source("storage");
        Path zip = fixture.write(Layout.POCKETBASE_ZIP, source);
        try (UnpackResult.Parts parts = fixture.parts(zip, Layout.POCKETBASE_ZIP, source, Extent.CHECK)) {
            assertThat(parts.databases())
                    .extracting(UnpackResult.DatabasePart::target)
                    .containsExactly(source.main(), source.extraFiles().getFirst());
            assertThat(parts.directories()).isEmpty();
        }
        assertNothingLeft();
    }

    @Test
    void a_dispatcharr_zip_comes_back() throws Exception {
        Source source = Source.of(fixture.data.resolve("dispatcharr.db"));
        Path zip = fixture.write(Layout.DISPATCHARR_ZIP, source);
        try (UnpackResult.Parts parts = fixture.parts(zip, Layout.DISPATCHARR_ZIP, source, Extent.RESTORE)) {
            assertThat(parts.remark()).isEmpty();
            assertThat(ArchiveFixture.bytes(parts.databases().getFirst().image()))
                    .isEqualTo(ArchiveFixture.database("content of dispatcharr.db"));
        }
        assertNothingLeft();
    }

    @ParameterizedTest
    @EnumSource
    void a_layout_is_recognised_by_content(Layout layout) throws Exception {
        Path file = root.resolve("backup");
        if (layout == Layout.SQLITE) {
            Files.write(file, ArchiveFixture.database(""));
        } else {
            Files.move(fixture.write(layout, fixture.source("storage")), file);
        }
        assertThat(fixture.archives.recognise(ArchiveFixture.artifact(file))).hasValue(layout);
        Files.writeString(file, "PK or something else");
        assertThat(fixture.archives.recognise(ArchiveFixture.artifact(file))).isEmpty();
        Files.write(file, new byte[] {0x1f, (byte) 0x8b, 8, 0, 0, 0, 0, 0, 0, 3, 1});
        assertThat(fixture.archives.recognise(ArchiveFixture.artifact(file))).isEmpty();
    }

    @Test
    void a_zip_that_a_pocketbase_made_is_taken() throws Exception {
        Path zip = root.resolve("pb.zip");
        ArchiveFixture.python("""
                import zipfile, sys
                z = zipfile.ZipFile(sys.argv[1], 'w', zipfile.ZIP_DEFLATED)
                z.writestr('auxiliary.db', b'SQLite format 3\\0aux')
                z.writestr('auxiliary.db-shm', b'x' * 32768)
                z.writestr('auxiliary.db-wal', b'')
                z.writestr('data.db', b'SQLite format 3\\0main')
                z.writestr('data.db-shm', b'x' * 32768)
                z.writestr('data.db-wal', b' and log')
                z.writestr('holdfast-manifest.json', b'{"stale":true}')
                z.writestr('storage/c/r/f.png', b'png')
                z.writestr('types.d.ts', b'x')
                z.close()
                """, zip.toString());
        Source source =
                new Source(fixture.data.resolve("data.db"), List.of(fixture.data.resolve("aux.db")), List.of(storage));
        try (UnpackResult.Parts parts = fixture.parts(zip, Layout.POCKETBASE_ZIP, source, Extent.RESTORE)) {
            assertThat(new String(
                            ArchiveFixture.bytes(parts.databases().getFirst().image()), UTF_8))
                    .isEqualTo("SQLite format 3\0main and log");
            assertThat(parts.databases().get(1).target()).isEqualTo(fixture.data.resolve("aux.db"));
            assertThat(parts.directories().getFirst().staged().resolve("c/r/f.png"))
                    .hasContent("png");
            assertThat(parts.remark())
                    .hasValueSatisfying(it ->
                            assertThat(it).contains("holdfast-manifest.json").contains("types.d.ts"));
        }
        assertNothingLeft();
    }

    @Test
    void what_a_pocketbase_archived_nothing_of_was_empty_then_and_is_emptied() throws Exception {
        Path zip = root.resolve("pb.zip");
        ArchiveFixture.python("""
                import zipfile, sys
                z = zipfile.ZipFile(sys.argv[1], 'w', zipfile.ZIP_DEFLATED)
                z.writestr('data.db', b'SQLite format 3\\0main')
                z.writestr('auxiliary.db', b'SQLite format 3\\0aux')
                link = zipfile.ZipInfo('storage_link')
                link.create_system, link.external_attr = 3, 0o120777 << 16
                z.writestr(link, b'/etc')
                z.close()
                """, zip.toString());
        Path elsewhere = Files.createDirectory(root.resolve("elsewhere"));
        Source source = new Source(
                fixture.data.resolve("data.db"),
                List.of(fixture.data.resolve("auxiliary.db")),
                List.of(storage, elsewhere));
        try (UnpackResult.Parts parts = fixture.parts(zip, Layout.POCKETBASE_ZIP, source, Extent.RESTORE)) {
            assertThat(parts.directories()).singleElement().satisfies(it -> {
                assertThat(it.target()).isEqualTo(storage);
                assertThat(it.staged()).isEmptyDirectory();
            });
            assertThat(parts.remark())
                    .hasValueSatisfying(it -> assertThat(it)
                            .contains("nothing of the directory storage")
                            .contains("does not hold the directory elsewhere")
                            .contains("storage_link"));
        }
        assertNothingLeft();
    }

    @Test
    void a_directory_that_was_not_there_when_it_was_archived_is_emptied_by_a_restore() throws Exception {
        Path later = fixture.data.resolve("later");
        Path zip = fixture.write(
                        Layout.POCKETBASE_ZIP,
                        fixture.contents(fixture.source("later"), Compression.NONE),
                        ProgressMonitor.UNWATCHED)
                .file();
        Files.writeString(Files.createDirectory(later).resolve("file"), "of later");
        try (UnpackResult.Parts parts =
                fixture.parts(zip, Layout.POCKETBASE_ZIP, fixture.source("later"), Extent.RESTORE)) {
            assertThat(parts.directories())
                    .singleElement()
                    .satisfies(it -> assertThat(it.staged()).isEmptyDirectory());
            assertThat(parts.remark())
                    .hasValueSatisfying(it -> assertThat(it).contains("nothing of the directory later"));
        }
        assertNothingLeft();
    }

    @Test
    void an_empty_directory_is_staged_and_one_that_is_not_in_the_archive_is_not() throws Exception {
        Files.createDirectory(fixture.data.resolve("empty"));
        Path zip = fixture.write(Layout.POCKETBASE_ZIP, fixture.source("empty"));
        try (UnpackResult.Parts parts =
                fixture.parts(zip, Layout.POCKETBASE_ZIP, fixture.source("storage", "empty"), Extent.RESTORE)) {
            assertThat(parts.directories()).singleElement().satisfies(it -> {
                assertThat(it.target()).isEqualTo(fixture.data.resolve("empty"));
                assertThat(it.staged()).isEmptyDirectory();
            });
        }
    }

    @Test
    void the_databases_of_the_source_are_not_opened_as_files() throws Exception {
        Files.writeString(fixture.data.resolve("app.db-wal"), "log");
        Files.writeString(fixture.data.resolve("app.db"), "database");
        Source source = new Source(fixture.data.resolve("app.db"), List.of(), List.of(fixture.data));
        ArchiveFixture.Written written = fixture.write(
                Layout.POCKETBASE_ZIP, fixture.contents(source, Compression.FAST), ProgressMonitor.UNWATCHED);
        assertThat(ArchiveFixture.run("zipinfo", "-1", written.file().toString()))
                .contains("data/storage/large")
                .doesNotContain("data/app.db");
    }
}
