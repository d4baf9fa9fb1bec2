package dev.holdfast.files.archive;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.application.archive.Archives.Extent;
import dev.holdfast.application.archive.Contents;
import dev.holdfast.application.archive.Limits;
import dev.holdfast.application.archive.Unpacking;
import dev.holdfast.application.operation.Work;
import dev.holdfast.domain.backup.Compression;
import dev.holdfast.domain.backup.Layout;
import dev.holdfast.domain.database.Source;
import dev.holdfast.domain.problem.Code;
import dev.holdfast.domain.problem.ProblemException;
import dev.holdfast.testkit.JavaProcess;
import dev.holdfast.tree.SiblingPaths;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

@DisplayNameGeneration(ReplaceUnderscores.class)
class RoundTripTest {
    @TempDir
    Path root;

    private ArchiveFixture fixture;
    private Path storage;

    @BeforeEach
    void makeSource() throws Exception {
        fixture = new ArchiveFixture(root);
        storage = Files.createDirectories(fixture.data.resolve("storage"));
        Files.write(storage.resolve("large"), new byte[300_000]);
        Files.createFile(storage.resolve("empty file"));
        Files.createDirectory(storage.resolve("empty directory"));
        Files.writeString(storage.resolve("grüße – 你好 🙂"), "name");
        Files.writeString(storage.resolve("n".repeat(250)), "long");
        Path deep = storage;
        for (int i = 0; i < 12; i++) {
            deep = deep.resolve("level " + i);
        }
        Files.writeString(Files.createDirectories(deep).resolve("bottom"), "deep");
        Files.setPosixFilePermissions(storage.resolve("large"), PosixFilePermissions.fromString("rwxr-x--x"));
        Files.setPosixFilePermissions(storage.resolve("empty directory"), PosixFilePermissions.fromString("rwx--x---"));
        Instant time = Instant.parse("2020-02-03T04:05:06.123456700Z");
        try (Stream<Path> all = Files.walk(storage)) {
            for (Path it : all.sorted(java.util.Comparator.reverseOrder()).toList()) {
                time = time.plusNanos(86_400_000_000_100L);
                Files.setLastModifiedTime(it, FileTime.from(time));
            }
        }
    }

