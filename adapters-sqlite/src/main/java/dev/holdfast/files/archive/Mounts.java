package dev.holdfast.files.archive;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/** Which directories a file system is mounted at. */
final class Mounts {
    private static final Path TABLE = Path.of("/proc/self/mountinfo");

    private Mounts() {}

    /** @param real without links on its way */
    static boolean isMountPoint(Path real) throws IOException {
        Path parent = real.getParent();
        if (parent == null || !Files.getAttribute(real, "unix:dev").equals(Files.getAttribute(parent, "unix:dev"))) {
            return true;
        }
        // A part of the same file system can be mounted as well, which the device does not tell.
        if (!Files.isReadable(TABLE)) {
            return false;
        }
        String shown = real.toString()
                .replace("\\", "\\134")
                .replace(" ", "\\040")
                .replace("\t", "\\011")
                .replace("\n", "\\012");
        try (Stream<String> lines = Files.lines(TABLE)) {
            return lines.map(it -> it.split(" ")).anyMatch(it -> it.length > 4 && it[4].equals(shown));
        }
    }
}
