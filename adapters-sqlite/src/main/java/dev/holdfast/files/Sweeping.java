package dev.holdfast.files;

import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;

/** Removes what a killed process left half-made, from Holdfast's own folders only. */
final class Sweeping {
    private static final System.Logger LOG = System.getLogger(Sweeping.class.getName());

    private Sweeping() {}

    static void in(Folders folders) throws IOException {
        for (Path part : folders.ownFilesIn(folders.part())) {
            Files.deleteIfExists(part);
        }
        Set<Path> ofSomething = new HashSet<>();
        try (DirectoryStream<Path> files = Files.newDirectoryStream(folders.artifacts())) {
            for (Path file : files) {
                if (!folders.canName(file)) {
                    LOG.log(
                            System.Logger.Level.WARNING,
                            "The server''s locale cannot name all files in {0}, so leftover metadata stays.",
                            folders.artifacts());
                    return;
                }
                ofSomething.add(folders.metadata(file.getFileName().toString()));
            }
        } catch (DirectoryIteratorException e) {
            throw e.getCause();
        }
        for (Path folder : folders.metadata()) {
            for (Path metadata : folders.ownFilesIn(folder)) {
                if (Folders.isMetadata(metadata) && !ofSomething.contains(metadata)) {
                    Files.deleteIfExists(metadata);
                }
            }
        }
    }
}
