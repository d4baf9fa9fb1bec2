package dev.holdfast.files;

import dev.holdfast.domain.backup.BackupKey;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * The source's own files. None of them is a backup, whatever it is called, and none may be opened here: closing it
 * would drop the locks of this process (rule 3). That holds under a second name too (rule 15).
 *
 * @param names of those in the store's directory, with the names of their journals
 * @param identities of all their inodes
 */
record SourceFiles(Set<String> names, Set<Object> identities) {
    private static final List<String> SIDECARS = List.of("-wal", "-shm", "-journal");

    /** Looks, but does not open. */
    static SourceFiles among(Set<Path> files, Path directory) throws IOException {
        Set<String> names = new HashSet<>();
        Set<Object> identities = new HashSet<>();
        for (Path file : files) {
            for (Path name : namesOf(file)) {
                if (isIn(directory, name)) {
                    String text = name.getFileName().toString();
                    names.add(text);
                    names.addAll(sidecarsOf(text));
                }
            }
            identify(file, identities);
        }
        return new SourceFiles(names, identities);
    }

    /** As the settings write it, and where links lead. */
    private static Set<Path> namesOf(Path file) throws IOException {
        Path given = file.toAbsolutePath().normalize();
        try {
            return new HashSet<>(List.of(given, given.toRealPath()));
        } catch (NoSuchFileException e) {
            return Set.of(given);
        }
    }

    private static boolean isIn(Path directory, Path file) throws IOException {
        Path parent = file.getParent();
        try {
            return parent != null && Files.isSameFile(parent, directory);
        } catch (NoSuchFileException e) {
            return false;
        }
    }

    private static void identify(Path file, Set<Object> identities) throws IOException {
        try {
            Object identity =
                    Files.readAttributes(file, BasicFileAttributes.class).fileKey();
            if (identity != null) {
                identities.add(identity);
            }
        } catch (NoSuchFileException e) {
            // A source that is not there yet has no second name either.
        }
    }

    boolean claim(String name) {
        return names.contains(name);
    }

    boolean claim(String name, FileStamp stamp) {
        return claim(name) || (stamp.identity() != null && identities.contains(stamp.identity()));
    }

    /** Whether the store's directory is one that the application uses too. */
    boolean areNextToBackups() {
        return !names.isEmpty();
    }

    /** What SQLite, or somebody's {@code sqlite3}, puts beside a database; not those with names that no file can have. */
    static List<String> sidecarsOf(String name) {
        return SIDECARS.stream().map(name::concat).filter(BackupKey::isValid).toList();
    }

    /** The database whose sidecar has this name. Empty if it is not a sidecar's name. */
    static Optional<String> sidecarOwner(String name) {
        return SIDECARS.stream()
                .filter(it -> name.endsWith(it) && name.length() > it.length())
                .map(it -> name.substring(0, name.length() - it.length()))
                .findFirst();
    }
}
