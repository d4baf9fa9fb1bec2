package dev.holdfast.tree;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The file systems that are mounted, as {@code /proc/self/mountinfo} lists them. Only this text is read: a file system that
 * does not answer holds up nothing. See proc_pid_mountinfo(5). Without {@code /proc} the table is empty.
 */
public final class MountTable {
    private static final Path TABLE = Path.of("/proc/self/mountinfo");

    /** Where the optional fields begin, which end with a dash. */
    private static final int OPTIONAL = 6;

    private static final String ROOT = "/";

    /**
     * File systems whose content has other ways to it: on another machine, or under another path of this one. Programs on
     * those ways may not see locks that are taken here.
     */
    private static final Set<String> UNSHARED = Set.of(
            "fuse",
            "nfs",
            "nfs4",
            "cifs",
            "smb3",
            "smbfs",
            "9p",
            "virtiofs",
            "vboxsf",
            "prl_fs",
            "ceph",
            "afs",
            "lustre",
            "fakeowner",
            "grpcfuse",
            "osxfs");

    private static final String OVERLAY = "overlay";

    /** Of overlays over overlays. */
    private static final int MAX_DEPTH = 16;

    private final List<Mount> mounts;

    private MountTable(List<Mount> mounts) {
        this.mounts = mounts;
    }

    /**
     * One line.
     *
     * @param device major and minor number
     * @param root the directory of the file system that is mounted
     * @param point where it is mounted, absolute
     * @param type of the file system, with its subtype: {@code fuse.sshfs}
     * @param options of the file system
     */
    public record Mount(
            String id, String parent, String device, String root, String point, String type, List<String> options) {
        private boolean holds(String path) {
            return isWithin(path, point);
        }

        /** For a message: {@code fuse.sshfs at /srv/data}. */
        public String shown() {
            return type + " at " + point;
        }

        private boolean isUnshared() {
            return UNSHARED.contains(type) || type.startsWith("fuse.");
        }

        /** The directories that an overlay shows; not those that were named relative to another directory. */
        private List<Path> layers() {
            return options.stream()
                    .filter(it -> it.startsWith("upperdir=") || it.startsWith("lowerdir"))
                    .map(it -> it.substring(it.indexOf('=') + 1))
                    .flatMap(it -> Arrays.stream(it.split("(?<!\\\\)::?", -1)))
                    .map(it -> it.replaceAll("\\\\(.)", "$1"))
                    .filter(it -> it.startsWith(ROOT))
                    .map(Path::of)
                    .toList();
        }
    }

    public static MountTable read() throws IOException {
        return Files.isReadable(TABLE)
                ? of(Arrays.asList(Files.readString(TABLE, ISO_8859_1).split("\n")))
                : new MountTable(List.of());
    }

    /** Returns whether the same file systems are mounted at the same places. */
    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof MountTable table && mounts.equals(table.mounts);
    }

    @Override
    public int hashCode() {
        return mounts.hashCode();
    }

    /** @param lines with each byte as a character, because a name need not be UTF-8 */
    static MountTable of(List<String> lines) {
        return new MountTable(lines.stream()
                .map(it -> new String(it.getBytes(ISO_8859_1), UTF_8).split(" ", -1))
                .flatMap(it -> mount(it).stream())
                .toList());
    }

    private static Optional<Mount> mount(String[] fields) {
        int dash = OPTIONAL;
        while (dash < fields.length && !fields[dash].equals("-")) {
            dash++;
        }
        return dash + 3 < fields.length
                ? Optional.of(new Mount(
                        fields[0],
                        fields[1],
                        fields[2],
                        plain(fields[3]),
                        plain(fields[4]),
                        fields[dash + 1],
                        List.of(plain(fields[dash + 3]).split(",", -1))))
                : Optional.empty();
    }

    /** Major and minor number of the file system that is mounted as {@code id}. */
    public Optional<String> device(String id) {
        return mounts.stream()
                .filter(it -> it.id().equals(id))
                .map(Mount::device)
                .findFirst();
    }

    /** The mount that a path is on, also if mounts lie on top of each other. */
    public Optional<Mount> of(Path real) {
        String path = real.toAbsolutePath().toString();
        Optional<Mount> found = mounts.stream()
                .filter(it -> it.point().equals(ROOT))
                .filter(it -> mounts.stream()
                        .noneMatch(other -> other.id().equals(it.parent()) && !other.equals(it) && other.holds(ROOT)))
                .findFirst();
        for (int depth = 0; found.isPresent() && depth < mounts.size(); depth++) {
            String at = found.get().id();
            Optional<Mount> next = mounts.stream()
                    .filter(it -> it.parent().equals(at) && !it.id().equals(at) && it.holds(path))
                    .min(Comparator.comparing(it -> it.point().length()));
            if (next.isEmpty()) {
                return found;
            }
            found = next;
        }
        return found;
    }

    /**
     * Returns the file system that {@code real} is on if programs may use the same file without seeing locks that are taken
     * here; for an overlay, that of the layer. See {@code docs/internals/locks.md#file-systems-without-shared-locks}.
     */
    public Optional<Mount> withoutSharedLocks(Path real) {
        return withoutSharedLocks(real, MAX_DEPTH);
    }

    private Optional<Mount> withoutSharedLocks(Path real, int depth) {
        Optional<Mount> mount = of(real);
        if (mount.isEmpty() || mount.get().isUnshared()) {
            return mount;
        }
        // In a container, the layers are named by paths of the host.
        return mount.get().type().equals(OVERLAY) && depth > 0
                ? mount.get().layers().stream()
                        .filter(it -> !of(it).equals(mount))
                        .flatMap(it -> withoutSharedLocks(it, depth - 1).stream())
                        .findFirst()
                : Optional.empty();
    }

    /**
     * Returns whether two paths without links lead to the same directory or file, or one to a part of the other, whatever
     * is mounted at which place.
     */
    public boolean overlap(Path one, Path other) {
        Set<Stored> ones = stored(one);
        return stored(other).stream().anyMatch(it -> ones.stream().anyMatch(it::overlaps));
    }

    /** A directory of a file system. */
    private record Stored(String device, String path) {
        boolean overlaps(Stored other) {
            return device.equals(other.device) && (isWithin(path, other.path) || isWithin(other.path, path));
        }
    }

    /** Where the content of a directory is stored, with that of all that is mounted in it. */
    private Set<Stored> stored(Path real) {
        String path = real.toAbsolutePath().toString();
        Set<Stored> stored = new HashSet<>();
        of(real).ifPresent(it -> {
            String rest =
                    it.point().equals(ROOT) ? path : path.substring(it.point().length());
            stored.add(new Stored(it.device(), it.root().equals(ROOT) && !rest.isEmpty() ? rest : it.root() + rest));
        });
        mounts.stream()
                .filter(it -> !it.point().equals(path) && isWithin(it.point(), path))
                .forEach(it -> stored.add(new Stored(it.device(), it.root())));
        return stored;
    }

    private static boolean isWithin(String path, String directory) {
        return path.equals(directory) || path.startsWith(directory.endsWith(ROOT) ? directory : directory + ROOT);
    }

    /** The path without the escapes of the table. */
    private static String plain(String shown) {
        return shown.replace("\\040", " ")
                .replace("\\011", "\t")
                .replace("\\012", "\n")
                .replace("\\043", "#")
                .replace("\\134", "\\");
    }
}
