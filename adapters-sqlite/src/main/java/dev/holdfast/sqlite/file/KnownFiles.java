package dev.holdfast.sqlite.file;

import static java.util.Objects.requireNonNull;

import dev.holdfast.application.location.KnownLocation;
import dev.holdfast.domain.problem.Problem;
import dev.holdfast.domain.problem.ProblemException;
import dev.holdfast.tree.FileIdentity;
import dev.holdfast.tree.Identities;
import dev.holdfast.tree.LinkedPathException;
import dev.holdfast.tree.MountTable;
import dev.holdfast.tree.PathHandle;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The database files of all sources and of the server itself, and what else no path of a source may lead to. Two files that
 * are one, by a mount or a link, would have their backups and restores mixed.
 *
 * @param owners each path as the settings name it, with its owner as a message names it
 * @param sharedLocks those that all programs use through the same mount, as the operator says
 * @param accepted where paths led when that was accepted
 */
public record KnownFiles(Map<Path, String> owners, Set<Path> sharedLocks, ReservedPlaces reserved, Accepted accepted) {
    public static final KnownFiles NONE = new KnownFiles(Map.of(), Set.of());

    private static final List<String> SIDECARS = List.of("-wal", "-shm", "-journal");

    public KnownFiles {
        owners = Map.copyOf(owners);
        sharedLocks = Set.copyOf(sharedLocks);
    }

    public KnownFiles(Map<Path, String> owners, Set<Path> sharedLocks) {
        this(owners, sharedLocks, ReservedPlaces.NONE);
    }

    public KnownFiles(Map<Path, String> owners, Set<Path> sharedLocks, ReservedPlaces reserved) {
        this(owners, sharedLocks, reserved, _ -> Optional.empty());
    }

    public KnownFiles with(Accepted newAccepted) {
        return new KnownFiles(owners, sharedLocks, reserved, newAccepted);
    }

    /** Where paths led when that was accepted. Asked at each operation. */
    public interface Accepted {
        Optional<KnownLocation> find(Path registered);
    }

    /** A database's main file and what SQLite keeps next to it. */
    public static Stream<Path> withSidecars(Path database) {
        return Stream.concat(Stream.of(database), sidecars(database));
    }

    /** What SQLite keeps next to a database's main file. */
    public static Stream<Path> sidecars(Path database) {
        return SIDECARS.stream().map(it -> database.resolveSibling(database.getFileName() + it));
    }

    /** Returns the first file whose locks other programs may not see, by its file system as it is now. */
    public Optional<UnsharedLocks> findUnshared(Collection<Path> files) throws IOException {
        for (Path file : files) {
            Optional<UnsharedLocks> unshared = sharedLocks.contains(file) ? Optional.empty() : UnsharedLocks.find(file);
            if (unshared.isPresent()) {
                return unshared;
            }
        }
        return Optional.empty();
    }

    /**
     * @param file as its source names it
     * @param real where that leads now, without links, whether a file is there or not
     * @throws ProblemException with {@code LocationChanged} if it led elsewhere when that was accepted, with {@code
     *     SourceNotAccessible} if it leads to a place of the server, of a backup or of another database
     */
    public void requireAccepted(Path file, Path real) throws IOException {
        Optional<KnownLocation> known = accepted.find(file);
        if (known.isEmpty()) {
            requireFree(file, real);
            requireApart(List.of(file));
        } else if (!known.get().resolved().equals(real)) {
            requireOwn(file, real);
            throw new ProblemException(new Problem.LocationChanged(
                    known.get().database(), file, known.get().resolved(), real));
        } else {
            requireApart(List.of(file));
        }
    }

    /**
     * @param file as its source names it
     * @param real where that leads now, without links, whether a file is there or not
     * @throws ProblemException with {@code SourceNotAccessible} if that is a place of the server, of a backup or of another
     *     database
     */
    public void requireOwn(Path file, Path real) throws IOException {
        requireFree(file, real, others(List.of(file)));
    }

    /** Main files of other databases are found by {@link #requireApart}. */
    private void requireFree(Path file, Path real) throws IOException {
        Map<Path, String> others = others(List.of(file));
        owners.keySet().forEach(it -> others.remove(place(it)));
        requireFree(file, real, others);
    }

    private void requireFree(Path file, Path real, Map<Path, String> others) throws IOException {
        @Nullable String owner = others.get(real);
        if (owner == null) {
            owner = ownerByIdentity(real, others).orElse(null);
        }
        if (owner == null && !file.toAbsolutePath().normalize().equals(real)) {
            MountTable mounts = MountTable.read();
            owner = reserved.allFolders().entrySet().stream()
                    .filter(it -> real.startsWith(it.getKey()) || mounts.overlap(real, it.getKey()))
                    .map(Map.Entry::getValue)
                    .findFirst()
                    .orElse(null);
        }
        if (owner != null) {
            throw new ProblemException(belongsElsewhere(file, real, owner));
        }
    }

    /** The file is held while the others are looked at: until then no other file can have its inode. */
    private Optional<String> ownerByIdentity(Path real, Map<Path, String> others) throws IOException {
        try (PathHandle held = PathHandle.of(real)) {
            FileIdentity identity = held.identity();
            Map<Path, FileIdentity> found = identities(others.keySet());
            return others.entrySet().stream()
                    .filter(it -> identity.equals(found.get(it.getKey())))
                    .map(Map.Entry::getValue)
                    .findFirst();
        } catch (NoSuchFileException | LinkedPathException e) {
            return Optional.empty();
        }
    }

