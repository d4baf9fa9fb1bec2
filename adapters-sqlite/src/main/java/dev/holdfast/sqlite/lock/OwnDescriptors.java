package dev.holdfast.sqlite.lock;

import dev.holdfast.tree.FileIdentity;
import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
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

    /** Returns whether one was opened since, and is of this file. On systems without such a list it is taken for one. */
    public boolean hasMore(OwnDescriptors before, FileIdentity file) throws IOException {
        for (Path descriptor : descriptors) {
            if (!before.descriptors.contains(descriptor)
                    && FileIdentity.of(descriptor).equals(Optional.of(file))) {
                return true;
            }
        }
        return !ForeignLocks.areVisible();
    }
}
