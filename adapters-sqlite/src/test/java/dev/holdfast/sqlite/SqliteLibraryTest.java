package dev.holdfast.sqlite;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.holdfast.sqlite.io.Connections;
import dev.holdfast.testkit.JavaProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** SQLite's library is loaded wherever the data directory is. */
@Tag("adapter")
@Tag("root")
@DisplayNameGeneration(ReplaceUnderscores.class)
class SqliteLibraryTest {
    @TempDir
    Path root;

    private final List<Path> mounted = new ArrayList<>();

    private Path noExec(String name) throws Exception {
        Path point = Files.createDirectory(root.resolve(name));
        assumeTrue(
                new ProcessBuilder("mount", "-t", "tmpfs", "-o", "noexec,size=16m", "none", point.toString())
                                .redirectErrorStream(true)
                                .start()
                                .waitFor()
                        == 0,
                "only root may mount");
        mounted.add(point);
        return point;
    }

    @AfterEach
    void unmount() throws Exception {
        for (Path point : mounted) {
            new ProcessBuilder("umount", point.toString()).start().waitFor();
        }
    }

    private static String load(List<String> options, Path... places) throws IOException, InterruptedException {
        Process java = JavaProcess.start(
                options, Loader.class, Arrays.stream(places).map(Path::toString).toList());
        String said = new String(java.getInputStream().readAllBytes(), UTF_8);
        assertThat(java.waitFor()).as(said).isZero();
        return said;
    }

    /** Loads from the first place or one of the others, and makes a database. */
    static final class Loader {
        private Loader() {}

        public static void main(String[] places) throws Exception {
            List<Path> all = Arrays.stream(places).map(Path::of).toList();
            try {
                SqliteLibrary.load(all.getFirst(), all.subList(1, all.size()));
            } catch (IOException e) {
                System.out.print(e.getMessage());
                return;
            }
            try (Connection connection =
                    DriverManager.getConnection("jdbc:sqlite:" + all.getFirst().resolve("x.db"))) {
                Connections.execute(connection, "CREATE TABLE t(x)");
                System.out.print("loaded");
            }
        }
    }

    @Test
    void a_data_directory_that_is_mounted_noexec_has_the_library_unpacked_elsewhere() throws Exception {
        Path data = noExec("data");
        Path elsewhere = Files.createDirectory(root.resolve("elsewhere"));
        assertThat(load(List.of(), data, noExec("tmp"), elsewhere)).isEqualTo("loaded");
        assertThat(elsewhere).isEmptyDirectory();
        assertThat(SqliteFixture.contents(data).keySet()).containsExactly("x.db");
    }

    @Test
    void a_directory_below_a_noexec_mount_and_a_link_to_one_count_as_noexec() throws Exception {
        Path below = Files.createDirectories(noExec("data").resolve("a/b"));
        Path link = Files.createSymbolicLink(root.resolve("link"), below);
        Path elsewhere = Files.createDirectory(root.resolve("elsewhere"));
        assertThat(load(List.of(), link, elsewhere)).isEqualTo("loaded");
    }

    @Test
    void the_directory_that_an_administrator_names_comes_first() throws Exception {
        Path named = Files.createDirectory(root.resolve("named"));
        assertThat(load(List.of("-Dorg.sqlite.tmpdir=" + named), noExec("data")))
                .isEqualTo("loaded");
    }

    @Test
    void if_there_is_no_place_one_line_names_noexec_and_the_setting() throws Exception {
        Path data = noExec("data");
        Path missing = root.resolve("missing");
        assertThat(load(List.of(), data, missing))
                .contains(data + " is mounted noexec", missing + " is no directory")
                .contains("HOLDFAST_JAVA_OPTS=-Dorg.sqlite.tmpdir=")
                .doesNotContain("\n");
    }
}
