package dev.holdfast.sqlite;

import dev.holdfast.domain.backup.FileOwnership;
import dev.holdfast.tree.FileOwners;
import dev.holdfast.tree.Trees;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;

/** The folders that a restore makes because they are missing, each complete before it has its name. */
final class NewFolders {
    private NewFolders() {}

    /**
     * Makes {@code folder} and the missing ones above it. Each gets the owner, group and permissions of the one above it.
     * The last one belongs to the owner of the file that comes into it, if that is known: SQLite makes files next to it.
     */
    static void make(Path folder, Optional<FileOwnership> file) throws IOException {
        Path absolute = folder.toAbsolutePath().normalize();
        if (Files.isDirectory(absolute)) {
            return;
        }
        Path parent = absolute.getParent();
        if (parent == null) {
            throw new FileSystemException(folder.toString(), null, "the root cannot be made");
        }
        make(parent, Optional.empty());
        Path unnamed = parent.resolve(".holdfast-" + absolute.getFileName() + ".making");
        if (Files.exists(unnamed, LinkOption.NOFOLLOW_LINKS)) {
            Trees.delete(unnamed); // of a process that was killed
        }
        Files.createDirectory(
                unnamed, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        FileOwnership above = FileOwners.of(parent).orElse(null);
        if (above != null) {
            FileOwners.give(
                    unnamed,
                    file.map(it -> new FileOwnership(it.uid(), it.gid(), above.mode() | 0700))
                            .orElse(above));
        }
        if (Files.exists(absolute, LinkOption.NOFOLLOW_LINKS)) {
            Files.delete(unnamed); // another program was quicker
        } else {
            Files.move(unnamed, absolute, StandardCopyOption.ATOMIC_MOVE);
        }
        Trees.sync(parent);
    }
}
