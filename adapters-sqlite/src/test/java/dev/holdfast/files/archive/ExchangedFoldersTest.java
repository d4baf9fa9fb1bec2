package dev.holdfast.files.archive;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.application.archive.Archives.Extent;
import dev.holdfast.application.archive.PathRestrictions;
import dev.holdfast.domain.backup.Layout;
import dev.holdfast.domain.database.Source;
import dev.holdfast.domain.problem.Problem;
import dev.holdfast.domain.problem.ProblemException;
import dev.holdfast.files.archive.directory.ProtectedPaths;
import dev.holdfast.files.archive.directory.SourceTree;
import dev.holdfast.files.archive.directory.UnrecordedFiles;
import dev.holdfast.files.archive.member.Attributes;
import dev.holdfast.files.archive.member.LeftOutNames;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import java.util.zip.ZipFile;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** An application's user exchanges folders and files by links while a backup reads them, or a restore fills their place. */
@Tag("adapter")
@DisplayNameGeneration(ReplaceUnderscores.class)
@Timeout(60)
class ExchangedFoldersTest {
    private static final int BACKUPS = 120;
    private static final int RESTORES = 120;

    @TempDir
    Path root;

    private ArchiveFixture fixture;
    private Source source;
    private Path folder;
    private Path storage;
    private Path link;
    private Path victim;
    private Runnable atRefusal = () -> {};

    @BeforeEach
    void an_own_and_a_foreign_folder_of_the_same_name() throws IOException {
        root = root.toRealPath();
        fixture = new ArchiveFixture(root, new OnlyBelow());
        folder = fixture.data.resolve("app");
        storage = Files.createDirectories(folder.resolve("storage"));
        Files.writeString(storage.resolve("mine"), "m");
        victim = Files.createDirectories(root.resolve("victim/storage"));
        Files.writeString(victim.resolve("secret"), "s");
        link = Files.createSymbolicLink(fixture.data.resolve("link"), victim.getParent());
        source = fixture.source("app/storage");
    }

    private final class OnlyBelow implements PathRestrictions {
        @Override
        public Optional<String> refusal(Source asked, Path directory, Path real) {
            Optional<String> refusal =
                    real.startsWith(folder) ? Optional.empty() : Optional.of(directory + " leads to " + real);
            atRefusal.run();
            return refusal;
        }

        @Override
        public List<Path> closed() {
            return List.of();
        }
    }

