package dev.holdfast.tree;

import static java.util.Objects.requireNonNull;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/**
 * The device and inode of a file or directory: the same under every path that leads to it. A file system that shows the
 * content of another one, such as FUSE or an overlay, has another device. See {@code docs/internals/locks.md#one-file-one-gate}.
 */
public record FileIdentity(long device, long inode) {
    /** Follows links, and opens nothing. Empty if there is nothing at {@code path}. */
    public static Optional<FileIdentity> of(Path path) throws IOException {
        try {
            Map<String, Object> seen = Files.readAttributes(path, "unix:dev,ino");
            return Optional.of(
                    new FileIdentity((Long) requireNonNull(seen.get("dev")), (Long) requireNonNull(seen.get("ino"))));
        } catch (NoSuchFileException e) {
            return Optional.empty();
        }
    }

    /** Empty if there is nothing at {@code real}, or if a part of it is a link. */
    public static Optional<FileIdentity> withoutLinks(Path real) throws IOException {
        try (PathHandle handle = PathHandle.of(real)) {
            return Optional.of(handle.identity());
        } catch (NoSuchFileException | LinkedPathException e) {
            return Optional.empty();
        }
    }
}