    private static Map<String, String> tree(Path top) throws IOException {
        Map<String, String> tree = new TreeMap<>();
        try (Stream<Path> all = Files.walk(top)) {
            for (Path it : all.toList()) {
                PosixFileAttributes seen =
                        Files.readAttributes(it, PosixFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
                tree.put(
                        top.relativize(it).toString(),
                        PosixFilePermissions.toString(seen.permissions())
                                + seen.lastModifiedTime()
                                + (seen.isRegularFile() ? java.util.Arrays.hashCode(Files.readAllBytes(it)) : ""));
            }
        }
        return tree;
    }

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
        try (Unpacking.Parts parts = fixture.parts(archive, layout, source, extent)) {
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

    private void assertNothingLeft() throws IOException {
        assertThat(fixture.scratch).isEmptyDirectory();
        assertThat(SiblingPaths.left(fixture.data.resolve("storage"))).isEmpty();
    }

    @Test
    void the_databases_come_back_in_the_order_of_the_source() throws Exception {
        Source source = fixture.source("storage");
        Path zip = fixture.write(Layout.POCKETBASE_ZIP, source);
        try (Unpacking.Parts parts = fixture.parts(zip, Layout.POCKETBASE_ZIP, source, Extent.CHECK)) {
            assertThat(parts.databases())
                    .extracting(Unpacking.DatabasePart::target)
                    .containsExactly(source.main(), source.extraFiles().getFirst());
            assertThat(parts.directories()).isEmpty();
        }
        assertNothingLeft();
    }

    @Test
    void a_dispatcharr_zip_comes_back() throws Exception {
        Source source = Source.of(fixture.data.resolve("dispatcharr.db"));
        Path zip = fixture.write(Layout.DISPATCHARR_ZIP, source);
        try (Unpacking.Parts parts = fixture.parts(zip, Layout.DISPATCHARR_ZIP, source, Extent.RESTORE)) {
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
        try (Unpacking.Parts parts = fixture.parts(zip, Layout.POCKETBASE_ZIP, source, Extent.RESTORE)) {
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
        try (Unpacking.Parts parts = fixture.parts(zip, Layout.POCKETBASE_ZIP, source, Extent.RESTORE)) {
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
                        Work.UNWATCHED)
                .file();
        Files.writeString(Files.createDirectory(later).resolve("file"), "of later");
        try (Unpacking.Parts parts =
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
        try (Unpacking.Parts parts =
                fixture.parts(zip, Layout.POCKETBASE_ZIP, fixture.source("storage", "empty"), Extent.RESTORE)) {
            assertThat(parts.directories()).singleElement().satisfies(it -> {
                assertThat(it.target()).isEqualTo(fixture.data.resolve("empty"));
                assertThat(it.staged()).isEmptyDirectory();
            });
        }
    }

    @Test
    void a_staged_directory_looks_like_its_target_and_is_kept_where_it_was_moved() throws Exception {
        Path zip = fixture.write(Layout.POCKETBASE_ZIP, fixture.source("storage"));
        ArchiveFixture.run("chown", "1234:2345", storage.toString());
        ArchiveFixture.run("chmod", "0710", storage.toString());
        Path moved = fixture.data.resolve("moved");
        try (Unpacking.Parts parts =
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
        try (Unpacking.Parts parts = fixture.parts(archive, layout, fixture.source("storage"), Extent.RESTORE)) {
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
        try (Unpacking.Parts parts = fixture.parts(archive, layout, fixture.source("storage"), Extent.RESTORE)) {
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
        Limits ofUploads = new Limits(1 << 30, 10_000, 1000);
        Unpacking unpacking = fixture.unpack(archive, layout, fixture.source("storage"), Extent.RESTORE, ofUploads);
        try (Unpacking.Parts parts = ((Unpacking.Unpacked) unpacking).parts()) {
            Path staged = parts.directories().getFirst().staged();
            assertThat(look(staged)).isEqualTo("1234:2345 2775");
            assertThat(look(staged.resolve("empty file"))).isEqualTo("1234:2345 644");
            assertThat(look(staged.resolve("shared"))).isEqualTo("1234:2345 775");
            assertThat(look(staged.resolve("shared/sub"))).isEqualTo("1234:2345 755");
            assertThat(look(staged.resolve("drop ü"))).isEqualTo("1234:2345 777");
        }
    }

    @Test
    void a_mount_point_is_not_replaced() throws Exception {
        Path zip = fixture.write(Layout.POCKETBASE_ZIP, fixture.source("storage"));
        ArchiveFixture.run("mount", "-t", "tmpfs", "tmpfs", storage.toString());
        try {
            assertThatThrownBy(
                            () -> fixture.unpack(zip, Layout.POCKETBASE_ZIP, fixture.source("storage"), Extent.RESTORE))
                    .isInstanceOfSatisfying(
                            ProblemException.class,
                            it -> assertThat(it.problem().code()).isEqualTo(Code.BACKUP_INCOMPATIBLE));
        } finally {
            ArchiveFixture.run("umount", storage.toString());
        }
        assertNothingLeft();
    }

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
                fixture.write(layout, fixture.contents(source, Compression.NONE), Work.UNWATCHED);
        assertThat(written.remark())
                .hasValueSatisfying(it -> assertThat(it)
                        .contains("a link is a symbolic link")
                        .contains("a pipe is no ordinary file")
                        .contains("a socket is no ordinary file"));
        try (Unpacking.Parts parts = fixture.parts(written.file(), layout, source, Extent.TRIAL)) {
            assertThat(tree(parts.directories().getFirst().staged()))
                    .doesNotContainKeys("a link", "a pipe", "a socket");
        }
    }

    @Test
    void the_databases_of_the_source_are_not_opened_as_files() throws Exception {
        Files.writeString(fixture.data.resolve("app.db-wal"), "log");
        Files.writeString(fixture.data.resolve("app.db"), "database");
        Source source = new Source(fixture.data.resolve("app.db"), List.of(), List.of(fixture.data));
        ArchiveFixture.Written written =
                fixture.write(Layout.POCKETBASE_ZIP, fixture.contents(source, Compression.FAST), Work.UNWATCHED);
        assertThat(ArchiveFixture.run("zipinfo", "-1", written.file().toString()))
                .contains("data/storage/large")
                .doesNotContain("data/app.db");
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
                fixture.write(layout, fixture.contents(source, Compression.FAST), Work.UNWATCHED);
        assertThat(written.remark())
                .hasValueSatisfying(it -> assertThat(it)
                        .contains("storage/back\\slash\" has a name that holds a backslash")
                        .contains("storage/line?break\" has a name that holds")
                        .contains("and was left out")
                        .doesNotContainPattern("\\p{Cntrl}"));
        assertThat(written.incomplete()).containsExactly(storage);
        try (Unpacking.Parts parts = fixture.parts(written.file(), layout, source, Extent.TRIAL)) {
            assertThat(tree(parts.directories().getFirst().staged()))
                    .containsKeys("large", "n".repeat(250), "d/d/d")
                    .doesNotContainKeys("back\\slash", "line\nbreak");
        }
    }

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
                        Unpacking.Unfit.class,
                        it -> assertThat(it.finding()).contains("auxiliary.db").contains("extra-files"));
        assertNothingLeft();
        try (Unpacking.Parts parts = fixture.parts(zip, Layout.POCKETBASE_ZIP, source, Extent.CHECK)) {
            assertThat(parts.obstacle()).hasValueSatisfying(it -> assertThat(it).contains("auxiliary.db"));
        }
        Files.delete(fixture.data.resolve("auxiliary.db"));
        try (Unpacking.Parts parts = fixture.parts(zip, Layout.POCKETBASE_ZIP, source, Extent.RESTORE)) {
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
        Path zip = fixture.write(Layout.POCKETBASE_ZIP, main, Work.UNWATCHED).file();
        Files.writeString(fixture.data.resolve("auxiliary.db"), "there");
        try (Unpacking.Parts parts = fixture.parts(zip, Layout.POCKETBASE_ZIP, source, Extent.RESTORE)) {
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
        try (Unpacking.Parts parts =
                fixture.parts(zip, Layout.POCKETBASE_ZIP, fixture.source("storage"), Extent.RESTORE)) {
            assertThat(parts.databases()).hasSize(1);
            assertThat(parts.remark())
                    .hasValueSatisfying(
                            it -> assertThat(it).contains("auxiliary.db").contains("logs.db"));
        }
    }

    @ParameterizedTest
    @EnumSource
    void names_that_the_servers_locale_does_not_have_are_told_before_a_restore_needs_them(Extent extent)
            throws Exception {
        Path zip = fixture.write(Layout.POCKETBASE_ZIP, fixture.source("storage"));
        String said = run(
                List.of("env", "LC_ALL=C"),
                UnpackingProcess.class,
                List.of(root.toString(), zip.toString(), extent.name()));
        assertThat(said).contains("the server's locale has no file of the name").contains("UTF-8");
        if (extent == Extent.RESTORE) {
            assertThat(said).contains("Unfit");
        }
        assertNothingLeft();
    }

    private static String run(List<String> launcher, Class<?> main, List<String> arguments) throws Exception {
        var command = new ArrayList<>(launcher);
        command.addAll(JavaProcess.command(List.of(), main, arguments));
        return ArchiveFixture.run(command.toArray(String[]::new));
    }

    /** Takes an archive of the fixture's source apart. */
    static final class UnpackingProcess {
        private UnpackingProcess() {}

        public static void main(String[] arguments) throws IOException {
            ArchiveFixture fixture = new ArchiveFixture(Path.of(arguments[0]));
            Unpacking unpacking = fixture.unpack(
                    Path.of(arguments[1]),
                    Layout.POCKETBASE_ZIP,
                    fixture.source("storage"),
                    Extent.valueOf(arguments[2]));
            if (unpacking instanceof Unpacking.Unpacked(Unpacking.Parts parts)) {
                System.out.println(parts.obstacle());
                parts.close();
            } else {
                System.out.println(unpacking);
            }
        }
    }

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
        String said = run(
                List.of("setpriv", "--bounding-set=-dac_override,-dac_read_search"),
                WritingProcess.class,
                List.of(root.toString(), layout.name()));

        assertThat(said)
                .contains("secret cannot be read (permission denied) and was left out")
                .contains("closed cannot be read (permission denied) and was left out")
                .contains("unlisted/in it cannot be read (permission denied) and was left out")
                .contains("incomplete: [" + storage + "]");
        Path archive = root.resolve(layout == Layout.DISPATCHARR_TAR_GZ ? "a.tar.gz" : "a.zip");
        try (Unpacking.Parts parts = fixture.parts(archive, layout, fixture.source("storage"), Extent.TRIAL)) {
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
                    Work.UNWATCHED);
            System.out.println(written.remark().orElse("") + "\nincomplete: " + written.incomplete());
        }
    }
}
