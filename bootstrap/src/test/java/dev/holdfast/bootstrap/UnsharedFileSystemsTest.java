package dev.holdfast.bootstrap;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.bootstrap.settings.Settings;
import dev.holdfast.bootstrap.start.UnsharedFileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the start says about file systems whose locks are not shared. Mounts really. */
@Tag("adapter")
@Tag("root")
@DisplayNameGeneration(ReplaceUnderscores.class)
class UnsharedFileSystemsTest {
    @TempDir
    Path root;

    private Path mount;

    @BeforeEach
    void a_folder_behind_fuse() throws Exception {
        Path folder = Files.createDirectory(root.resolve("folder"));
        mount = Files.createDirectory(root.resolve("mount"));
        run("bindfs", folder.toString(), mount.toString());
    }

    @AfterEach
    void unmount() throws Exception {
        run("umount", mount.toString());
    }

    private static void run(String... command) throws Exception {
        assertThat(new ProcessBuilder(command).inheritIO().start().waitFor()).isZero();
    }

    private Settings settings(String yaml) throws Exception {
        Path file = Files.writeString(root.resolve("holdfast.yml"), "holdfast: {" + yaml.replace("$", "" + root) + "}");
        return Settings.read(Optional.of(file), Map.of(), Map.of());
    }

    private static List<String> warnings(Settings settings) throws Exception {
        List<String> warnings = new ArrayList<>();
        for (Settings.DatabaseSettings database : settings.databases()) {
            warnings.addAll(UnsharedFileSystems.of(database));
        }
        warnings.addAll(UnsharedFileSystems.ofDataDirectory(settings.dataDir()));
        return warnings;
    }

    @Test
    void databases_their_backups_and_the_data_directory_are_named_with_their_mount() throws Exception {
        Files.createSymbolicLink(root.resolve("link"), mount);
        Settings settings = settings("data-dir: $/mount/data, databases: {a: {file: $/mount/a.db, backup-directory:"
                + " $/backups}, b: {file: $/b.db, backup-directory: $/link/b}}");
        assertThat(warnings(settings))
                .satisfiesExactly(
                        it -> assertThat(it)
                                .startsWith("database a: " + mount + "/a.db is on a file system")
                                .contains("(fuse at " + mount + ")", "restores are refused", "shared-locks: true"),
                        it -> assertThat(it)
                                .startsWith("database b: the backup directory " + root + "/link/b is on")
                                .contains("(fuse at " + mount + ")"),
                        it -> assertThat(it).startsWith("holdfast.data-dir: " + mount + "/data is on a file system"));
    }

    @Test
    void local_paths_and_databases_with_shared_locks_are_not_named() throws Exception {
        assertThat(warnings(settings("data-dir: $/data, databases: {a: {file: $/a.db}, b: {file:"
                        + " $/mount/b.db, shared-locks: true}}")))
                .isEmpty();
    }
}