    /** Returns what must not be opened in an operation on {@code files}, as it is now. */
    public OtherFiles lookAtOthers(Collection<Path> files) {
        Map<Path, String> others = others(files);
        Set<Path> direct = direct();
        Set<Path> sidecars = owners.keySet().stream()
                .map(this::place)
                .flatMap(KnownFiles::sidecars)
                .collect(Collectors.toUnmodifiableSet());
        Map<Path, FileIdentity> found = identities(others.keySet());
        return new OtherFiles(others.entrySet().stream()
                .filter(it -> found.containsKey(it.getKey()))
                .collect(Collectors.groupingBy(
                        it -> requireNonNull(found.get(it.getKey())),
                        Collectors.mapping(
                                it -> new OtherFiles.Other(
                                        it.getKey(),
                                        it.getValue(),
                                        direct.contains(it.getKey()),
                                        sidecars.contains(it.getKey())),
                                Collectors.toUnmodifiableList()))));
    }

    private Map<Path, String> others(Collection<Path> files) {
        Map<Path, String> others = new LinkedHashMap<>(reserved.files());
        owners.forEach((path, owner) -> {
            if (!files.contains(path)) {
                withSidecars(place(path)).forEach(it -> others.putIfAbsent(it, owner));
            }
        });
        return others;
    }

    /** Where it was accepted. A link that came later leads to nothing that belongs to its database. */
    private Path place(Path file) {
        return accepted.find(file).map(KnownLocation::resolved).orElse(file);
    }

    /** A place that was accepted has no links. Others are known by their settings, which may have some. */
    private Set<Path> direct() {
        Set<Path> direct = new HashSet<>(reserved.files().keySet());
        owners.keySet()
                .forEach(it -> accepted.find(it)
                        .ifPresent(known -> withSidecars(known.resolved()).forEach(direct::add)));
        return direct;
    }

    private Map<Path, FileIdentity> identities(Collection<Path> places) {
        Set<Path> direct = direct();
        return identities(places.stream().collect(Collectors.partitioningBy(direct::contains)));
    }

    /** @param places by whether they are to be reached without links */
    private static Map<Path, FileIdentity> identities(Map<Boolean, List<Path>> places) {
        Map<Path, FileIdentity> found = new HashMap<>(Identities.of(places.getOrDefault(false, List.of())));
        found.putAll(Identities.withoutLinks(places.getOrDefault(true, List.of())));
        return found;
    }

    /**
     * Mounts and links come and go, so each operation asks.
     *
     * @param files as their source names them
     * @throws ProblemException with {@code SourceNotAccessible} if another path leads to one of them
     */
    public void requireApart(Collection<Path> files) {
        if (owners.size() < 2) {
            return;
        }
        // One look takes the files one after the other, so an inode can go from a file that is replaced to another one.
        findShared(files).flatMap(_ -> findShared(files)).ifPresent(it -> {
            throw new ProblemException(it);
        });
    }

    private Optional<Problem> findShared(Collection<Path> files) {
        Set<Path> all = new HashSet<>(owners.keySet());
        all.addAll(files);
        Map<Path, FileIdentity> found =
                new HashMap<>(identities(all.stream().map(this::place).toList()));
        Map<Boolean, List<Path>> folders = all.stream()
                .collect(Collectors.partitioningBy(
                        it -> accepted.find(it).isPresent(),
                        Collectors.mapping(it -> place(it).resolveSibling(""), Collectors.toList())));
        found.putAll(identities(folders));
        for (Path file : files) {
            Set<Object> own = identities(place(file), found);
            for (Map.Entry<Path, String> other : owners.entrySet()) {
                if (!other.getKey().equals(file)
                        && !Collections.disjoint(own, identities(place(other.getKey()), found))) {
                    return Optional.of(sameFile(file, other.getKey(), other.getValue()));
                }
            }
        }
        return Optional.empty();
    }

    private record Name(FileIdentity folder, Path name) {}

    /** A missing file is known by its name in its folder. */
    private static Set<Object> identities(Path file, Map<Path, FileIdentity> found) {
        Set<Object> identities = new HashSet<>();
        FileIdentity own = found.get(file);
        if (own != null) {
            identities.add(own);
        }
        FileIdentity folder = found.get(file.resolveSibling(""));
        if (folder != null) {
            identities.add(new Name(folder, file.getFileName()));
        }
        return identities;
    }

    private static Problem sameFile(Path file, Path other, String owner) {
        return new Problem.SourceNotAccessible(file + " is the same file as " + other + ", which belongs to " + owner
                + ": a mount or a link leads both paths to it. Backups and restores of one would hold, or replace, the"
                + " data of the other. Nothing was read or changed. Unmount the one or correct the link, or remove one"
                + " of the two from the settings, and try again.");
    }

    static Problem belongsElsewhere(Path file, Path real, String owner) {
        return new Problem.SourceNotAccessible(file
                + (file.equals(real) ? " is a file that" : " leads to " + real + ", which") + " belongs to " + owner
                + ". A backup would hold its content, and a restore would replace"
                + " it. Nothing was read or changed. Let " + file + " lead to the database again, and try again.");
    }
}
