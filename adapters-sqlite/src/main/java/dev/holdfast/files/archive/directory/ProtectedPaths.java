package dev.holdfast.files.archive.directory;

import dev.holdfast.application.archive.PathRestrictions;
import dev.holdfast.domain.database.Source;
import dev.holdfast.tree.SecureDirectories;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What must not be opened while one source's directories are read, nor replaced in their place. */
public final class ProtectedPaths {
    private final Source source;
    private final PathRestrictions boundaries;
    private final Set<Path> paths;
    private Set<Object> keys = Set.of();

    private ProtectedPaths(Source source, PathRestrictions boundaries, Set<Path> paths) {
        this.source = source;
        this.boundaries = boundaries;
        this.paths = paths;
    }

    public static ProtectedPaths of(Source source, PathRestrictions boundaries) throws IOException {
        Set<Path> paths = new HashSet<>(boundaries.closed());
        for (Path database : source.databaseFiles()) {
            Path real = Files.exists(database) ? database.toRealPath() : database;
            for (String end : new String[] {"", "-wal", "-shm", "-journal"}) {
                paths.add(real.resolveSibling(real.getFileName() + end));
            }
        }
        return new ProtectedPaths(source, boundaries, paths);
    }

    /** @param real where the directory is now */
    Optional<String> refusal(Path directory, Path real) {
        return boundaries.refusal(source, directory, real);
    }

    /** Finds what is there by now: SQLite makes and removes the files beside a database at any time. */
    void look() throws IOException {
        Set<Object> found = new HashSet<>();
        for (Path path : paths) {
            Object key = Files.isSymbolicLink(path) ? target(path) : SecureDirectories.identity(path);
            if (key != null) {
                found.add(key);
            }
        }
        keys = found;
    }

    private static @Nullable Object target(Path link) throws IOException {
        return Files.exists(link) ? SecureDirectories.identity(link.toRealPath()) : null;
    }

    /** @param key what tells it from any other, by whatever way it was reached; as of the last {@link #look} */
    boolean isClosed(Path real, @Nullable Object key) {
        return paths.contains(real) || (key != null && keys.contains(key));
    }

    /** Where a path leads now, though it may not exist. */
    public static Path real(Path path) throws IOException {
        try {
            return path.toRealPath();
        } catch (NoSuchFileException e) {
            Path absolute = path.toAbsolutePath().normalize();
            Path parent = absolute.getParent();
            return parent == null ? absolute : real(parent).resolve(absolute.getFileName());
        }
    }
}
