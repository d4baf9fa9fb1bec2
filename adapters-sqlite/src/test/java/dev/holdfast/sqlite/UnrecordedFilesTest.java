package dev.holdfast.sqlite;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.application.Outcome;
import dev.holdfast.application.archive.Archives;
import dev.holdfast.application.archive.Archives.Extent;
import dev.holdfast.application.archive.Contents;
import dev.holdfast.application.archive.PathRestrictions;
import dev.holdfast.application.archive.UnpackLimits;
import dev.holdfast.application.archive.UnpackResult;
import dev.holdfast.application.operation.ProgressMonitor;
import dev.holdfast.application.operation.RemarkedWork;
import dev.holdfast.application.restore.LiveDatabases.Kept;
import dev.holdfast.application.restore.LiveDatabases.NewContent;
import dev.holdfast.application.snapshot.DatabaseImage;
import dev.holdfast.application.snapshot.Snapshot;
import dev.holdfast.domain.backup.Compression;
import dev.holdfast.domain.backup.Layout;
import dev.holdfast.domain.database.Source;
import dev.holdfast.files.archive.FileArchives;
import dev.holdfast.testkit.JavaProcess;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A file that a backup could not record is still there after a restore of that backup. */
@Tag("adapter")
@DisplayNameGeneration(ReplaceUnderscores.class)
class UnrecordedFilesTest {
    @TempDir
    Path root;

    private Path storage;

    @BeforeEach
    void files() throws Exception {
        storage = Files.createDirectories(root.resolve("live/storage"));
        Shell.run(root.resolve("live/data.db"), "CREATE TABLE t(x)");
        Files.writeString(storage.resolve("a"), "recorded");
        Files.createDirectories(storage.resolve("sub"));
        Files.writeString(storage.resolve("sub/b"), "recorded");
    }

    private Source source() {
        return new Source(root.resolve("live/data.db"), List.of(), List.of(storage));
    }

    /** Names that Java cannot write down, and kinds of files that it cannot make. */
    private void python(String script) throws Exception {
        Process python = new ProcessBuilder(
                        "python3", "-c", "import os, socket, sys\nos.chdir(sys.argv[1])\n" + script, storage.toString())
                .redirectErrorStream(true)
                .start();
        python.getOutputStream().close();
        String said = new String(python.getInputStream().readAllBytes(), UTF_8);
        assertThat(python.waitFor()).as(said).isZero();
    }

    private static Archives archives(Path root, SqliteFixture fixture) throws IOException {
        return FileArchives.in(
                root.resolve("server/unpacking"), fixture.engine().forms(), PathRestrictions.NONE);
    }

    /** Backs the source up into {@code backup}; also as a process of its own, in another locale. */
    static final class Writer {
        private Writer() {}

        public static void main(String[] arguments) throws IOException {
            Path root = Path.of(arguments[0]);
            Path storage = root.resolve("live/storage");
            write(root, new Source(root.resolve("live/data.db"), List.of(), List.of(storage)), Layout.POCKETBASE_ZIP);
        }

        static void write(Path root, Source source, Layout layout) throws IOException {
            SqliteFixture fixture = SqliteFixture.in(Files.createDirectories(root.resolve("server")));
            try (Snapshot snapshot = fixture.pin(Source.of(source.main()));
                    OutputStream out = Files.newOutputStream(root.resolve("backup"))) {
                var images = List.of(
                        new DatabaseImage(source.main(), snapshot.images().getFirst()));
                archives(root, fixture)
                        .write(
                                layout,
                                new Contents(source, images, SqliteFixture.NOW, Compression.FAST, true, () -> {}),
                                out,
                                ProgressMonitor.UNWATCHED);
            }
        }
    }

    private void write(Layout layout) throws IOException {
        Writer.write(root, source(), layout);
    }

    private List<String> restore(Layout layout) throws IOException {
        SqliteFixture fixture = SqliteFixture.in(Files.createDirectories(root.resolve("server")));
        var work = new RemarkedWork(ProgressMonitor.UNWATCHED);
        UnpackResult unpacking = archives(root, fixture)
                .unpack(
                        SqliteFixture.artifact(root.resolve("backup")),
                        layout,
                        source(),
                        Extent.RESTORE,
                        UnpackLimits.NONE,
                        work);
        assertThat(unpacking).isInstanceOf(UnpackResult.Unpacked.class);
        try (UnpackResult.Parts parts = ((UnpackResult.Unpacked) unpacking).parts()) {
            assertThat(fixture.engine()
                            .liveDatabases()
                            .replace(
                                    source(),
                                    new NewContent(parts.databases(), parts.directories()),
                                    _ -> Outcome.done(new Kept<>("kept", true)),
                                    work))
                    .isInstanceOf(Outcome.Done.class);
        }
        return work.remarks();
    }

