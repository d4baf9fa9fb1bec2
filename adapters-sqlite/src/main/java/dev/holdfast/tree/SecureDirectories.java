package dev.holdfast.tree;

import static java.nio.file.LinkOption.NOFOLLOW_LINKS;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SecureDirectoryStream;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributeView;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Directories, reached through open directories so that nobody can put a link in the way. */
public final class SecureDirectories {
    private SecureDirectories() {}

    /** @param directory itself may be reached over links */
    @SuppressWarnings("StreamResourceLeak") // the caller closes it
    public static SecureDirectoryStream<Path> open(Path directory) throws IOException {
        DirectoryStream<Path> stream = Files.newDirectoryStream(directory);
        if (stream instanceof SecureDirectoryStream<Path> secure) {
            return secure;
        }
        stream.close();
        throw new FileSystemException(directory.toString(), null, "directories there cannot be read safely");
    }

    /** The names in a directory, which the stream gives only once. */
    public static List<Path> names(DirectoryStream<Path> directory) throws IOException {
        List<Path> names = new ArrayList<>();
        try {
            for (Path entry : directory) {
                names.add(entry.getFileName());
            }
        } catch (DirectoryIteratorException e) {
            throw e.getCause();
        }
        return names;
    }

    /** What tells this directory from any that takes its place; null if there is nothing. */
    public static @Nullable Object identity(Path path) throws IOException {
        try {
            return Files.getFileAttributeView(path, BasicFileAttributeView.class, NOFOLLOW_LINKS)
                    .readAttributes()
                    .fileKey();
        } catch (NoSuchFileException e) {
            return null;
        }
    }

    /** Removes a file or a tree if it is there; a link, not what it leads to. */
    public static void delete(Path top) throws IOException {
        if (!Files.isDirectory(top, NOFOLLOW_LINKS)) {
            Files.deleteIfExists(top);
            return;
        }
        Path parent = top.toAbsolutePath().getParent();
        if (parent == null) {
            throw new FileSystemException(top.toString(), null, "the root is not removed");
        }
        try (SecureDirectoryStream<Path> within = open(parent)) {
            delete(within, top.getFileName());
        }
    }

    private static void delete(SecureDirectoryStream<Path> parent, Path name) throws IOException {
        PosixFileAttributeView view = parent.getFileAttributeView(name, PosixFileAttributeView.class, NOFOLLOW_LINKS);
        try {
            if (!view.readAttributes().isDirectory()) {
                parent.deleteFile(name);
                return;
            }
            view.setPermissions(PosixFilePermissions.fromString("rwx------"));
            try (SecureDirectoryStream<Path> directory = parent.newDirectoryStream(name, NOFOLLOW_LINKS)) {
                for (Path child : names(directory)) {
                    delete(directory, child);
                }
            }
            parent.deleteDirectory(name);
        } catch (NoSuchFileException e) {
            // Somebody else removed it.
        }
    }

    /** Makes the names in a directory survive a power cut. */
    public static void sync(Path directory) throws IOException {
        try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }
}