    private void leadElsewhere() {
        try {
            Files.move(folder, folder.resolveSibling("moved"));
            Files.move(link, folder);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private List<String> names() throws IOException {
        try (ZipFile zip =
                new ZipFile(fixture.write(Layout.POCKETBASE_ZIP, source).toFile())) {
            List<String> names = new ArrayList<>();
            zip.entries().asIterator().forEachRemaining(it -> names.add(it.getName()));
            return names;
        }
    }

    @Test
    void a_link_that_comes_while_the_place_is_checked_changes_nothing_about_what_is_read() throws IOException {
        int[] walks = {0};
        atRefusal = () -> {
            walks[0]++;
            if (walks[0] == 2) {
                leadElsewhere();
            }
        };
        assertThat(names()).contains("storage/mine");
        assertThat(folder).isSymbolicLink();
    }

    @Test
    void a_folder_that_is_exchanged_all_the_time_is_never_read_elsewhere() throws Exception {
        Process exchanging = exchanging(folder, link);
        try {
            for (int i = 0; i < BACKUPS; i++) {
                try {
                    assertThat(names()).contains("storage/mine").doesNotContain("storage/secret");
                } catch (ProblemException e) {
                    assertThat(e.problem())
                            .isInstanceOfAny(Problem.SourceNotAccessible.class, Problem.SourceBusy.class)
                            .extracting(Problem::detail)
                            .asString()
                            .containsAnyOf("leads to " + victim, "keeps exchanging");
                }
            }
            assertThat(exchanging.isAlive()).isTrue();
        } finally {
            exchanging.destroyForcibly().waitFor();
        }
    }

    /** Java cannot exchange two names in one step. */
    private static Process exchanging(Path one, Path other) throws IOException {
        Process process = new ProcessBuilder("python3", "-c", """
                        import ctypes, os, sys
                        libc = ctypes.CDLL(None, use_errno=True)
                        a, b = (os.fsencode(it) for it in sys.argv[1:])
                        print(flush=True)
                        while libc.renameat2(-100, a, -100, b, 2) == 0:
                            pass
                        sys.exit(os.strerror(ctypes.get_errno()))
                        """, one.toString(), other.toString())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        assertThat(process.getInputStream().read()).isEqualTo('\n');
        return process;
    }

    @Test
    void a_missing_directory_behind_a_link_is_no_missing_directory() throws IOException {
        Files.delete(victim.resolve("secret"));
        Files.delete(victim);
        leadElsewhere();
        assertThatThrownBy(this::names)
                .isInstanceOf(ProblemException.class)
                .hasMessageContaining(storage + " leads to " + victim);
    }

    @Test
    void the_file_that_is_read_is_the_one_that_was_looked_at() throws IOException {
        List<String> read = new ArrayList<>();
        tree().walk(new Visiting() {
            @Override
            public void file(String name, SourceTree.Entry entry) throws IOException {
                Path mine = storage.resolve("mine");
                Files.delete(mine);
                Files.createLink(mine, victim.resolve("secret"));
                try (InputStream in = entry.open()) {
                    read.add(new String(in.readAllBytes(), StandardCharsets.UTF_8));
                }
                assertThat(entry.change()).isEqualTo("changed while it was read");
            }
        });
        assertThat(read).containsExactly("m");
    }

    @Test
    void the_directory_that_is_read_is_the_one_that_was_looked_at() throws IOException {
        Files.createDirectory(storage.resolve("sub"));
        Files.writeString(storage.resolve("sub/mine"), "m");
        List<String> read = new ArrayList<>();
        tree().walk(new Visiting() {
            @Override
            public void file(String name, SourceTree.Entry entry) {
                read.add(name);
            }

            @Override
            public void directory(String name, Attributes attributes) throws IOException {
                if (name.equals("storage")) {
                    Files.move(storage, storage.resolveSibling("moved"));
                    Files.createSymbolicLink(storage, victim);
                } else {
                    Files.move(folder.resolve("moved/sub"), folder.resolve("moved sub"));
                    Files.createSymbolicLink(folder.resolve("moved/sub"), victim);
                }
            }
        });
        assertThat(read).containsExactly("storage/mine", "storage/sub/mine");
    }

    @Test
    void nothing_is_unpacked_next_to_what_a_link_leads_to_after_the_first_check() throws IOException {
        Path zip = fixture.write(Layout.POCKETBASE_ZIP, source);
        atRefusal = () -> {
            atRefusal = () -> assertThat(folder).isDirectoryNotContaining(ExchangedFoldersTest::isTemporary);
            leadElsewhere();
        };
        assertThatThrownBy(() -> fixture.unpack(zip, Layout.POCKETBASE_ZIP, source, Extent.RESTORE))
                .isInstanceOf(ProblemException.class)
                .hasMessageContaining("leads to " + victim);
        assertThat(folder).isDirectoryNotContaining(ExchangedFoldersTest::isTemporary);
    }

    @Test
    void what_is_unpacked_stays_in_the_folder_that_was_checked_and_is_removed_there() throws IOException {
        Path zip = fixture.write(Layout.POCKETBASE_ZIP, source);
        Path moved = folder.resolveSibling("moved");
        int[] checks = {0};
        atRefusal = () -> {
            checks[0]++;
            if (checks[0] == 2) {
                leadElsewhere();
            } else if (checks[0] == 3) {
                assertThat(folder).isDirectoryNotContaining(ExchangedFoldersTest::isTemporary);
                assertThat(moved).isDirectoryContaining(ExchangedFoldersTest::isTemporary);
            }
        };
        assertThatThrownBy(() -> fixture.unpack(zip, Layout.POCKETBASE_ZIP, source, Extent.RESTORE))
                .isInstanceOf(ProblemException.class)
                .hasMessageContaining("leads to " + victim);
        assertThat(checks[0]).isEqualTo(3);
        assertThat(moved).isDirectoryNotContaining(ExchangedFoldersTest::isTemporary);
    }

    @Test
    void no_foreign_file_is_carried_over_from_a_folder_that_is_exchanged_all_the_time() throws Exception {
        Path sub = Files.createDirectory(storage.resolve("sub"));
        Files.createSymbolicLink(sub.resolve("secret"), Path.of("mine"));
        Path exchanged = Files.createSymbolicLink(storage.resolve("link"), victim);
        ProtectedPaths border = ProtectedPaths.of(source, new OnlyBelow());
        Object foreign = key(victim.resolve("secret"));
        Process exchanging = exchanging(sub, exchanged);
        try {
            for (int i = 0; i < RESTORES; i++) {
                Path staged = Files.createDirectory(folder.resolve("staged-" + i));
                try {
                    new UnrecordedFiles(storage, staged, "storage", new LeftOutNames(), border).carryOver();
                } catch (ProblemException e) {
                    assertThat(e.problem()).isInstanceOfAny(Problem.SourceBusy.class, Problem.BackupIncompatible.class);
                }
                try (Stream<Path> carried = Files.walk(staged)) {
                    for (Path file : carried.toList()) {
                        assertThat(key(file)).isNotEqualTo(foreign);
                    }
                }
            }
            assertThat(exchanging.isAlive()).isTrue();
        } finally {
            exchanging.destroyForcibly().waitFor();
        }
    }

    private static boolean isTemporary(Path file) {
        return file.getFileName().toString().startsWith(".holdfast-restoring");
    }

    private static Object key(Path file) throws IOException {
        return Files.readAttributes(file, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS)
                .fileKey();
    }

    private SourceTree tree() throws IOException {
        return new SourceTree(storage, "storage", ProtectedPaths.of(source, new OnlyBelow()));
    }

    private interface Visiting extends SourceTree.Visitor {
        @Override
        default void directory(String name, Attributes attributes) throws IOException {}

        @Override
        default void leftOut(String name, String encoded, String why) {}
    }
}
