package dev.holdfast.store.folder;

import java.io.IOException;
import java.nio.file.Path;

/** Paths that two spellings of one place have in common. */
public final class ResolvedPaths {
    private ResolvedPaths() {}

    /** With symbolic links resolved up to the last part that exists. */
    public static Path of(Path path) {
        try {
            return path.toRealPath();
        } catch (IOException e) {
            Path absolute = path.toAbsolutePath().normalize();
            Path parent = absolute.getParent();
            return parent == null ? absolute : of(parent).resolve(absolute.getFileName());
        }
    }
}
