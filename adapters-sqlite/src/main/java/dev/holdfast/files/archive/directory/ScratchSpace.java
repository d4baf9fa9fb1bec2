package dev.holdfast.files.archive.directory;

import dev.holdfast.files.archive.member.ArchiveErrors;
import dev.holdfast.tree.SecureDirectories;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.stream.Stream;

/** Where private files lie, each use in a folder of its own that goes with all that is in it. */
public final class ScratchSpace {
    private static final String FOLDER = "archive-";
    private static final FileAttribute<?> OWNER_ONLY =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));

    private static final System.Logger LOG = System.getLogger(ScratchSpace.class.getName());

    private final Path root;

    private ScratchSpace(Path root) {
        this.root = root;
    }

    /** Removes what a killed process left, by the names that are given here: whatever else lies there is somebody's. */
    public static ScratchSpace in(Path root) throws IOException {
        if (Files.isSymbolicLink(root)) {
            throw new FileSystemException(root.toString(), null, "expected a directory, not a symbolic link");
        }
        Files.createDirectories(root, OWNER_ONLY);
        List<Path> children;
        try (Stream<Path> entries = Files.list(root)) {
            children = entries.toList();
        }
        for (Path left : children) {
            if (left.getFileName().toString().startsWith(FOLDER)) {
                SecureDirectories.delete(left);
            }
        }
        return new ScratchSpace(root.toRealPath());
    }

    public Folder folder() {
        try {
            return new Folder(Files.createTempDirectory(root, FOLDER, OWNER_ONLY));
        } catch (IOException e) {
            throw ArchiveErrors.with(root, e);
        }
    }

    /** One private directory; closing removes it. */
    public record Folder(Path path) implements AutoCloseable {
        public Path file(String name) {
            return path.resolve(name);
        }

        /** Removes the folder. If that fails, the next start does: the work that used it has its outcome already. */
        @Override
        public void close() {
            try {
                SecureDirectories.delete(path);
            } catch (IOException e) {
                LOG.log(Level.WARNING, path + " could not be removed; the next start of the server removes it", e);
            }
        }
    }
}
