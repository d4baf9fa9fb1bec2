package dev.holdfast.domain.database;

import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * What is backed up as one moment: a main SQLite file, and what belongs to it. Paths are absolute.
 *
 * @param extraFiles further SQLite files
 * @param directories folders of ordinary files
 */
public record Source(Path main, List<Path> extraFiles, List<Path> directories) {
    public Source {
        extraFiles = List.copyOf(extraFiles);
        directories = List.copyOf(directories);
    }

    public static Source of(Path main) {
        return new Source(main, List.of(), List.of());
    }

    /** All SQLite files, the main one first. */
    public List<Path> databaseFiles() {
        return Stream.concat(Stream.of(main), extraFiles.stream()).toList();
    }
}
