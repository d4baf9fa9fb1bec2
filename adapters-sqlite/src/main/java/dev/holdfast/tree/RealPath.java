package dev.holdfast.tree;

import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;

/** Where a path leads, with all links resolved, whether anything is there or not. */
public final class RealPath {
    private static final int MAX_LINKS = 40;

    private RealPath() {}

    /**
     * Links that lead to nothing are resolved too: a file system that is not mounted yet changes nothing about the answer.
     *
     * @throws FileSystemException if links lead in a circle
     */
    public static Path of(Path path) throws IOException {
        Path absolute = path.toAbsolutePath();
        Path root = absolute.getRoot();
        Deque<Path> rest = new ArrayDeque<>();
        absolute.forEach(rest::add);
        Path real = root;
        int links = 0;
        while (!rest.isEmpty()) {
            Path name = rest.removeFirst();
            switch (name.toString()) {
                case ".", "" -> {
                    // stays there
                }
                case ".." -> real = real.getParent() == null ? root : real.getParent();
                default -> {
                    Path next = real.resolve(name);
                    if (!Files.isSymbolicLink(next)) {
                        real = next;
                        continue;
                    }
                    links++;
                    if (links > MAX_LINKS) {
                        throw new FileSystemException(path.toString(), null, "too many links");
                    }
                    Path target = Files.readSymbolicLink(next);
                    for (int i = target.getNameCount() - 1; i >= 0; i--) {
                        rest.addFirst(target.getName(i));
                    }
                    real = target.isAbsolute() ? root : real;
                }
            }
        }
        return real;
    }
}
