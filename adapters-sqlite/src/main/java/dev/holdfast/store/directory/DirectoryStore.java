package dev.holdfast.store.directory;

import dev.holdfast.application.operation.FailPoints;
import dev.holdfast.application.store.Artifact;
import dev.holdfast.application.store.IdentifiedStore;
import dev.holdfast.application.store.StagedArtifact;
import dev.holdfast.application.store.StagedArtifact.Publication;
import dev.holdfast.domain.backup.Backup;
import dev.holdfast.domain.backup.Origin;
import dev.holdfast.domain.identity.BackupKey;
import dev.holdfast.domain.identity.DatabaseName;
import dev.holdfast.domain.problem.Problem;
import dev.holdfast.domain.problem.ProblemException;
import dev.holdfast.store.folder.FileWork;
import dev.holdfast.store.folder.Folders;
import dev.holdfast.store.folder.KeyLocks;
import dev.holdfast.store.folder.OwnNames;
import dev.holdfast.store.folder.ServerLock;
import dev.holdfast.store.folder.StoreErrors;
import dev.holdfast.store.folder.UncertainChangeException;
import dev.holdfast.store.metadata.Absences;
import dev.holdfast.store.metadata.MetadataFiles;
import dev.holdfast.store.metadata.Recorded;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;

/** The port over its parts: each call, and what a refusal of the file system becomes. */
final class DirectoryStore implements IdentifiedStore {
    /** As {@link Files#createLink} does, which fails where the name is taken. */
    static final ArtifactPublisher.Link HARD_LINK = (part, name) -> Files.createLink(name, part);

    static final int PROBE_BYTES = 512;

    private final Folders folders;
    private final StoreIdentity identity;
    private final MetadataFiles metadata;
    private final Listing listing;
    private final ArtifactPublisher publishing;
    private final ArtifactRemover deleting;
    private final RunClaims claims;
    private final KeyLocks locks;
    private final ServerLock serverLock;
    private final InstantSource clock;
    private final FailPoints failPoints;

    private DirectoryStore(
            Folders folders,
            StoreIdentity identity,
            MetadataFiles metadata,
            Listing listing,
            RunClaims claims,
            ArtifactPublisher.Link link,
            KeyLocks locks,
            InstantSource clock,
            FailPoints failPoints) {
        this.folders = folders;
        this.identity = identity;
        this.metadata = metadata;
        this.listing = listing;
        this.claims = claims;
        this.locks = locks;
        serverLock = new ServerLock(folders);
        this.clock = clock;
        this.failPoints = failPoints;
        publishing = new ArtifactPublisher(folders, identity, metadata, listing, link, failPoints);
        deleting = new ArtifactRemover(folders, identity, metadata, listing, failPoints);
    }

    static DirectoryStore in(
            LocalStore.Setup setup, InstantSource clock, FailPoints failPoints, ArtifactPublisher.Link link) {
        return in(setup, SourceLook.DIRECT, clock, failPoints, link);
    }

    static DirectoryStore in(
            LocalStore.Setup setup,
            SourceLook sourceLook,
            InstantSource clock,
            FailPoints failPoints,
            ArtifactPublisher.Link link) {
        Folders folders = new Folders(setup.directory(), setup.server());
        MetadataFiles metadata = new MetadataFiles(folders, failPoints);
        KeyLocks locks = new KeyLocks();
        OwnNames ownNames = new OwnNames(setup.database());
        Listing listing = new Listing(
                folders,
                metadata,
                setup.database(),
                ownNames::contains,
                setup.naming(),
                setup.notBackups(),
                setup.others(),
                clock,
                new Absences(folders, metadata, locks, clock),
                sourceLook,
                setup.layouts());
        return new DirectoryStore(
                folders,
                new StoreIdentity(setup, folders, metadata, listing, ownNames, failPoints),
                metadata,
                listing,
                new RunClaims(folders, setup.server()),
                link,
                locks,
                clock,
                failPoints);
    }

    @Override
    public Set<DatabaseName> ownNames() {
        return reading(identity::ownNames);
    }

    @Override
    public Confirmed confirm(Consumer<Confirmed> audit) {
        Confirmed confirmed = confirmWithoutWriting(audit);
        identity.establishIfPossible();
        return confirmed;
    }

    Confirmed confirmWithoutWriting(Consumer<Confirmed> audit) {
        try {
            return identity.confirm(audit);
        } catch (IOException e) {
            throw StoreErrors.reading(folders, e);
        } finally {
            listing.changed();
        }
    }

    /** Changes what the directory says of the store as a whole, in a file of its own. */
    void record(Change change) {
        writing(() -> serverLock.holding(() -> {
            identity.prepare();
            identity.advance();
            change.run();
            return true;
        }));
    }

    /** A change of files. */
    interface Change {
        void run() throws IOException;
    }

    @Override
    public StagedArtifact stage(long expectedSize) {
        if (expectedSize < 0) {
            throw new IllegalArgumentException("expected size: " + expectedSize + " (expected: at least 0)");
        }
        return writing(() -> {
            identity.prepare();
            folders.requireRoomFor(expectedSize);
            return StagedFile.create(
                    folders,
                    failPoints,
                    (part, backup) -> locks.holding(backup.key(), () -> {
                        identity.advance();
                        Publication publication = publishing.publish(part, backup);
                        if (publication instanceof Publication.KeyTaken) {
                            identity.require(); // taken in this directory, not in another one
                        }
                        return publication;
                    }),
                    expectedSize);
        });
    }

