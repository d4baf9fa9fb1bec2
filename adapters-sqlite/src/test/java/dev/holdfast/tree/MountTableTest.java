package dev.holdfast.tree;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Tag("unit")
@DisplayNameGeneration(ReplaceUnderscores.class)
class MountTableTest {
    private static final MountTable TABLE = MountTable.of(List.of(
            "20 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw",
            "21 20 0:30 / /nas rw - nfs4 server:/export rw,vers=4.2",
            "22 20 0:31 / /fuse\\040mount rw shared:2 master:1 - fuse.sshfs host: rw,user_id=0",
            "23 20 8:17 / /ntfs rw - fuseblk /dev/sdb1 rw,user_id=0",
            "24 20 0:32 / /merged rw - overlay overlay rw,lowerdir=/lower:/nas/layer,upperdir=/upper,workdir=/work",
            "25 20 0:33 / /local rw - overlay overlay rw,lowerdir=/a\\134:b:/c,upperdir=/upper,workdir=/work",
            "26 20 0:34 / /twice rw - overlay overlay rw,lowerdir=/merged:/c",
            "27 20 0:35 / /self rw - overlay overlay rw,lowerdir=/self/x:/self/y",
            "28 20 8:1 /srv/data /bound rw - ext4 /dev/sda1 rw",
            "29 20 0:36 / /covered rw - nfs server:/other rw",
            "30 29 0:37 / /covered rw - tmpfs tmpfs rw",
            "31 20 0:38 / /parent/child rw - cifs //server/share rw",
            "32 20 0:39 / /parent rw - tmpfs tmpfs rw",
            "33 20 8:1 /srv/data/inner /holder/inner rw - ext4 /dev/sda1 rw",
            "34 20 0:40 / /vm rw - virtiofs tag rw",
            "35 20 0:41 / /wsl rw - 9p C: rw"));

    @ParameterizedTest
    @CsvSource({
        "/nas/app.db, nfs4 at /nas",
        "/nas, nfs4 at /nas",
        "/fuse mount/a/b.db, fuse.sshfs at /fuse mount",
        "/merged/app.db, nfs4 at /nas",
        "/twice/app.db, nfs4 at /nas",
        "/vm/app.db, virtiofs at /vm",
        "/wsl/app.db, 9p at /wsl",
    })
    void a_file_system_with_other_ways_to_its_content_is_recognised(Path file, String shown) {
        assertThat(TABLE.withoutSharedLocks(file).map(MountTable.Mount::shown)).isEqualTo(Optional.of(shown));
    }

    @ParameterizedTest
    @CsvSource({
        "/srv/app.db",
        "/nasty/app.db",
        "/ntfs/app.db",
        "/local/app.db",
        "/self/app.db",
        "/bound/app.db",
        "/covered/app.db",
        "/parent/child/app.db"
    })
    void a_local_file_system_is_not(Path file) {
        assertThat(TABLE.withoutSharedLocks(file)).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "/srv/data, /bound, true",
        "/srv/data/x, /bound/x/y, true",
        "/srv, /bound, true",
        "/srv/data/inner, /holder, true",
        "/srv/other, /bound, false",
        "/srv/data/x, /holder, false",
        "/bound/x, /bound/y, false",
        "/nas, /bound, false",
    })
    void directories_overlap_if_they_are_stored_in_one_place(Path one, Path other, boolean overlap) {
        assertThat(TABLE.overlap(one, other)).isEqualTo(overlap);
        assertThat(TABLE.overlap(other, one)).isEqualTo(overlap);
    }

    @Test
    void without_a_table_nothing_is_known() {
        MountTable none = MountTable.of(List.of(""));
        assertThat(none.withoutSharedLocks(Path.of("/x"))).isEmpty();
        assertThat(none.overlap(Path.of("/x"), Path.of("/x"))).isFalse();
    }
}
