package dev.holdfast.tree;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.Stream;

/** Which directories a file system is mounted at. */
public final class Mounts {
    private static final Path TABLE = Path.of("/proc/self/mountinfo");

    private Mounts() {}

    /** @param real without links on its way */
    public static boolean isMountPoint(Path real) throws IOException {
        Path parent = real.getParent();
        if (parent == null || !Files.getAttribute(real, "unix:dev").equals(Files.getAttribute(parent, "unix:dev"))) {
            return true;
        }
        // A part of the same file system can be mounted as well, which the device does not tell.
        if (!Files.isReadable(TABLE)) {
            return false;
        }
        String shown = shown(real);
        try (Stream<String> points = points()) {
            return points.anyMatch(shown::equals);
        }
    }

    /**
     * A directory below {@code real} that a file system is mounted at, if there is one and the system tells.
     *
     * @param real without links on its way
     */
    public static Optional<Path> below(Path real) throws IOException {
        if (!Files.isReadable(TABLE)) {
            return Optional.empty();
        }
        String within = shown(real) + "/";
        try (Stream<String> points = points()) {
            return points.filter(it -> it.startsWith(within)).findFirst().map(Path::of);
        }
    }

    @SuppressWarnings("StreamResourceLeak") // the caller closes it
    private static Stream<String> points() throws IOException {
        return Files.lines(TABLE)
                .map(it -> it.split(" "))
                .filter(it -> it.length > 4)
                .map(it -> it[4]);
    }

    private static String shown(Path path) {
        return path.toString()
                .replace("\\", "\\134")
                .replace(" ", "\\040")
                .replace("\t", "\\011")
                .replace("\n", "\\012");
    }
}