    @Override
    public List<Backup> list() {
        return reading(() -> {
            List<Backup> all = listing.all();
            identity.require(); // a directory that goes away meanwhile looks empty
            return all;
        });
    }

    @Override
    public Map<BackupKey, Instant> modificationTimes() {
        return reading(listing::modificationTimes);
    }

    @Override
    public Optional<Backup> find(BackupKey key) {
        return reading(() -> required(listing.find(key)));
    }

    /** Nothing is absent from a directory that has gone away meanwhile. */
    private <T> Optional<T> required(Optional<T> found) throws IOException {
        if (found.isEmpty()) {
            identity.require();
        }
        return found;
    }

    @Override
    public Optional<Artifact> open(BackupKey key) {
        return reading(() -> {
            try {
                return required(listing.find(key)).isPresent()
                        ? Optional.of(new StoredArtifact(FileArtifact.at(folders.artifact(key)), identity, folders))
                        : Optional.empty();
            } catch (NoSuchFileException e) {
                return Optional.empty(); // deleted meanwhile
            }
        });
    }

    @Override
    public Optional<Backup> update(BackupKey key, UnaryOperator<Backup> change) {
        return writing(() -> locks.holding(
                key,
                () -> serverLock.holding(() -> {
                    Optional<Backup> before = required(listing.find(key));
                    if (before.isEmpty()) {
                        return before;
                    }
                    identity.advance(); // prepares the folders too: an external file may be all there is
                    metadata.write(changed(before.get(), change));
                    listing.changed();
                    failPoints.reached("store.updated");
                    return updated(key);
                })));
    }

    /** The change is made, so a directory that has gone away since is an uncertain outcome. */
    private Optional<Backup> updated(BackupKey key) throws IOException {
        try {
            return required(listing.find(key));
        } catch (IOException e) {
            throw new UncertainChangeException(e, UncertainChangeException.maybeChanged(key));
        } catch (ProblemException e) {
            throw e.problem() instanceof Problem.StoreUnavailable(String detail)
                    ? new ProblemException(
                            new Problem.StoreUnavailable(detail + " " + UncertainChangeException.maybeChanged(key)), e)
                    : e;
        }
    }

    private Recorded changed(Backup before, UnaryOperator<Backup> change) throws IOException {
        Backup after = change.apply(before);
        if (!after.key().equals(before.key())
                || after.size() != before.size()
                || !after.database().equals(before.database())
                || !after.foreign().equals(before.foreign())) {
            throw new IllegalArgumentException("change: key, size or database is another (expected: all as before)");
        }
        if (!after.verification().equals(before.verification())) {
            return new Recorded(after, Optional.empty()); // a check has compared the bytes
        }
        // A wrong size is found on every look. It is not noted, so that the file can be put right.
        Optional<Recorded> recorded = metadata.read(before.key());
        return new Recorded(
                after.with(recorded.map(Recorded::backup)
                        .filter(it -> it.origin() != Origin.EXTERNAL)
                        .map(Backup::verification)
                        .orElse(before.verification())),
                recorded.flatMap(Recorded::awaySince));
    }

    @Override
    public Deletion delete(BackupKey key, Predicate<Backup> condition) {
        return writing(() -> locks.holding(key, () -> serverLock.holding(() -> deleting.delete(key, condition))));
    }

    @Override
    public boolean claim(String run) {
        if (!run.matches(CLAIM)) {
            throw new IllegalArgumentException("run: \"" + run + "\" (expected: " + CLAIM + ")");
        }
        return writing(() -> {
            identity.prepare();
            return claims.take(run);
        });
    }

    @Override
    public void sweep() {
        writing(() -> {
            boolean isThere = folders.isThere();
            if (isThere) {
                identity.settle();
                for (BackupKey key : OrphanRemover.in(folders, metadata, clock.instant())) {
                    markBack(key);
                }
                listing.changed();
            }
            return isThere;
        });
    }

    /** The file still has to be compared, but if it is missing again the starts without it begin again. */
    private void markBack(BackupKey key) throws IOException {
        locks.holding(
                key,
                () -> serverLock.holding(() -> {
                    metadata.markAway(List.of(folders.metadata(key.value())), clock.instant());
                    return key;
                }));
    }

    @Override
    public void probe() {
        try (StagedArtifact few = stage(PROBE_BYTES)) {
            few.output().write(new byte[PROBE_BYTES]);
            few.seal();
        } catch (IOException e) {
            throw StoreErrors.writing(folders, e);
        }
    }

    private <T> T reading(FileWork<T> work) {
        try {
            identity.require();
            return work.run();
        } catch (IOException e) {
            throw StoreErrors.reading(folders, e);
        }
    }

    private <T> T writing(FileWork<T> work) {
        try {
            identity.require();
            return work.run();
        } catch (IOException e) {
            throw StoreErrors.writing(folders, e);
        }
    }
}
