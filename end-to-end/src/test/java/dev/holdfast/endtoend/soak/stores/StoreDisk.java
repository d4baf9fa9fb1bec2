package dev.holdfast.endtoend.soak.stores;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;

/** A folder that is mounted where a database's backups are stored. It is read directly, never through the mount. */
final class StoreDisk {
    private static final String OWN = ".holdfast";

    private final Path folder;
    private final Map<String, Read> known = new ConcurrentHashMap<>();

    /** @param version what changes whenever the file does */
    private record Read(String version, ArtifactContent content) {}

    StoreDisk(Path folder) {
        this.folder = folder;
    }

    Path folder() {
        return folder;
    }

    /** The artifacts by name. The values change whenever a file is replaced or written. */
    Map<String, String> artifacts() throws IOException {
        var found = new TreeMap<String, String>();
        try (Stream<Path> entries = Files.list(folder)) {
            for (Path entry : entries.toList()) {
                String name = entry.getFileName().toString();
                if (!name.equals(OWN)) {
                    version(entry).ifPresent(it -> found.put(name, it));
                }
            }
        }
        return found;
    }

    private static Optional<String> version(Path file) throws IOException {
        try {
            BasicFileAttributes it = Files.readAttributes(file, BasicFileAttributes.class);
            return Optional.of(it.fileKey() + " " + it.size() + " " + it.lastModifiedTime());
        } catch (NoSuchFileException e) {
            return Optional.empty();
        }
    }

    /** Whether the server has described the artifact, which it does before the artifact has its name. */
    boolean isDescribed(String name) {
        return Files.exists(folder.resolve(OWN).resolve("meta").resolve(name + ".json"));
    }

    boolean exists(String name) {
        return Files.exists(folder.resolve(name));
    }

    /** @throws NoSuchFileException if there is none */
    ArtifactContent content(String name) throws IOException {
        Path file = folder.resolve(name);
        String version = version(file).orElseThrow(() -> new NoSuchFileException(file.toString()));
        Read before = known.get(name);
        if (before != null && before.version().equals(version)) {
            return before.content();
        }
        ArtifactContent content = ArtifactContent.of(file);
        known.put(name, new Read(version, content));
        return content;
    }

    long size(String name) throws IOException {
        return Files.size(folder.resolve(name));
    }

    /** Everything that is stored, folders too, to be compared with a later look. */
    Map<String, String> tree() throws IOException {
        return tree(folder);
    }

    static Map<String, String> tree(Path folder) throws IOException {
        var tree = new TreeMap<String, String>();
        try (Stream<Path> found = Files.walk(folder)) {
            for (Path path : found.filter(it -> !it.equals(folder)).toList()) {
                String name = folder.relativize(path).toString();
                BasicFileAttributes it = Files.readAttributes(path, BasicFileAttributes.class);
                tree.put(
                        name,
                        it.isDirectory() ? "folder" : it.fileKey() + " " + it.size() + " " + it.lastModifiedTime());
            }
        }
        return tree;
    }

    /** What differs between two looks, in words; empty if nothing does. */
    static String difference(Map<String, String> before, Map<String, String> after) {
        var names = new TreeSet<>(before.keySet());
        names.addAll(after.keySet());
        var differences = new HashMap<String, TreeSet<String>>();
        for (String name : names) {
            String then = before.get(name);
            String now = after.get(name);
            if (then == null) {
                differences.computeIfAbsent("new", _ -> new TreeSet<>()).add(name);
            } else if (now == null) {
                differences.computeIfAbsent("gone", _ -> new TreeSet<>()).add(name);
            } else if (!then.equals(now)) {
                differences.computeIfAbsent("changed", _ -> new TreeSet<>()).add(name);
            }
        }
        return differences.isEmpty() ? "" : differences.toString();
    }
}
