package dev.holdfast.files;

import static java.nio.file.LinkOption.NOFOLLOW_LINKS;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import org.jspecify.annotations.Nullable;

/**
 * What a file's directory entry says: equal stamps mean that nobody has written to the file in between. Symbolic links
 * are not followed.
 *
 * @param identity of the inode; differs after a rename over the name, where size and time may be equal
 */
record FileStamp(
        boolean regular,
        long size,
        FileTime modified,
        @Nullable Object identity) {
    /** Null if there is nothing of this name. */
    static @Nullable FileStamp of(Path file) throws IOException {
        try {
            BasicFileAttributes attributes = Files.readAttributes(file, BasicFileAttributes.class, NOFOLLOW_LINKS);
            return new FileStamp(
                    attributes.isRegularFile(), attributes.size(), attributes.lastModifiedTime(), attributes.fileKey());
        } catch (NoSuchFileException e) {
            return null;
        }
    }
}
