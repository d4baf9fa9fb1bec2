package dev.holdfast.files.archive.member;

import java.nio.file.attribute.FileTime;
import org.jspecify.annotations.Nullable;

/**
 * One member, as the archive describes it.
 *
 * @param name checked, without a slash at its end
 * @param special whether it is a link, a device or the like: its bytes are no file's
 * @param mode as of {@link Attributes}; -1 if the archive does not say
 * @param owner null if the archive does not say
 */
public record Member(
        String name,
        boolean directory,
        boolean special,
        long size,
        int mode,
        @Nullable FileTime modified,
        @Nullable Owner owner) {
    /** Without what only an archive that was written here may ask for. */
    public Member fromOutside() {
        return new Member(
                name, directory, special, size, mode < 0 ? mode : mode & Attributes.FILE_BITS, modified, null);
    }
}
