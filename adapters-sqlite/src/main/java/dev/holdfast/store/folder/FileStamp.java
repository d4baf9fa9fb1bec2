package dev.holdfast.store.folder;

import static java.nio.file.LinkOption.NOFOLLOW_LINKS;
import static java.util.Objects.requireNonNull;

import dev.holdfast.tree.FileIdentity;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a file's directory entry says: equal stamps mean that nobody has written to the file in between. Symbolic links
 * are not followed.
 *
 * @param identity of the inode; differs after a rename over the name, where size and time may be equal
 */
public record FileStamp(boolean regular, long size, FileTime modified, FileIdentity identity) {
    private static final String ATTRIBUTES = "isRegularFile,size,lastModifiedTime,dev,ino";

    /** Null if there is nothing of this name. */
    static @Nullable public FileStamp of(Path file) throws IOException {
        try {
            Map<String, Object> seen = Files.readAttributes(file, "unix:" + ATTRIBUTES, NOFOLLOW_LINKS);
            return new FileStamp(
                    (Boolean) requireNonNull(seen.get("isRegularFile")),
                    (Long) requireNonNull(seen.get("size")),
                    (FileTime) requireNonNull(seen.get("lastModifiedTime")),
                    new FileIdentity((Long) requireNonNull(seen.get("dev")), (Long) requireNonNull(seen.get("ino"))));
        } catch (NoSuchFileException e) {
            return null;
        }
    }
}
