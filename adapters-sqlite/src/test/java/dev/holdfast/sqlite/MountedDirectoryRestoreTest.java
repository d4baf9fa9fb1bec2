package dev.holdfast.sqlite;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.application.Outcome;
import dev.holdfast.application.operation.FailPoints;
import dev.holdfast.domain.problem.Problem;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A directory in which a file system is mounted is not replaced. */
@Tag("adapter")
@Tag("root")
class MountedDirectoryRestoreTest extends GroupRestoreFixture {
    @Test
    void a_directory_that_a_file_system_is_mounted_in_is_not_replaced() throws Exception {
        group.fill("WAL", "WAL");
        Path mounted = Files.createDirectory(group.storage().resolve("with space"));
        run("mount", "-t", "tmpfs", "tmpfs", mounted.toString());
        try {
            write(mounted.resolve("precious"));
            assertThat(group.restore(FailPoints.NONE))
                    .isInstanceOfSatisfying(
                            Outcome.Refused.class,
                            it -> assertThat(it.problem()).isInstanceOf(Problem.BackupIncompatible.class));
            assertThat(mounted.resolve("precious")).hasContent("precious");
        } finally {
            run("umount", mounted.toString());
        }
        removeStaged(group);
        assertThat(group.state()).isEqualTo("old");
    }
}
