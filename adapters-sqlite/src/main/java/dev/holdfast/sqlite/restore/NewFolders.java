package dev.holdfast.sqlite.restore;

import static java.util.Objects.requireNonNull;

import dev.holdfast.domain.backup.FileOwnership;
import dev.holdfast.sqlite.io.FreeName;
import dev.holdfast.tree.FileOwners;
import dev.holdfast.tree.LinkedPathException;
import dev.holdfast.tree.PathHandle;
import dev.holdfast.tree.SecureDirectories;
import java.io.IOException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;

/** The folders that a restore makes because they are missing, each complete before it has its name. */
final class NewFolders {
    private NewFolders() {}

    /**
     * Makes {@code folder} and the missing ones above it. Each gets the owner, group and permissions of the one above it.
     * The last one belongs to the owner of the file that comes into it, if that is known: SQLite makes files next to it.
     * Each is made in the handle of the one above, so nothing is made elsewhere whatever is exchanged meanwhile.
     *
     * @param folder without links
     * @throws LinkedPathException if a part of the path is a link now
     */
    static void make(Path folder, Optional<FileOwnership> file) throws IOException {
        Path shown = folder.toAbsolutePath().normalize();
        Deque<Path> missing = new ArrayDeque<>();
        PathHandle above = lowest(shown, missing);
        try {
            while (!missing.isEmpty()) {
                Path name = missing.removeFirst();
                PathHandle made = make(above, name, missing.isEmpty() ? file : Optional.empty());
                above.close();
                above = made;
            }
        } catch (FileSystemException e) {
            throw PathHandle.named(shown, e);
        } finally {
            above.close();
        }
    }

    /** Opens the lowest folder on the way that is there. */
    private static PathHandle lowest(Path folder, Deque<Path> missing) throws IOException {
        Path there = folder;
        while (true) {
            try {
                return PathHandle.of(there);
            } catch (NoSuchFileException e) {
                missing.addFirst(requireNonNull(there.getFileName(), "the root is there"));
                there = requireNonNull(there.getParent(), "the root is there");
            }
        }
    }

    private static PathHandle make(PathHandle above, Path name, Optional<FileOwnership> file) throws IOException {
        Path folder = above.path().resolve(name);
        Path unnamed = unnamed(folder);
        Files.createDirectory(
                unnamed, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        FileOwnership like = FileOwners.of(above.path()).orElse(null);
        if (like != null) {
            try (PathHandle made = above.folderBelow(unnamed.getFileName())) {
                FileOwners.give(
                        made,
                        file.map(it -> new FileOwnership(it.uid(), it.gid(), like.mode() | 0700))
                                .orElse(like));
            }
        }
        if (Files.exists(folder, LinkOption.NOFOLLOW_LINKS)) {
            Files.delete(unnamed); // another program was quicker
        } else {
            Files.move(unnamed, folder, StandardCopyOption.ATOMIC_MOVE);
        }
        SecureDirectories.sync(above.path());
        return above.folderBelow(name);
    }

    /** What a killed process left is empty and goes. A folder of that name with something in it is another's. */
    private static Path unnamed(Path folder) throws IOException {
        Path unnamed = folder.resolveSibling(".holdfast-" + folder.getFileName() + ".making");
        try {
            Files.deleteIfExists(unnamed);
            return unnamed;
        } catch (DirectoryNotEmptyException e) {
            return FreeName.like(unnamed);
        }
    }
}
