package dev.holdfast.files.archive;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.application.archive.Archives.Extent;
import dev.holdfast.application.archive.UnpackLimits;
import dev.holdfast.application.archive.UnpackResult;
import dev.holdfast.domain.backup.Layout;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Restored files get the owners and modes of the archive or of the target directory. */
@Tag("adapter")
@Tag("root")
class DirectoryOwnersTest extends ArchivedSourceFixture {
    @Test
    void a_staged_directory_looks_like_its_target_and_is_kept_where_it_was_moved() throws Exception {
        Path zip = fixture.write(Layout.POCKETBASE_ZIP, fixture.source("storage"));
        ArchiveFixture.run("chown", "1234:2345", storage.toString());
        ArchiveFixture.run("chmod", "0710", storage.toString());
        Path moved = fixture.data.resolve("moved");
        try (UnpackResult.Parts parts =
                fixture.parts(zip, Layout.POCKETBASE_ZIP, fixture.source("storage"), Extent.RESTORE)) {
            Path staged = parts.directories().getFirst().staged();
            assertThat(ArchiveFixture.run("stat", "-c", "%u:%g %a", staged.toString()))
                    .isEqualTo("1234:2345 710\n");
            assertThat(ArchiveFixture.run("stat", "-c", "%u:%g %a", staged + "/large"))
                    .isEqualTo("1234:2345 751\n");
            Files.move(staged, moved);
        }
        assertThat(moved.resolve("large")).exists();
    }

    private String look(Path file) throws Exception {
        return ArchiveFixture.run("stat", "-c", "%u:%g %a", file.toString()).strip();
    }

    private void dressUp() throws Exception {
        ArchiveFixture.run("mkdir", "-p", storage + "/shared/sub", storage + "/drop ü");
        Files.writeString(storage.resolve("shared/tool"), "tool");
        ArchiveFixture.run("chown", "-R", "1234:2345", storage.toString());
        ArchiveFixture.run("chown", "0:0", storage + "/empty file");
        ArchiveFixture.run("chown", "3000000:2345", storage + "/shared/sub");
        ArchiveFixture.run("chmod", "2775", storage.toString(), storage + "/shared");
        ArchiveFixture.run("chmod", "1777", storage + "/drop ü");
        ArchiveFixture.run("chmod", "6755", storage + "/shared/tool");
    }

    @ParameterizedTest
    @EnumSource(names = {"POCKETBASE_ZIP", "DISPATCHARR_TAR_GZ"})
    void owners_and_the_bits_of_directories_come_back(Layout layout) throws Exception {
        dressUp();
        Path archive = fixture.write(layout, fixture.source("storage"));
        try (UnpackResult.Parts parts = fixture.parts(archive, layout, fixture.source("storage"), Extent.RESTORE)) {
            Path staged = parts.directories().getFirst().staged();
            assertThat(look(staged)).isEqualTo("1234:2345 2775");
            assertThat(look(staged.resolve("large"))).isEqualTo("1234:2345 751");
            assertThat(look(staged.resolve("empty file"))).isEqualTo("0:0 644");
            assertThat(look(staged.resolve("shared"))).isEqualTo("1234:2345 2775");
            assertThat(look(staged.resolve("shared/sub"))).isEqualTo("3000000:2345 755");
            assertThat(look(staged.resolve("drop ü"))).isEqualTo("1234:2345 1777");
            assertThat(look(staged.resolve("shared/tool"))).isEqualTo("1234:2345 755");
        }
        ArchiveFixture.run("chown", "77:78", storage.toString());
        try (UnpackResult.Parts parts = fixture.parts(archive, layout, fixture.source("storage"), Extent.RESTORE)) {
            Path staged = parts.directories().getFirst().staged();
            assertThat(look(staged.resolve("large"))).isEqualTo("77:78 751");
            assertThat(look(staged.resolve("empty file"))).isEqualTo("0:0 644");
            assertThat(look(staged.resolve("shared/sub"))).isEqualTo("3000000:78 755");
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"POCKETBASE_ZIP", "DISPATCHARR_TAR_GZ"})
    void an_archive_from_elsewhere_gives_nothing_to_anybody_but_the_directorys_owner(Layout layout) throws Exception {
        dressUp();
        Path archive = fixture.write(layout, fixture.source("storage"));
        UnpackLimits ofUploads = new UnpackLimits(1 << 30, 10_000, 1000);
        UnpackResult unpacking = fixture.unpack(archive, layout, fixture.source("storage"), Extent.RESTORE, ofUploads);
        try (UnpackResult.Parts parts = ((UnpackResult.Unpacked) unpacking).parts()) {
            Path staged = parts.directories().getFirst().staged();
            assertThat(look(staged)).isEqualTo("1234:2345 2775");
            assertThat(look(staged.resolve("empty file"))).isEqualTo("1234:2345 644");
            assertThat(look(staged.resolve("shared"))).isEqualTo("1234:2345 775");
            assertThat(look(staged.resolve("shared/sub"))).isEqualTo("1234:2345 755");
            assertThat(look(staged.resolve("drop ü"))).isEqualTo("1234:2345 777");
        }
    }
}
