package dev.holdfast.endtoend.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Two servers on one data directory that each of them sees through a FUSE mount of its own. Mounts really. */
@Tag("process")
@Tag("root")
@DisplayNameGeneration(ReplaceUnderscores.class)
class TwoServersOverFuseTest {
    @TempDir
    Path root;

    private Path mount(String name, Path folder) throws Exception {
        Path at = Files.createDirectory(root.resolve(name));
        run("bindfs", folder.toString(), at.toString());
        return at;
    }

    private static void run(String... command) throws Exception {
        assertThat(new ProcessBuilder(command).inheritIO().start().waitFor()).isZero();
    }

    @AfterEach
    void unmount() throws Exception {
        run("umount", "--lazy", root.resolve("one").toString());
        run("umount", "--lazy", root.resolve("two").toString());
    }

    @Test
    void the_second_one_does_not_start_while_the_first_one_runs() throws Exception {
        Path folder = Files.createDirectory(root.resolve("folder"));
        Path one = mount("one", folder);
        Path two = mount("two", folder);
        try (ServerProcess first = ServerProcess.start(ServerProcess.Options.in(one.resolve("data")))) {
            assertThat(first.log()).contains("WARN").contains("(fuse at " + one + ")");
            ServerProcess.Ended second = ServerProcess.run(ServerProcess.Options.in(two.resolve("data")));
            assertThat(second.code()).isNotZero();
            assertThat(second.err())
                    .contains("holdfast.data-dir: " + two.resolve("data"), "a directory that no other server uses");
            assertThat(first.stop()).isEqualTo(143);
        }
        assertThat(folder.resolve("data").resolve("holdfast.db")).isNotEmptyFile();
        assertThat(folder.resolve("data").resolve("holdfast.heartbeat")).doesNotExist();
    }
}
