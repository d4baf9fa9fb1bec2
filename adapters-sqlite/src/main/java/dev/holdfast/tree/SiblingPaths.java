package dev.holdfast.tree;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.StreamSupport;
import java.util.zip.CRC32;

/**
 * What lies next to a directory while it is replaced, on the same file system. The names are short whatever the
 * directory's own is, and never used twice.
 */
public final class SiblingPaths {
    private static final FileAttribute<?> OWNER_ONLY =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));

    private static final String STAGED = ".holdfast-restoring-";

    private SiblingPaths() {}

    /** Makes the directory that is filled to replace {@code target}. */
    public static Path staged(Path target) throws IOException {
        return staged(parent(target), target);
    }

    /** @param folder the path by which the target's folder is held */
    public static Path staged(Path folder, Path target) throws IOException {
        return Files.createTempDirectory(folder, prefix(target), OWNER_ONLY);
    }

    /** What was being filled to replace {@code target} and nobody has moved to its place; of any process. */
    public static List<Path> left(Path target) throws IOException {
        return left(parent(target), target);
    }

    /** @param folder the path by which the target's folder is held */
    public static List<Path> left(Path folder, Path target) throws IOException {
        List<Path> left = new ArrayList<>();
        if (Files.isDirectory(folder)) {
            try (DirectoryStream<Path> names = Files.newDirectoryStream(folder, prefix(target) + "*")) {
                names.forEach(left::add);
            }
        }
        return left;
    }

    /** The name for what is next to {@code target} and is being removed. What is left of it then is {@link #left}. */
    public static Path removed(Path target, Path sibling) throws IOException {
        return parent(target)
                .resolve(prefix(target) + String.valueOf(sibling.getFileName()).substring(1));
    }

    /** @param kind what becomes of it; {@code unique} tells it from that of any other time */
    public static Path named(Path target, String kind, String unique) throws IOException {
        return parent(target).resolve(".holdfast-" + kind + "-" + mark(target) + "-" + unique);
    }

    /** Whether a path is that of a directory that is being filled, or below one. */
    public static boolean isStaged(Path path) {
        return StreamSupport.stream(path.spliterator(), false)
                .anyMatch(it -> it.toString().startsWith(STAGED));
    }

    private static String prefix(Path target) {
        return STAGED + mark(target) + "-";
    }

    private static String mark(Path target) {
        var sum = new CRC32();
        sum.update(String.valueOf(target.getFileName()).getBytes(UTF_8));
        return String.format("%08x", sum.getValue());
    }

    private static Path parent(Path target) throws IOException {
        Path parent = target.getParent();
        if (parent == null) {
            throw new FileSystemException(target.toString(), null, "the root has no siblings");
        }
        return parent;
    }
}
