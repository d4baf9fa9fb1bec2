package dev.holdfast.files.archive;

import dev.holdfast.application.archive.Archives;
import dev.holdfast.application.archive.DatabaseConverter;
import dev.holdfast.application.archive.PathRestrictions;
import dev.holdfast.files.archive.directory.ScratchSpace;
import java.io.IOException;
import java.nio.file.Path;

/** Archives by way of a scratch directory. */
public final class FileArchives {
    private FileArchives() {}

    /**
     * @param scratch made if it is missing; what an earlier process left there by the names that are given here goes. On a
     *     file system that has room for all databases of an archive, unpacked
     * @param boundaries of all sources whose directories are read or replaced
     * @throws IOException if the directory cannot be made, or is a symbolic link
     */
    public static Archives in(Path scratch, DatabaseConverter forms, PathRestrictions boundaries) throws IOException {
        return new LocalArchives(ScratchSpace.in(scratch), forms, boundaries);
    }
}
