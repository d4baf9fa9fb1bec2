package dev.holdfast.store.directory;

import static java.nio.file.LinkOption.NOFOLLOW_LINKS;
import static java.util.Objects.requireNonNull;

import dev.holdfast.domain.identity.BackupKey;
import dev.holdfast.store.folder.Folders;
import dev.holdfast.store.metadata.MetadataFiles;
import dev.holdfast.store.metadata.Recorded;
import dev.holdfast.store.metadata.Sightings;
import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Removes what a killed process left half-made, from Holdfast's own folders only.
 *
 * <p>Metadata without an artifact is a leftover if it has a second name in {@code part/}: a publication or a removal was
 * cut off. Without one, the artifact is missing for another reason, and the metadata waits for it; see
 * {@code docs/internals/retention-and-pins.md}, "Missing files".
 */
final class OrphanRemover {
    private static final System.Logger LOG = System.getLogger(OrphanRemover.class.getName());

    /** What another server writes is left alone for so long; if it still is there then, that server is no more. */
    private static final Duration ABANDONED = Duration.ofDays(7);

    /** How long what cannot be read as metadata waits for its artifact. */
    private static final Duration WAITING = Duration.ofDays(7);

    /** Much longer than another server, maybe an earlier version, takes from the metadata to the artifact's name. */
    private static final Duration MAX_PUBLISHING = Duration.ofMinutes(10);

    /** If more artifacts are missing, and more than a tenth, the disk is suspected and all metadata stays. */
    private static final int FEW = 3;

    private static final int SUSPICIOUS_FRACTION = 10;

    private final Folders folders;
    private final MetadataFiles metadataFiles;
    private final Instant now;
    private final List<Path> leftParts = new ArrayList<>();
    private final Set<Object> cutOff = new HashSet<>();
    private final Set<Object> underWay = new HashSet<>();
    private final List<BackupKey> back = new ArrayList<>();

    private OrphanRemover(Folders folders, MetadataFiles metadataFiles, Instant now) {
        this.folders = folders;
        this.metadataFiles = metadataFiles;
        this.now = now;
    }

    /** @return backups that former starts have missed and that are there again; their metadata does not say so yet */
    static List<BackupKey> in(Folders folders, MetadataFiles metadataFiles, Instant now) throws IOException {
        OrphanRemover sweeping = new OrphanRemover(folders, metadataFiles, now);
        sweeping.sweep();
        return List.copyOf(sweeping.back);
    }

    private void sweep() throws IOException {
        readParts();
        Set<Path> ofSomething = new HashSet<>();
        if (addArtifacts(ofSomething)) {
            sweepMetadata(ofSomething);
        } else {
            LOG.log(
                    System.Logger.Level.WARNING,
                    "The server''s locale cannot name all files in {0}, so leftover metadata stays.",
                    folders.artifacts());
        }
        for (Path part : leftParts) {
            Files.deleteIfExists(part);
        }
    }

    private void readParts() throws IOException {
        for (Path part : folders.ownFilesIn(folders.part())) {
            BasicFileAttributes attributes = attributes(part);
            if (attributes == null) {
                continue;
            }
            boolean left = folders.isOwn(part) || isOlderThan(ABANDONED, attributes);
            if (left) {
                leftParts.add(part);
            }
            if (attributes.fileKey() != null) {
                (left ? cutOff : underWay).add(requireNonNull(attributes.fileKey()));
            }
        }
    }

    /** @return false if a file cannot be named */
    private boolean addArtifacts(Set<Path> metadata) throws IOException {
        try (DirectoryStream<Path> files = Files.newDirectoryStream(folders.artifacts())) {
            for (Path file : files) {
                if (!folders.canName(file)) {
                    return false;
                }
                metadata.add(folders.metadata(file.getFileName().toString()));
            }
            return true;
        } catch (DirectoryIteratorException e) {
            throw e.getCause();
        }
    }

    private void sweepMetadata(Set<Path> ofSomething) throws IOException {
        int all = 0;
        List<Path> waiting = new ArrayList<>();
        for (Path folder : folders.metadata()) {
            for (Path metadata : folders.ownFilesIn(folder)) {
                if (Folders.isMetadata(metadata)) {
                    all++;
                    if (ofSomething.contains(metadata)) {
                        metadataFiles
                                .readIn(metadata)
                                .filter(it -> !it.sightings().times().isEmpty())
                                .ifPresent(it -> back.add(it.backup().key()));
                    } else if (isWaiting(metadata)) {
                        waiting.add(metadata);
                    }
                }
            }
        }
        boolean many = waiting.size() > FEW && waiting.size() * SUSPICIOUS_FRACTION > all;
        boolean found = false;
        Map<Path, Sightings> unrecorded = new HashMap<>();
        for (Path metadata : waiting) {
            Optional<Recorded> recorded = metadataFiles.readIn(metadata);
            if (recorded.isEmpty()) {
                if (!many && isGarbledForLong(metadata)) {
                    Files.deleteIfExists(metadata);
                }
                continue;
            }
            Sightings before = recorded.get().sightings();
            Sightings with = recorded.get().sightingsWith(now);
            boolean first = with.times().size() == 1;
            found |= first && !with.equals(before);
            if (!many && !recorded.get().isMarkedByUser() && with.areEnough()) {
                Files.deleteIfExists(metadata);
            } else if (!with.equals(before) && (first || !many)) {
                unrecorded.put(metadata, with);
            }
        }
        metadataFiles.markMissing(unrecorded);
        if (many || found) {
            LOG.log(
                    System.Logger.Level.WARNING,
                    "{0} of {1} backups in {2} have metadata, but their files are missing. Their pins, labels and"
                            + " checksums are kept. If the files should be there, look whether the whole file system is"
                            + " mounted.",
                    waiting.size(),
                    all,
                    folders.artifacts());
        }
    }

    /** Removes a leftover. Returns whether the metadata is none, and no other server is about to publish its artifact. */
    private boolean isWaiting(Path metadata) throws IOException {
        BasicFileAttributes attributes = attributes(metadata);
        if (attributes == null || underWay.contains(key(attributes))) {
            return false;
        }
        if (!attributes.isRegularFile() || cutOff.contains(key(attributes))) {
            Files.deleteIfExists(metadata);
            return false;
        }
        return metadataFiles.isOurs(metadata) || isOlderThan(MAX_PUBLISHING, attributes);
    }

    private static Object key(BasicFileAttributes attributes) {
        return attributes.fileKey() == null ? attributes : attributes.fileKey();
    }

    /** Nothing can be recorded in what is not metadata. */
    private boolean isGarbledForLong(Path metadata) throws IOException {
        BasicFileAttributes attributes = attributes(metadata);
        return attributes != null && isOlderThan(WAITING, attributes);
    }

    private boolean isOlderThan(Duration age, BasicFileAttributes attributes) {
        return attributes.lastModifiedTime().toInstant().plus(age).isBefore(now);
    }

    private static @Nullable BasicFileAttributes attributes(Path file) throws IOException {
        try {
            return Files.readAttributes(file, BasicFileAttributes.class, NOFOLLOW_LINKS);
        } catch (NoSuchFileException e) {
            return null;
        }
    }
}