    @ParameterizedTest
    @EnumSource(names = {"POCKETBASE_ZIP", "DISPATCHARR_TAR_GZ"})
    void what_no_archive_can_hold_stays_in_the_live_directory_and_is_named(Layout layout) throws Exception {
        python("""
                open(b'caf\\xe9.txt', 'w').write('latin')
                os.makedirs(b'sub/\\xff\\xfe/deeper')
                open(b'sub/\\xff\\xfe/deeper/text', 'w').write('below')
                os.symlink('a', 'link')
                os.symlink('nowhere', 'sub/dangling')
                os.mkfifo('pipe')
                socket.socket(socket.AF_UNIX).bind('socket')
                open('back\\\\slash', 'w').write('slash')
                os.makedirs('/'.join(['d'] * 70))
                open('/'.join(['d'] * 70) + '/bottom', 'w').write('deep')
                """);
        write(layout);
        Files.writeString(storage.resolve("a"), "changed");
        Files.writeString(storage.resolve("later"), "made after the backup");
        python("os.makedirs('new')\nos.symlink('x', 'new/link')");

        List<String> remarks = restore(layout);

        assertThat(storage.resolve("a")).hasContent("recorded");
        assertThat(storage.resolve("later")).doesNotExist();
        python("""
                assert open(b'caf\\xe9.txt').read() == 'latin'
                assert open(b'sub/\\xff\\xfe/deeper/text').read() == 'below'
                assert os.readlink('link') == 'a' and os.readlink('sub/dangling') == 'nowhere'
                assert os.readlink('new/link') == 'x'
                import stat
                assert stat.S_ISFIFO(os.stat('pipe').st_mode) and stat.S_ISSOCK(os.stat('socket').st_mode)
                assert open('back\\\\slash').read() == 'slash'
                assert open('/'.join(['d'] * 70) + '/bottom').read() == 'deep'
                """);
        assertThat(String.join("\n", remarks)).contains("caf", "link", "pipe", "socket", "back\\slash", "d/d/d");
    }

    /** What an archive could hold by now, but the backup does not: a permission was given, a link became a file. */
    @Test
    void a_file_that_the_backup_left_out_stays_although_it_could_be_recorded_now() throws Exception {
        python("os.symlink('a', 'then a link')");
        write(Layout.POCKETBASE_ZIP);
        python("os.remove('then a link')\nopen('then a link', 'w').write('now a file')\nopen('later', 'w').close()");

        assertThat(restore(Layout.POCKETBASE_ZIP)).singleElement().asString().contains("then a link");

        assertThat(storage.resolve("then a link")).hasContent("now a file");
        assertThat(storage.resolve("later")).doesNotExist();
    }

    @Test
    void a_backup_without_a_locale_does_not_take_umlauts_out_of_the_live_directory() throws Exception {
        Files.writeString(storage.resolve("grüße.txt"), "hello");
        Files.createDirectories(storage.resolve("süß"));
        Files.writeString(storage.resolve("süß/plain"), "sweet");
        ProcessBuilder writer = new ProcessBuilder(
                        JavaProcess.command(List.of(), Writer.class, List.of(root.toString())))
                .redirectError(ProcessBuilder.Redirect.INHERIT);
        writer.environment().put("LC_ALL", "C");
        Process process = writer.start();
        process.getInputStream().readAllBytes();
        assertThat(process.waitFor()).isZero();

        assertThat(restore(Layout.POCKETBASE_ZIP)).singleElement().asString().contains("grüße.txt", "süß");

        assertThat(storage.resolve("grüße.txt")).hasContent("hello");
        assertThat(storage.resolve("süß/plain")).hasContent("sweet");
    }

    @Test
    void where_the_backup_holds_another_file_of_the_name_the_former_one_stays_aside_and_is_named() throws Exception {
        write(Layout.POCKETBASE_ZIP);
        python("os.remove('a')\nos.symlink('elsewhere', 'a')");

        List<String> remarks = restore(Layout.POCKETBASE_ZIP);

        assertThat(storage.resolve("a")).hasContent("recorded");
        assertThat(remarks).singleElement().asString().contains("\"a\"", ".holdfast-replaced-");
        List<Path> aside = new ArrayList<>();
        try (var found = Files.newDirectoryStream(root.resolve("live"), ".holdfast-replaced-*")) {
            found.forEach(aside::add);
        }
        assertThat(aside)
                .singleElement()
                .satisfies(it ->
                        assertThat(Files.readSymbolicLink(it.resolve("a"))).isEqualTo(Path.of("elsewhere")));
    }

    @Test
    void a_directory_of_files_that_every_backup_holds_is_exchanged_without_a_remark() throws Exception {
        write(Layout.POCKETBASE_ZIP);
        Files.writeString(storage.resolve("later"), "x");
        assertThat(restore(Layout.POCKETBASE_ZIP)).isEmpty();
        assertThat(storage.resolve("later")).doesNotExist();
        try (var found = Files.newDirectoryStream(root.resolve("live"), ".holdfast-*")) {
            assertThat(found).isEmpty();
        }
    }
}
