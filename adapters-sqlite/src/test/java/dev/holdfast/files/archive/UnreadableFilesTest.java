package dev.holdfast.files.archive;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.application.archive.Archives.Extent;
import dev.holdfast.application.archive.UnpackResult;
import dev.holdfast.application.operation.ProgressMonitor;
import dev.holdfast.domain.backup.Compression;
import dev.holdfast.domain.backup.Layout;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Files that the server may not read are left out of the archive and reported. */
@Tag("adapter")
@Tag("root")
class UnreadableFilesTest extends ArchivedSourceFixture {
    @ParameterizedTest
    @EnumSource(names = {"POCKETBASE_ZIP", "DISPATCHARR_TAR_GZ"})
    void what_the_server_may_not_read_is_left_out_and_told(Layout layout) throws Exception {
        Path secret = Files.writeString(storage.resolve("secret"), "secret");
        Path closed = Files.createDirectory(storage.resolve("closed"));
        Files.writeString(closed.resolve("in it"), "secret");
        Path unlisted = Files.createDirectory(storage.resolve("unlisted"));
        Files.writeString(unlisted.resolve("in it"), "secret");
        Files.setPosixFilePermissions(secret, PosixFilePermissions.fromString("---------"));
        Files.setPosixFilePermissions(closed, PosixFilePermissions.fromString("---------"));
        Files.setPosixFilePermissions(unlisted, PosixFilePermissions.fromString("r--------"));

        // Even root may only read these while it has two capabilities.
        String said = ArchiveFixture.run(
                "setpriv",
                "--bounding-set=-dac_override,-dac_read_search",
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                WritingProcess.class.getName(),
                root.toString(),
                layout.name());

        assertThat(said)
                .contains("secret cannot be read (permission denied) and was left out")
                .contains("closed cannot be read (permission denied) and was left out")
                .contains("unlisted/in it cannot be read (permission denied) and was left out")
                .contains("incomplete: [" + storage + "]");
        Path archive = root.resolve(layout == Layout.DISPATCHARR_TAR_GZ ? "a.tar.gz" : "a.zip");
        try (UnpackResult.Parts parts = fixture.parts(archive, layout, fixture.source("storage"), Extent.TRIAL)) {
            assertThat(tree(parts.directories().getFirst().staged()))
                    .containsKeys("large", "unlisted")
                    .doesNotContainKeys("secret", "closed", "unlisted/in it");
        }
    }

    /** Writes an archive of the fixture's source. */
    static final class WritingProcess {
        private WritingProcess() {}

        public static void main(String[] arguments) throws IOException {
            ArchiveFixture fixture = new ArchiveFixture(Path.of(arguments[0]));
            ArchiveFixture.Written written = fixture.write(
                    Layout.valueOf(arguments[1]),
                    fixture.contents(fixture.source("storage"), Compression.FAST),
                    ProgressMonitor.UNWATCHED);
            System.out.println(written.remark().orElse("") + "\nincomplete: " + written.incomplete());
        }
    }
}
