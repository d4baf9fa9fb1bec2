package dev.holdfast.files.archive;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.application.archive.Archives.Extent;
import dev.holdfast.application.archive.Contents;
import dev.holdfast.application.archive.UnpackResult;
import dev.holdfast.application.operation.ProgressMonitor;
import dev.holdfast.domain.backup.Compression;
import dev.holdfast.domain.backup.Layout;
import dev.holdfast.domain.database.Source;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Archives that lack a database of the source are rejected or restored with a remark. */
@Tag("adapter")
class MissingDatabasesTest extends ArchivedSourceFixture {
    private Source withoutAuxiliary() {
        return new Source(fixture.data.resolve("app.db"), List.of(), List.of(storage));
    }

    @Test
    void an_archive_without_one_of_the_databases_that_are_there_is_not_restored() throws Exception {
        Path zip = fixture.write(Layout.POCKETBASE_ZIP, withoutAuxiliary());
        Files.writeString(fixture.data.resolve("auxiliary.db"), "there");
        Source source = fixture.source("storage");
        assertThat(fixture.unpack(zip, Layout.POCKETBASE_ZIP, source, Extent.RESTORE))
                .isInstanceOfSatisfying(
                        UnpackResult.Invalid.class,
                        it -> assertThat(it.finding()).contains("auxiliary.db").contains("extra-files"));
        assertNothingLeft();
        try (UnpackResult.Parts parts = fixture.parts(zip, Layout.POCKETBASE_ZIP, source, Extent.CHECK)) {
            assertThat(parts.obstacle()).hasValueSatisfying(it -> assertThat(it).contains("auxiliary.db"));
        }
        Files.delete(fixture.data.resolve("auxiliary.db"));
        try (UnpackResult.Parts parts = fixture.parts(zip, Layout.POCKETBASE_ZIP, source, Extent.RESTORE)) {
            assertThat(parts.obstacle()).isEmpty();
            assertThat(parts.remark()).hasValueSatisfying(it -> assertThat(it).contains("auxiliary.db"));
        }
    }

    @Test
    void an_archive_of_a_time_when_a_database_was_missing_is_restored_and_says_so() throws Exception {
        Source source = fixture.source("storage");
        Contents all = fixture.contents(source, Compression.FAST);
        Contents main = new Contents(
                source, all.databases().subList(0, 1), ArchiveFixture.AT, Compression.FAST, true, () -> {});
        Path zip = fixture.write(Layout.POCKETBASE_ZIP, main, ProgressMonitor.UNWATCHED)
                .file();
        Files.writeString(fixture.data.resolve("auxiliary.db"), "there");
        try (UnpackResult.Parts parts = fixture.parts(zip, Layout.POCKETBASE_ZIP, source, Extent.RESTORE)) {
            assertThat(parts.databases()).hasSize(1);
            assertThat(parts.obstacle()).isEmpty();
            assertThat(parts.remark()).hasValueSatisfying(it -> assertThat(it).contains("auxiliary.db"));
        }
    }

    @Test
    void a_zip_of_a_pocketbase_from_before_the_auxiliary_database_is_restored_and_says_so() throws Exception {
        Path zip = root.resolve("pb.zip");
        ArchiveFixture.python("""
                import zipfile, sys
                z = zipfile.ZipFile(sys.argv[1], 'w', zipfile.ZIP_DEFLATED)
                z.writestr('data.db', b'SQLite format 3\\0main')
                z.writestr('logs.db', b'SQLite format 3\\0logs')
                z.close()
                """, zip.toString());
        Files.writeString(fixture.data.resolve("auxiliary.db"), "there");
        try (UnpackResult.Parts parts =
                fixture.parts(zip, Layout.POCKETBASE_ZIP, fixture.source("storage"), Extent.RESTORE)) {
            assertThat(parts.databases()).hasSize(1);
            assertThat(parts.remark())
                    .hasValueSatisfying(
                            it -> assertThat(it).contains("auxiliary.db").contains("logs.db"));
        }
    }
}
