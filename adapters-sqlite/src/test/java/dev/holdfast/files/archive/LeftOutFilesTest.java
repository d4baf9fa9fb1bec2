package dev.holdfast.files.archive;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.application.archive.Archives.Extent;
import dev.holdfast.application.archive.UnpackResult;
import dev.holdfast.application.operation.ProgressMonitor;
import dev.holdfast.domain.backup.Compression;
import dev.holdfast.domain.backup.Layout;
import dev.holdfast.domain.database.Source;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Files that an archive or a locale cannot hold are left out and reported. */
@Tag("adapter")
class LeftOutFilesTest extends ArchivedSourceFixture {
    @ParameterizedTest
    @EnumSource(names = {"POCKETBASE_ZIP", "DISPATCHARR_TAR_GZ"})
    void links_pipes_and_sockets_are_left_out_and_told(Layout layout) throws Exception {
        Files.createSymbolicLink(storage.resolve("a link"), Path.of("/etc"));
        ArchiveFixture.run("mkfifo", storage.resolve("a pipe").toString());
        ArchiveFixture.python(
                "import socket, sys, os; os.chdir(sys.argv[1]); socket.socket(socket.AF_UNIX).bind('a socket')",
                storage.toString());
        Source source = fixture.source("storage");
        ArchiveFixture.Written written =
                fixture.write(layout, fixture.contents(source, Compression.NONE), ProgressMonitor.UNWATCHED);
        assertThat(written.remark())
                .hasValueSatisfying(it -> assertThat(it)
                        .contains("a link is a symbolic link")
                        .contains("a pipe is no ordinary file")
                        .contains("a socket is no ordinary file"));
        try (UnpackResult.Parts parts = fixture.parts(written.file(), layout, source, Extent.TRIAL)) {
            assertThat(tree(parts.directories().getFirst().staged()))
                    .doesNotContainKeys("a link", "a pipe", "a socket");
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"POCKETBASE_ZIP", "DISPATCHARR_TAR_GZ"})
    void what_has_a_name_that_no_archive_can_hold_is_left_out_and_told(Layout layout) throws Exception {
        ArchiveFixture.python("""
                import sys, os
                os.chdir(sys.argv[1].encode())
                for name in [b'bad\\xff', b'line\\nbreak']:
                    open(name, 'w').close()
                os.mkdir(b'back\\\\slash')
                open(b'back\\\\slash/in it', 'w').close()
                os.makedirs('/'.join(['d'] * 70))
                """, storage.toString());
        Source source = fixture.source("storage");
        ArchiveFixture.Written written =
                fixture.write(layout, fixture.contents(source, Compression.FAST), ProgressMonitor.UNWATCHED);
        assertThat(written.remark())
                .hasValueSatisfying(it -> assertThat(it)
                        .contains("storage/back\\slash\" has a name that holds a backslash")
                        .contains("storage/line?break\" has a name that holds")
                        .contains("and was left out")
                        .doesNotContainPattern("\\p{Cntrl}"));
        assertThat(written.incomplete()).containsExactly(storage);
        try (UnpackResult.Parts parts = fixture.parts(written.file(), layout, source, Extent.TRIAL)) {
            assertThat(tree(parts.directories().getFirst().staged()))
                    .containsKeys("large", "n".repeat(250), "d/d/d")
                    .doesNotContainKeys("back\\slash", "line\nbreak");
        }
    }

    @ParameterizedTest
    @EnumSource
    void names_that_the_servers_locale_does_not_have_are_told_before_a_restore_needs_them(Extent extent)
            throws Exception {
        Path zip = fixture.write(Layout.POCKETBASE_ZIP, fixture.source("storage"));
        String said = ArchiveFixture.run(
                "env",
                "LC_ALL=C",
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                UnpackingProcess.class.getName(),
                root.toString(),
                zip.toString(),
                extent.name());
        assertThat(said).contains("the server's locale has no file of the name").contains("UTF-8");
        if (extent == Extent.RESTORE) {
            assertThat(said).contains("Invalid");
        }
        assertNothingLeft();
    }

    /** Takes an archive of the fixture's source apart. */
    static final class UnpackingProcess {
        private UnpackingProcess() {}

        public static void main(String[] arguments) throws IOException {
            ArchiveFixture fixture = new ArchiveFixture(Path.of(arguments[0]));
            UnpackResult unpacking = fixture.unpack(
                    Path.of(arguments[1]),
                    Layout.POCKETBASE_ZIP,
                    fixture.source("storage"),
                    Extent.valueOf(arguments[2]));
            if (unpacking instanceof UnpackResult.Unpacked(UnpackResult.Parts parts)) {
                System.out.println(parts.obstacle());
                parts.close();
            } else {
                System.out.println(unpacking);
            }
        }
    }
}
