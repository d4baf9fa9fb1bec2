package dev.holdfast.files.archive;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.application.archive.Archives.Extent;
import dev.holdfast.domain.backup.Layout;
import dev.holdfast.domain.problem.ProblemCode;
import dev.holdfast.domain.problem.ProblemException;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A storage directory that is a mount point is not replaced. */
@Tag("adapter")
@Tag("root")
class MountedStorageTest extends ArchivedSourceFixture {
    @Test
    void a_mount_point_is_not_replaced() throws Exception {
        Path zip = fixture.write(Layout.POCKETBASE_ZIP, fixture.source("storage"));
        ArchiveFixture.run("mount", "-t", "tmpfs", "tmpfs", storage.toString());
        try {
            assertThatThrownBy(
                            () -> fixture.unpack(zip, Layout.POCKETBASE_ZIP, fixture.source("storage"), Extent.RESTORE))
                    .isInstanceOfSatisfying(
                            ProblemException.class,
                            it -> assertThat(it.problem().code()).isEqualTo(ProblemCode.BACKUP_INCOMPATIBLE));
        } finally {
            ArchiveFixture.run("umount", storage.toString());
        }
        assertNothingLeft();
    }
}
