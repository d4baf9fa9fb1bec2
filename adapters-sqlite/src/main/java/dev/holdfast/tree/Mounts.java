package dev.holdfast.tree;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static java.nio.file.LinkOption.NOFOLLOW_LINKS;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;

/** Which directories a file system is mounted at. */
public final class Mounts {
    private static final Path TABLE = Path.of("/proc/self/mountinfo");

    /** The fields of a line that are read, see proc_pid_mountinfo(5). */
    private static final int DEVICE = 2;

    private static final int POINT = 4;

    private static final int OPTIONS = 5;

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

    /**
     * The mount point at which a file is mounted without its folder, if there is one: its own path, or another path in
     * this mount namespace.
     *
     * @param real without links on its way; need not exist, and may be removed meanwhile
     */
    public static Optional<Path> ofFile(Path real) throws IOException {
        if (!Files.isRegularFile(real, NOFOLLOW_LINKS)) {
            return Optional.empty();
        }
        try {
            return ofExistingFile(real);
        } catch (NoSuchFileException e) {
            return Optional.empty(); // the program whose sidecar it was has removed it
        }
    }

    private static Optional<Path> ofExistingFile(Path real) throws IOException {
        if (!Files.isReadable(TABLE)) {
            return isMountPoint(real) ? Optional.of(real) : Optional.empty();
        }
        // The device alone is no sign: some file systems report another one for files than for folders.
        String device = device(real);
        try (Stream<String[]> mounts = mounts()) {
            for (String[] mount : (Iterable<String[]>) mounts::iterator) {
                Path at = Path.of(plain(mount[POINT]));
                if (at.equals(real) || (mount[DEVICE].equals(device) && isSameFile(at, real))) {
                    return Optional.of(at);
                }
            }
        }
        return Optional.empty();
    }

    private static String device(Path file) throws IOException {
        long device = (Long) Files.getAttribute(file, "unix:dev", NOFOLLOW_LINKS);
        long major = (device >>> 8 & 0xfff) | (device >>> 32 & ~0xfffL);
        long minor = (device & 0xff) | (device >>> 12 & ~0xffL);
        return major + ":" + (minor & 0xffffffffL);
    }

    private static boolean isSameFile(Path point, Path file) {
        try {
            BasicFileAttributes there = Files.readAttributes(point, BasicFileAttributes.class, NOFOLLOW_LINKS);
            return there.isRegularFile()
                    && Objects.equals(
                            there.fileKey(),
                            Files.readAttributes(file, BasicFileAttributes.class, NOFOLLOW_LINKS)
                                    .fileKey());
        } catch (IOException e) {
            return false; // unmounted meanwhile, or out of this server's reach
        }
    }

    /**
     * Whether programs may not be run from {@code real}, nor libraries loaded: its file system is mounted {@code noexec}.
     *
     * @param real without links on its way
     */
    public static boolean isNoExec(Path real) throws IOException {
        return hasOption(real, "noexec");
    }

    /**
     * Whether the file system that {@code real} is on, or its mount alone, is read-only; false if the system does not tell.
     * A file store cannot say: it knows the device, and of one device one mount can be read-only and another writable.
     *
     * @param real without links on its way
     */
    public static boolean isReadOnly(Path real) throws IOException {
        return hasOption(real, "ro");
    }

    private static boolean hasOption(Path real, String option) throws IOException {
        if (!Files.isReadable(TABLE)) {
            return false;
        }
        String shown = shown(real);
        String longest = "";
        boolean found = false;
        List<String[]> lines;
        try (Stream<String[]> mounts = mounts()) {
            lines = mounts.toList();
        }
        for (String[] fields : lines) {
            String within = fields[POINT].equals("/") ? "/" : fields[POINT] + "/";
            // Of two mounts at one place the later line is the one on top.
            if ((shown + "/").startsWith(within) && within.length() >= longest.length()) {
                longest = within;
                found = contains(fields[OPTIONS], option) || contains(fields[fields.length - 1], option);
            }
        }
        return found;
    }

    private static boolean contains(String options, String option) {
        return List.of(options.split(",", -1)).contains(option);
    }

    private static Stream<String> points() throws IOException {
        return mounts().map(it -> it[POINT]);
    }

    @SuppressWarnings("StreamResourceLeak") // the caller closes it
    private static Stream<String[]> mounts() throws IOException {
        // A name that is not UTF-8 must not hide the other lines.
        return Files.lines(TABLE, ISO_8859_1)
                .map(it -> new String(it.getBytes(ISO_8859_1), UTF_8).split(" "))
                .filter(it -> it.length > POINT);
    }

    /** A path as the table shows it, without its escapes. */
    private static String plain(String shown) {
        return shown.replace("\\040", " ")
                .replace("\\011", "\t")
                .replace("\\012", "\n")
                .replace("\\134", "\\");
    }

    private static String shown(Path path) {
        return path.toString()
                .replace("\\", "\\134")
                .replace(" ", "\\040")
                .replace("\t", "\\011")
                .replace("\n", "\\012");
    }
}
