package dev.holdfast.store.directory;

import dev.holdfast.application.operation.FailPoints;
import dev.holdfast.application.store.Artifact;
import dev.holdfast.application.store.BackupStore;
import dev.holdfast.application.store.IdentifiedStore.Confirmed;
import dev.holdfast.application.store.KnownStore;
import dev.holdfast.application.store.KnownStore.Stage;
import dev.holdfast.application.store.KnownStores;
import dev.holdfast.application.store.StagedArtifact;
import dev.holdfast.application.store.StoreId;
import dev.holdfast.domain.backup.Backup;
import dev.holdfast.domain.identity.BackupKey;
import dev.holdfast.domain.problem.Problem;
import dev.holdfast.domain.problem.ProblemException;
import dev.holdfast.store.folder.HeldFolder;
import dev.holdfast.store.folder.ResolvedPaths;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;

/**
 * One folder of a {@link FolderedStore}: a directory with an identity of its own, which every call opens part by part and uses
 * by its descriptor. Its {@link DirectoryStore} never sees another path.
 */
final class FolderStore implements BackupStore {
    private final LocalStore.Setup setup;
    private final HeldFolder folder;
    private final KnownStores rows;
    private final DirectoryStore store;

    private FolderStore(LocalStore.Setup setup, HeldFolder folder, KnownStores rows, DirectoryStore store) {
        this.setup = setup;
        this.folder = folder;
        this.rows = rows;
        this.store = store;
    }

    /**
     * @param main of the whole store
     * @param name of the folder in {@link FolderRecord}
     */
    static FolderStore at(
            Path path,
            String name,
            LocalStore.Setup main,
            SourceLook sourceLook,
            InstantSource clock,
            FailPoints failPoints,
            ArtifactPublisher.Link link) {
        try {
            HeldFolder folder = HeldFolder.at(path);
            var rows = new FolderRows(main.known(), name);
            LocalStore.Setup setup = main.of(folder.held(), rows);
            return new FolderStore(setup, folder, rows, DirectoryStore.in(setup, sourceLook, clock, failPoints, link));
        } catch (IOException e) {
            throw new ProblemException(
                    new Problem.StoreUnavailable("The folder " + path + " cannot be opened: " + e.getMessage() + "."),
                    e);
        }
    }

    Path path() {
        return folder.path();
    }

    /** Throws as every other call does if the folder is not the right one, or none that may hold backups. */
    void require() {
        within(store::ownNames);
    }

    /**
     * Returns whether an admin has confirmed that the folder is missing, and it still is.
     *
     * @throws ProblemException with {@code StoreUnavailable} if it cannot be used and that was not confirmed
     */
    boolean isLeftOut() {
        try {
            hold();
            folder.release();
            return false;
        } catch (ProblemException e) {
            if (isConfirmedAsMissing()) {
                return true;
            }
            throw e;
        }
    }

    private boolean isConfirmedAsMissing() {
        return row().filter(it -> it.stage() == Stage.FRESH).isPresent();
    }

    private Optional<KnownStore> row() {
        return rows.find(setup.database(), KnownStore.LOCAL);
    }

    private void hold() {
        Optional<String> refusal = setup.folders().refusal(folder.path());
        if (refusal.isPresent()) {
            throw unavailable(refusal.get(), Optional.empty());
        }
        try {
            folder.hold();
        } catch (NoSuchFileException e) {
            throw unavailable("is not there: is its disk mounted?", Optional.of(e));
        } catch (NotDirectoryException e) {
            throw unavailable("leads over a link or over what is no directory, " + e.getMessage(), Optional.of(e));
        } catch (IOException e) {
            throw unavailable("cannot be opened: " + e.getMessage(), Optional.of(e));
        }
    }

    private ProblemException unavailable(String why, Optional<IOException> cause) {
        var problem = new Problem.StoreUnavailable("The folder " + folder.path() + " holds backups of database "
                + setup.database() + " and " + why
                + ". No backup of this database is listed, written or removed until the"
                + " folder can be used again. Restore the folder or the setting holdfast.allowed-folders, or go on without"
                + " what is in it: holdfast store confirm " + KnownStore.LOCAL + " --database " + setup.database()
                + ".");
        return cause.map(it -> new ProblemException(problem, it)).orElseGet(() -> new ProblemException(problem));
    }

    private <T> T within(Supplier<T> work) {
        hold();
        try {
            return shown(work);
        } finally {
            folder.release();
        }
    }

    /** With the folder's own path in messages. */
    private <T> T shown(Supplier<T> work) {
        try {
            return work.get();
        } catch (ProblemException e) {
            String held = folder.held().toString();
            String path = folder.path().toString();
            throw switch (e.problem()) {
                case Problem.StoreUnavailable(String detail)
                when detail.contains(held) ->
                    new ProblemException(new Problem.StoreUnavailable(detail.replace(held, path)), e);
                case Problem.InsufficientStorage(String detail)
                when detail.contains(held) ->
                    new ProblemException(new Problem.InsufficientStorage(detail.replace(held, path)), e);
                default -> e;
            };
        }
    }

