package dev.holdfast.store.directory;

import static java.nio.file.LinkOption.NOFOLLOW_LINKS;

import dev.holdfast.application.operation.FailPoints;
import dev.holdfast.application.store.BackupStore.Deletion;
import dev.holdfast.domain.backup.Backup;
import dev.holdfast.domain.backup.Origin;
import dev.holdfast.domain.identity.BackupKey;
import dev.holdfast.domain.problem.Problem;
import dev.holdfast.domain.problem.ProblemException;
import dev.holdfast.store.folder.FileStamp;
import dev.holdfast.store.folder.Folders;
import dev.holdfast.store.folder.UncertainChangeException;
import dev.holdfast.store.metadata.MetadataFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Predicate;

/** Removes a backup. Its caller holds the key's lock. */
final class ArtifactRemover {
    private final Folders folders;
    private final StoreIdentity identity;
    private final MetadataFiles metadata;
    private final Listing listing;
    private final FailPoints failPoints;

    ArtifactRemover(
            Folders folders, StoreIdentity identity, MetadataFiles metadata, Listing listing, FailPoints failPoints) {
        this.folders = folders;
        this.identity = identity;
        this.metadata = metadata;
        this.listing = listing;
        this.failPoints = failPoints;
    }

    /** The artifact goes durably before its metadata, or a power cut could bring it back as somebody else's. */
    Deletion delete(BackupKey key, Predicate<Backup> condition) throws IOException {
        Optional<Backup> backup = listing.find(key);
        if (backup.isEmpty()) {
            identity.require(); // absent from this directory, not from another one
            return new Deletion.Absent();
        }
        if (!condition.test(backup.get())) {
            return new Deletion.Retained(backup.get());
        }
        boolean marked = identity.advanceIfRoom();
        if (backup.get().origin() != Origin.EXTERNAL) {
            removeSidecars(key);
        }
        Optional<Path> second = metadata.beginRemoval(key);
        try {
            return remove(key, second, marked);
        } catch (IOException e) {
            throw isThere(key) ? e : new UncertainChangeException(e, maybeGone(key));
        } catch (ProblemException e) {
            throw e.problem() instanceof Problem.StoreUnavailable(String detail) && !isThere(key)
                    ? new ProblemException(new Problem.StoreUnavailable(detail + " " + maybeGone(key)), e)
                    : e;
        }
    }

    private static String maybeGone(BackupKey key) {
        return "The backup \"" + key + "\" may be gone all the same; look at the list once the directory can be read.";
    }

    /** Whether the artifact can be seen. */
    private boolean isThere(BackupKey key) {
        return Files.exists(folders.artifact(key), NOFOLLOW_LINKS);
    }

    private Deletion remove(BackupKey key, Optional<Path> second, boolean marked) throws IOException {
        boolean removed = removeArtifact(key, second);
        listing.changed();
        failPoints.reached("store.artifact-removed");
        Folders.sync(folders.artifacts());
        failPoints.reached("store.removal-synced");
        identity.require(); // what has this name in another directory stays
        metadata.remove(key);
        if (second.isPresent()) {
            metadata.endChange(second.get());
        }
        failPoints.reached("store.deleted");
        if (!marked) {
            identity.advanceIfRoom();
        }
        return removed ? new Deletion.Deleted() : new Deletion.Absent();
    }

    private boolean removeArtifact(BackupKey key, Optional<Path> second) throws IOException {
        try {
            return Files.deleteIfExists(folders.artifact(key));
        } catch (IOException e) {
            // The backup stays, and so its metadata is no leftover.
            if (second.isPresent()) {
                try {
                    metadata.endChange(second.get());
                } catch (IOException ending) {
                    e.addSuppressed(ending);
                }
            }
            throw e;
        }
    }

    /** What somebody's {@code sqlite3} made beside the artifact would be mixed into the next one of that name. */
    private void removeSidecars(BackupKey key) throws IOException {
        SourceFiles sources = listing.sources();
        for (String name : SourceFiles.sidecarsOf(key.value())) {
            Path file = folders.artifacts().resolve(name);
            FileStamp stamp = FileStamp.of(file);
            if (stamp != null
                    && stamp.regular()
                    && !sources.claim(name, stamp)
                    && !Files.exists(folders.metadata(name), NOFOLLOW_LINKS)) {
                Files.delete(file);
            }
        }
    }
}
