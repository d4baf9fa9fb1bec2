package dev.holdfast.sqlite.file;

import dev.holdfast.tree.FileIdentity;
import dev.holdfast.tree.PathHandle;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * The folders of a set of files, opened before the files. By their paths, files and sidecars of different folders could be
 * opened while a program exchanges a folder; see {@code docs/internals/locations.md#files-of-one-set}.
 */
public final class HeldFolders implements AutoCloseable {
    /** Twice: a file that is there at both looks was there between them, and so were all of them at one time. */
    private static final int LOOKS = 2;

    private final Collection<LiveFile> files;
    private final Map<Path, PathHandle> folders = new HashMap<>();

    private HeldFolders(Collection<LiveFile> files) {
        this.files = files;
    }

    /** @throws java.nio.file.NoSuchFileException if a folder is not there */
    public static HeldFolders of(Collection<LiveFile> files) throws IOException {
        var held = new HeldFolders(files);
        try {
            for (LiveFile file : files) {
                if (!held.folders.containsKey(file.directory())) {
                    held.folders.put(file.directory(), file.holdFolder());
                }
            }
            return held;
        } catch (Throwable e) {
            held.close();
            throw e;
        }
    }

    /** Returns the file as one of its folder that is held. */
    public LiveFile in(LiveFile file) {
        return file.in(folder(file));
    }

    /**
     * Returns the first file that is not the opened one any more, or whose folder is another one; empty if all of them were
     * there at one time after they were opened.
     *
     * @param opened what was opened, by path; without the files that were not there
     */
    public Optional<LiveFile> firstElsewhere(Map<Path, FileIdentity> opened) throws IOException {
        for (int look = 0; look < LOOKS; look++) {
            for (LiveFile file : files) {
                if (!isFolderThere(file) || !isThere(file, Optional.ofNullable(opened.get(file.path())))) {
                    return Optional.of(file);
                }
            }
        }
        return Optional.empty();
    }

    private PathHandle folder(LiveFile file) {
        return Objects.requireNonNull(folders.get(file.directory()));
    }

    private boolean isFolderThere(LiveFile file) throws IOException {
        return FileIdentity.withoutLinks(file.directory())
                .equals(Optional.of(folder(file).identity()));
    }

    private boolean isThere(LiveFile file, Optional<FileIdentity> opened) throws IOException {
        return opened.isEmpty() || FileIdentity.withoutLinks(file.path()).equals(opened);
    }

    /** Drops no lock. */
    @Override
    public void close() {
        folders.values().forEach(PathHandle::close);
        folders.clear();
    }
}
