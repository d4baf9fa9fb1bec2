package dev.holdfast.files;

import static java.nio.file.LinkOption.NOFOLLOW_LINKS;

import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.Set;

/** Removes what a killed process left half-made, from Holdfast's own folders only. */
final class Sweeping {
    private static final System.Logger LOG = System.getLogger(Sweeping.class.getName());

    /** What another server writes is left alone for so long; if it still is there then, that server is no more. */
    private static final Duration ABANDONED = Duration.ofDays(7);

    private Sweeping() {}

    static void in(Folders folders, MetadataFiles metadataFiles, Instant now) throws IOException {
        for (Path part : folders.ownFilesIn(folders.part())) {
            Instant written = Files.getLastModifiedTime(part, NOFOLLOW_LINKS).toInstant();
            if (folders.isOwn(part) || written.plus(ABANDONED).isBefore(now)) {
                Files.deleteIfExists(part);
            }
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
                // Of another server's it may be that its artifact is about to be there.
                Instant written =
                        Files.getLastModifiedTime(metadata, NOFOLLOW_LINKS).toInstant();
                if (Folders.isMetadata(metadata)
                        && !ofSomething.contains(metadata)
                        && (metadataFiles.isOurs(metadata)
                                || written.plus(ABANDONED).isBefore(now))) {
                    Files.deleteIfExists(metadata);
                }
            }
        }
    }
}
