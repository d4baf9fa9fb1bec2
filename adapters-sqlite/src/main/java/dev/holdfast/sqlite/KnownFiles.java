package dev.holdfast.sqlite;

import dev.holdfast.domain.problem.Problem;
import dev.holdfast.domain.problem.ProblemException;
import dev.holdfast.tree.FileIdentity;
import dev.holdfast.tree.Identities;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Collection;
import java.util.Collections;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * The database files of all sources and of the server itself. Two of them that are one file, by a mount or a link, would
 * have their backups and restores mixed.
 *
 * @param owners each path as the settings name it, with its owner as a message names it
 * @param sharedLocks those that all programs use through the same mount, as the operator says
 */
public record KnownFiles(Map<Path, String> owners, Set<Path> sharedLocks) {
    public static final KnownFiles NONE = new KnownFiles(Map.of(), Set.of());

    public KnownFiles {
        owners = Map.copyOf(owners);
        sharedLocks = Set.copyOf(sharedLocks);
    }

    /** Returns the first file whose locks other programs may not see, by its file system as it is now. */
    Optional<UnsharedLocks> findUnshared(Collection<Path> files) throws IOException {
        for (Path file : files) {
            Optional<UnsharedLocks> unshared = sharedLocks.contains(file) ? Optional.empty() : UnsharedLocks.find(file);
            if (unshared.isPresent()) {
                return unshared;
            }
        }
        return Optional.empty();
    }

    /**
     * Mounts and links come and go, so each operation asks.
     *
     * @param files as their source names them
     * @throws ProblemException with {@code SourceNotAccessible} if another path leads to one of them
     */
    void requireApart(Collection<Path> files) {
        if (owners.size() < 2) {
            return;
        }
        Map<Path, FileIdentity> found = Identities.of(owners.keySet().stream()
                .flatMap(it -> Stream.of(it, it.resolveSibling("")))
                .toList());
        for (Path file : files) {
            Set<Object> own = identities(file, found);
            for (Map.Entry<Path, String> other : owners.entrySet()) {
                if (!other.getKey().equals(file) && !Collections.disjoint(own, identities(other.getKey(), found))) {
                    throw new ProblemException(sameFile(file, other.getKey(), other.getValue()));
                }
            }
        }
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
}
