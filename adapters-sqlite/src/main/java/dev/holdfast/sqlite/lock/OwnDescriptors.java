package dev.holdfast.sqlite.lock;

import dev.holdfast.tree.FileIdentity;
import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;

/**
 * The descriptors of this process whose file has one path, as the kernel names it: without links, and not any more once
 * another file or folder has taken a place on it. To look opens none of the files. It shows which file SQLite has opened.
 *
 * @param descriptors as in {@code /proc/self/fd}
 */
public record OwnDescriptors(Set<Path> descriptors) {
    private static final Path ALL = Path.of("/proc/self/fd");
    private static final Path FLAGS = Path.of("/proc/self/fdinfo");

    /** {@code O_PATH} on Linux, the same on all its platforms that Java runs on. */
    private static final long PATH_ONLY = 010000000;

    public static OwnDescriptors of(Path file) throws IOException {
        Set<Path> found = new HashSet<>();
        if (!ForeignLocks.areVisible()) {
            return new OwnDescriptors(found);
        }
        try (DirectoryStream<Path> all = Files.newDirectoryStream(ALL)) {
            for (Path descriptor : all) {
                if (leadsTo(descriptor, file)) {
                    found.add(descriptor);
                }
            }
            return new OwnDescriptors(found);
        } catch (DirectoryIteratorException e) {
            throw e.getCause();
        }
    }

    private static boolean leadsTo(Path descriptor, Path file) throws IOException {
        try {
            return Files.readSymbolicLink(descriptor).equals(file);
        } catch (NoSuchFileException e) {
            return false; // closed meanwhile
        }
    }

    /** Returns whether a descriptor only stands for a path, as a {@link dev.holdfast.tree.PathHandle} of another thread does. */
    private static boolean isPathOnly(Path descriptor) throws IOException {
        try {
            return Files.readAllLines(FLAGS.resolve(descriptor.getFileName())).stream()
                    .filter(it -> it.startsWith("flags:"))
                    .map(it -> it.substring("flags:".length()).strip())
                    .anyMatch(it -> (Long.parseLong(it, 8) & PATH_ONLY) != 0);
        } catch (NoSuchFileException e) {
            return true; // closed meanwhile
        } catch (FileSystemException e) {
            throw e;
        } catch (IOException e) {
            return true; // closed between the opening of its text, which can fail as above, and the reading
        }
    }

    /** Returns whether one was opened since, and is of this file. On systems without such a list it is taken for one. */
    public boolean hasMore(OwnDescriptors before, FileIdentity file) throws IOException {
        for (Path descriptor : descriptors) {
            if (!before.descriptors.contains(descriptor)
                    && FileIdentity.of(descriptor).equals(Optional.of(file))
                    && !isPathOnly(descriptor)) {
                return true;
            }
        }
        return !ForeignLocks.areVisible();
    }
}