    /** Accepts the folder as it is now: with another identity, or as missing. */
    Confirmed confirm(Consumer<Confirmed> audit, boolean writing) {
        boolean held = false;
        try {
            hold();
            held = true;
            return shown(() -> writing ? store.confirm(audit) : store.confirmWithoutWriting(audit));
        } catch (ProblemException e) {
            if (held) {
                throw e;
            }
            return confirmAsMissing(audit);
        } finally {
            if (held) {
                folder.release();
            }
        }
    }

    private Confirmed confirmAsMissing(Consumer<Confirmed> audit) {
        Optional<KnownStore> before = row();
        var missing = new KnownStore(
                setup.database(),
                KnownStore.LOCAL,
                StoreId.random(setup.random()),
                Stage.FRESH,
                ResolvedPaths.of(setup.source()),
                folder.path(),
                Optional.empty(),
                Optional.empty(),
                Set.of());
        var confirmed = new Confirmed(missing.id(), Set.of(setup.database()), 0);
        audit.accept(confirmed);
        if (!rows.replace(before, missing)) {
            throw new ProblemException(new Problem.StoreUnavailable("The folder " + folder.path()
                    + " changed while it was confirmed as missing. Confirm the store again."));
        }
        return confirmed;
    }

    @Override
    public StagedArtifact stage(long expectedSize) {
        hold();
        boolean staged = false;
        try {
            var artifact = new Staged(shown(() -> store.stage(expectedSize)));
            staged = true;
            return artifact;
        } finally {
            if (!staged) {
                folder.release();
            }
        }
    }

    /** Holds the folder until it is closed. */
    private final class Staged implements StagedArtifact {
        private final StagedArtifact artifact;
        private boolean closed;

        Staged(StagedArtifact artifact) {
            this.artifact = artifact;
        }

        @Override
        public OutputStream output() {
            OutputStream out = artifact.output();
            return new OutputStream() {
                @Override
                public void write(int b) {
                    run(() -> out.write(b));
                }

                @Override
                public void write(byte[] bytes, int offset, int length) {
                    run(() -> out.write(bytes, offset, length));
                }

                @Override
                public void flush() {
                    run(out::flush);
                }

                @Override
                public void close() {
                    run(out::close);
                }
            };
        }

        private interface Writing {
            void run() throws IOException;
        }

        private void run(Writing writing) {
            shown(() -> {
                try {
                    writing.run();
                    return true;
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            });
        }

        @Override
        public Sealed seal() {
            return shown(artifact::seal);
        }

        @Override
        public Artifact content() {
            return artifact.content();
        }

        @Override
        public Publication publish(Backup backup) {
            return shown(() -> artifact.publish(backup));
        }

        @Override
        public void close() {
            if (closed) {
                return;
            }
            closed = true;
            try {
                artifact.close();
            } finally {
                folder.release();
            }
        }
    }

    @Override
    public List<Backup> list() {
        return within(store::list);
    }

    @Override
    public Map<BackupKey, Instant> modificationTimes() {
        return within(store::modificationTimes);
    }

    @Override
    public Optional<Backup> find(BackupKey key) {
        return within(() -> store.find(key));
    }

    @Override
    public Optional<Artifact> open(BackupKey key) {
        return within(() -> store.open(key)).map(Stored::new);
    }

    /** Opens the folder each time it is opened. It has no file: its path leads there only as long as the folder is held. */
    private final class Stored implements Artifact {
        private final Artifact artifact;

        Stored(Artifact artifact) {
            this.artifact = artifact;
        }

        @Override
        public long size() {
            return artifact.size();
        }

        @Override
        public String version() {
            return artifact.version();
        }

        @Override
        public Optional<Instant> modified() {
            return artifact.modified();
        }

        @Override
        public Optional<Path> file() {
            return Optional.empty();
        }

        @Override
        public Optional<String> beside() {
            return within(artifact::beside)
                    .map(it ->
                            it.replace(folder.held().toString(), folder.path().toString()));
        }

        @Override
        public InputStream open(long offset) throws IOException {
            try {
                return within(() -> {
                    try {
                        return artifact.open(offset);
                    } catch (IOException e) {
                        throw new UncheckedIOException(e);
                    }
                });
            } catch (UncheckedIOException e) {
                throw e.getCause();
            }
        }
    }

    @Override
    public Optional<Backup> update(BackupKey key, UnaryOperator<Backup> change) {
        return within(() -> store.update(key, change));
    }

    @Override
    public Deletion delete(BackupKey key, Predicate<Backup> condition) {
        return within(() -> store.delete(key, condition));
    }

    @Override
    public boolean claim(String run) {
        return within(() -> store.claim(run));
    }

    @Override
    public void sweep() {
        within(() -> {
            store.sweep();
            return true;
        });
    }

    @Override
    public void probe() {
        within(() -> {
            store.probe();
            return true;
        });
    }
}
