package dev.holdfast.files;

import dev.holdfast.domain.backup.BackupKey;
import dev.holdfast.tree.FileIdentity;
import dev.holdfast.tree.Identities;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * The files of databases in use. None of them is a backup, whatever it is called, and none may be opened here: closing it
 * would drop the locks of this process. That holds under a second name too, by a link or a mount. See {@code
 * docs/internals/locks.md#one-file-one-gate}.
 *
 * @param names of the source's own files in the store's directory, with the names of their journals
 * @param identities of all files, also of other sources
 */
record SourceFiles(Set<String> names, Set<FileIdentity> identities) {
    private static final List<String> SIDECARS = List.of("-wal", "-shm", "-journal");

    /**
     * Looks, but does not open.
     *
     * @param files of the store's own source
     * @param others in use by this server; one that does not answer is left out
     */
    static SourceFiles among(Set<Path> files, Set<Path> others, Path directory) throws IOException {
        Set<String> names = new HashSet<>();
        Set<FileIdentity> identities = new HashSet<>(Identities.of(others).values());
        for (Path file : files) {
            for (Path name : namesOf(file)) {
                if (isIn(directory, name)) {
                    String text = name.getFileName().toString();
                    names.add(text);
                    names.addAll(sidecarsOf(text));
                }
            }
            // A source that is not there yet has no second name either.
            FileIdentity.of(file).ifPresent(identities::add);
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

    boolean claim(String name) {
        return names.contains(name);
    }

    boolean claim(String name, FileStamp stamp) {
        return claim(name) || identities.contains(stamp.identity());
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
