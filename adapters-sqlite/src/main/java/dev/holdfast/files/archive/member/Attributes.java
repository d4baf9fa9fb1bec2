package dev.holdfast.files.archive.member;

import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermission;
import java.util.EnumSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What an archive keeps of a file beside its bytes.
 *
 * @param mode the nine bits for reading, writing and executing; of a directory also those that say whose its new files
 *     are and who may remove them
 * @param owner null where there is none to be kept
 */
public record Attributes(
        int mode, FileTime modified, @Nullable Owner owner) {
    /** The bits of a directory's mode. */
    public static final int DIRECTORY_BITS = 07777;
    /** The bits of a file's mode: one that runs as its owner never comes out of an archive. */
    public static final int FILE_BITS = 0777;

    /** In the order of the bits, the highest first. */
    private static final PosixFilePermission[] BITS = {
        PosixFilePermission.OWNER_READ,
        PosixFilePermission.OWNER_WRITE,
        PosixFilePermission.OWNER_EXECUTE,
        PosixFilePermission.GROUP_READ,
        PosixFilePermission.GROUP_WRITE,
        PosixFilePermission.GROUP_EXECUTE,
        PosixFilePermission.OTHERS_READ,
        PosixFilePermission.OTHERS_WRITE,
        PosixFilePermission.OTHERS_EXECUTE
    };

    static int mode(Set<PosixFilePermission> permissions) {
        int mode = 0;
        for (PosixFilePermission bit : BITS) {
            mode = mode << 1 | (permissions.contains(bit) ? 1 : 0);
        }
        return mode;
    }

    public static Set<PosixFilePermission> permissions(int mode) {
        Set<PosixFilePermission> permissions = EnumSet.noneOf(PosixFilePermission.class);
        for (int i = 0; i < BITS.length; i++) {
            if ((mode >> (BITS.length - 1 - i) & 1) == 1) {
                permissions.add(BITS[i]);
            }
        }
        return permissions;
    }
}
