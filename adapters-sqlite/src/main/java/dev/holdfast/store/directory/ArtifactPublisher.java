package dev.holdfast.store.directory;

import static java.nio.file.LinkOption.NOFOLLOW_LINKS;
import static java.nio.file.StandardCopyOption.ATOMIC_MOVE;

import dev.holdfast.application.operation.FailPoints;
import dev.holdfast.application.store.StagedArtifact.Publication;
import dev.holdfast.domain.backup.Backup;
import dev.holdfast.domain.identity.BackupKey;
import dev.holdfast.domain.problem.Problem;
import dev.holdfast.domain.problem.ProblemException;
import dev.holdfast.store.folder.Folders;
import dev.holdfast.store.folder.UncertainChangeException;
import dev.holdfast.store.metadata.MetadataFiles;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Optional;

/** Gives a sealed file its name. Its caller holds the key's lock. */
final class ArtifactPublisher {
    private static final System.Logger LOG = System.getLogger(ArtifactPublisher.class.getName());

    private final Folders folders;
    private final StoreIdentity identity;
    private final MetadataFiles metadata;
    private final Listing listing;
    private final Link link;
    private final FailPoints failPoints;

    ArtifactPublisher(
            Folders folders,
            StoreIdentity identity,
            MetadataFiles metadata,
            Listing listing,
            Link link,
            FailPoints failPoints) {
        this.folders = folders;
        this.identity = identity;
        this.metadata = metadata;
        this.listing = listing;
        this.link = link;
        this.failPoints = failPoints;
    }

    /** The backup is whole and stays listed, although its publication failed. */
    private static UncertainChangeException unwithdrawn(BackupKey key, IOException failure) {
        return new UncertainChangeException(
                failure,
                "The backup \"" + key
                        + "\" was written all the same and could not be removed; a power cut may lose it. Do"
                        + " not rely on it; make a new one once the directory can be written.");
    }

    /** Gives a file a second name, or fails with {@link FileAlreadyExistsException}. */
    interface Link {
        void make(Path part, Path name) throws IOException;
    }

    /**
     * The key's lock keeps other publications away from the metadata. A person who puts a file there between the first
     * look and the link is noticed by the link.
     */
    Publication publish(Path part, Backup backup) throws IOException {
        BackupKey key = backup.key();
        Path artifact = artifact(key);
        if (isTaken(key.value(), artifact)) {
            return new Publication.KeyTaken(key);
        }
        Optional<String> sidecar = SourceFiles.sidecarsOf(key.value()).stream()
                .filter(this::exists)
                .findFirst();
        if (sidecar.isPresent()) {
            return new Publication.KeyTaken(key, sidecar);
        }
        Path second;
        try {
            second = metadata.create(backup);
        } catch (FileAlreadyExistsException e) {
            return new Publication.KeyTaken(key);
        }
        try {
            failPoints.reached("store.meta-written");
            identity.require();
            makeVisible(part, artifact);
        } catch (FileAlreadyExistsException e) {
            identity.require(); // what has this name in another directory stays
            metadata.remove(key);
            metadata.endChange(second);
            return new Publication.KeyTaken(key);
        } catch (IOException e) {
            withdrawMetadata(key, second, e);
            throw e;
        }
        failPoints.reached("store.linked");
        makeDurable(artifact, key, second);
        failPoints.reached("store.published");
        removePart(second);
        removePart(part);
        return new Publication.Published();
    }

    private Path artifact(BackupKey key) {
        try {
            return folders.artifact(key);
        } catch (InvalidPathException e) {
            throw new ProblemException(
                    new Problem.InvalidFilename(
                            "The server's locale has no UTF-8, so a backup's name can hold ASCII characters only."),
                    e);
        }
    }

    /**
     * A name is taken by the source and by whatever lies there. A journal's name is taken by its database, and its
     * database's by the journal: SQLite would mix that into the new backup. See {@code
     * docs/internals/restore.md#journals-of-another-database}.
     */
    private boolean isTaken(String name, Path artifact) throws IOException {
        return listing.sources().claim(name)
                || Files.exists(artifact, NOFOLLOW_LINKS)
                || SourceFiles.sidecarOwner(name).filter(this::exists).isPresent();
    }

    private boolean exists(String name) {
        return Files.exists(folders.artifacts().resolve(name), NOFOLLOW_LINKS);
    }

    /** FAT and some network file systems have no hard links; there a look and a rename have to do. */
    private void makeVisible(Path part, Path artifact) throws IOException {
        try {
            link.make(part, artifact);
        } catch (FileAlreadyExistsException e) {
            throw e;
        } catch (UnsupportedOperationException | IOException e) {
            if (Files.exists(artifact, NOFOLLOW_LINKS)) {
                throw new FileAlreadyExistsException(artifact.toString());
            }
            try {
                Files.move(part, artifact, ATOMIC_MOVE);
            } catch (IOException moving) {
                moving.addSuppressed(e);
                throw moving;
            }
        }
    }

    private void makeDurable(Path artifact, BackupKey key, Path second) throws IOException {
        listing.changed();
        try {
            Folders.sync(folders.artifacts());
        } catch (IOException e) {
            // The answer says that there is no backup, so there must be none.
            try {
                Files.deleteIfExists(artifact);
            } catch (IOException deleting) {
                e.addSuppressed(deleting);
                throw unwithdrawn(key, e); // with its metadata, as it is whole
            }
            withdrawMetadata(key, second, e);
            listing.changed();
            throw e;
        }
    }

    /** If the metadata cannot be removed, it keeps its second name, and the next start removes both. */
    private void withdrawMetadata(BackupKey key, Path second, IOException because) {
        try {
            identity.require(); // what has this name in another directory stays
            metadata.remove(key);
            metadata.endChange(second);
        } catch (IOException | ProblemException e) {
            because.addSuppressed(e);
        }
    }

    private static void removePart(Path part) {
        try {
            Files.deleteIfExists(part);
        } catch (IOException e) {
            LOG.log(System.Logger.Level.WARNING, "A second name of a backup stays until the next start: " + part, e);
        }
    }
}
