package dev.holdfast.store.directory;

import dev.holdfast.domain.identity.BackupKey;
import dev.holdfast.store.directory.LocalStore.SourcePlaces;
import dev.holdfast.store.folder.FileStamp;
import dev.holdfast.store.folder.ResolvedPaths;
import dev.holdfast.tree.FileIdentity;
import dev.holdfast.tree.Identities;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

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
     * Looks, but does not open. A file that cannot be looked at, for a link in a circle or a closed folder, is known by its
     * names alone: the user of an application can make one so, and its backups stay within reach.
     *
     * @param files of the store's own source
     * @param others in use by this server; one that does not answer is left out
     * @param accepted where the files are; one that is not known is looked for over links
     */
    static SourceFiles among(Set<Path> files, Set<Path> others, SourcePlaces accepted, Path directory) {
        Set<String> names = new HashSet<>();
        Set<FileIdentity> identities = new HashSet<>();
        for (Path file : files) {
            Optional<Path> place = accepted.find(file);
            for (Path name : namesOf(file, place)) {
                if (isIn(directory, name, place.isPresent())) {
                    String text = name.getFileName().toString();
                    names.add(text);
                    names.addAll(sidecarsOf(text));
                }
            }
            identity(place.orElse(file), place.isPresent()).ifPresent(identities::add);
        }
        Map<Boolean, List<Path>> elsewhere = others.stream()
                .collect(Collectors.partitioningBy(
                        it -> accepted.find(it).isPresent(),
                        Collectors.mapping(it -> accepted.find(it).orElse(it), Collectors.toList())));
        identities.addAll(
                Identities.of(elsewhere.getOrDefault(false, List.of())).values());
        identities.addAll(
                Identities.withoutLinks(elsewhere.getOrDefault(true, List.of())).values());
        return new SourceFiles(names, identities);
    }

    /** Where it was accepted; else as the settings write it, and where links lead. */
    private static Set<Path> namesOf(Path file, Optional<Path> accepted) {
        Path given = file.toAbsolutePath().normalize();
        return accepted.map(Set::of).orElseGet(() -> new HashSet<>(List.of(given, ResolvedPaths.of(given))));
    }

    private static boolean isIn(Path directory, Path file, boolean accepted) {
        Path parent = file.getParent();
        if (parent == null || parent.equals(directory)) {
            return parent != null;
        }
        Optional<FileIdentity> folder = identity(parent, accepted);
        return folder.isPresent() && folder.equals(identity(directory, false));
    }

    /** A place that was accepted has no links. What is not there, or is closed, has no second name either. */
    private static Optional<FileIdentity> identity(Path path, boolean accepted) {
        try {
            return accepted ? FileIdentity.withoutLinks(path) : FileIdentity.of(path);
        } catch (IOException e) {
            return Optional.empty();
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
