package dev.holdfast.store.directory;

import dev.holdfast.application.operation.FailPoints;
import dev.holdfast.application.store.Artifact;
import dev.holdfast.application.store.BackupStore;
import dev.holdfast.application.store.StagedArtifact;
import dev.holdfast.domain.backup.Backup;
import dev.holdfast.domain.identity.BackupKey;
import dev.holdfast.domain.identity.DatabaseName;
import dev.holdfast.domain.problem.ProblemException;
import dev.holdfast.store.folder.FolderPath;
import dev.holdfast.store.folder.Folders;
import dev.holdfast.store.folder.KeyLocks;
import dev.holdfast.store.folder.ResolvedPaths;
import dev.holdfast.store.folder.ServerLock;
import dev.holdfast.store.folder.StoreErrors;
import dev.holdfast.store.metadata.IdentityFiles;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A backup directory with the folders that clients have chosen since, as one store. Without such a folder every call goes to
 * the backup directory. With some, a call fails as long as one of them cannot be used: a list without its backups would
 * look as if they were gone, and their names as if they were free. See {@code docs/internals/backup-folders.md}.
 */
final class FolderedStore implements FolderingStore {
    private static final System.Logger LOG = System.getLogger(FolderedStore.class.getName());

    /** Each call looks at all of them. */
    private static final int MAX_FOLDERS = 100;

    /** The number of the user who can exchange any folder. */
    private static final Integer ROOT = 0;

    private final LocalStore.Setup setup;
    private final SourceLook sourceLook;
    private final InstantSource clock;
    private final FailPoints failPoints;
    private final ArtifactPublisher.Link link;
    private final DirectoryStore main;
    private final Folders mainFolders;
    private final IdentityFiles files;

    /** Not the lock of changes: a publication waits for a change of this server, which waits for that one. */
    private final ServerLock names;

    private final KeyLocks publishing = new KeyLocks();
    private final ConcurrentMap<Path, FolderStore> stores = new ConcurrentHashMap<>();

    /** The folders that the catalogue has rows of; null until it was asked. Rows never go while the server runs. */
    private volatile @Nullable Set<String> remembered;

    private volatile List<Path> last = List.of();

    private FolderedStore(
            LocalStore.Setup setup,
            SourceLook sourceLook,
            InstantSource clock,
            FailPoints failPoints,
            ArtifactPublisher.Link link) {
        this.setup = setup;
        this.sourceLook = sourceLook;
        this.clock = clock;
        this.failPoints = failPoints;
        this.link = link;
        main = DirectoryStore.in(setup, sourceLook, clock, failPoints, link);
        mainFolders = new Folders(setup.directory(), setup.server());
        files = new IdentityFiles(mainFolders);
        names = new ServerLock(mainFolders, mainFolders.own().resolve("names.lock"));
    }

    static FolderedStore in(
            LocalStore.Setup setup,
            SourceLook sourceLook,
            InstantSource clock,
            FailPoints failPoints,
            ArtifactPublisher.Link link) {
        return new FolderedStore(setup, sourceLook, clock, failPoints, link);
    }

    private FolderRecord recorded() {
        try {
            return FolderRecord.read(mainFolders);
        } catch (IOException e) {
            throw StoreErrors.reading(mainFolders, e);
        }
    }

    private Set<String> remembered() {
        Set<String> before = remembered;
        if (before != null) {
            return before;
        }
        Set<String> rows = setup.known().all().stream()
                .filter(it -> it.database().equals(setup.database()))
                .flatMap(it -> FolderRows.folder(it).stream())
                .collect(Collectors.toUnmodifiableSet());
        remembered = rows;
        return rows;
    }

    /** The folders that can be used. An admin may have confirmed that others are missing. */
    private List<FolderStore> more() {
        if (recorded().folders().isEmpty() && remembered().isEmpty()) {
            return List.of();
        }
        main.ownNames(); // what an exchanged directory says is not believed
        List<FolderStore> more = new ArrayList<>();
        for (FolderStore store : all()) {
            if (!store.isLeftOut()) {
                more.add(store);
            }
        }
        return more;
    }

    private List<FolderStore> all() {
        List<FolderStore> all = recorded().choosing(Optional.empty(), remembered()).folders().stream()
                .map(this::at)
                .toList();
        List<Path> paths = all.stream().map(FolderStore::path).toList();
        if (!paths.equals(last)) {
            last = paths;
            setup.folders().watch(paths);
        }
        return all;
    }

    private FolderStore at(String name) {
        Path path = mainPath().resolve(name).normalize();
        return stores.computeIfAbsent(path, it -> FolderStore.at(it, name, setup, sourceLook, clock, failPoints, link));
    }

    private Path mainPath() {
        return ResolvedPaths.of(mainFolders.artifacts());
    }

    @Override
    public List<Path> folders() {
        return last;
    }

    @Override
    public Path chosen() {
        return inForce(recorded())
                .map(it -> mainFolders.artifacts().resolve(it))
                .orElseGet(mainFolders::artifacts);
    }

    private Optional<String> inForce(FolderRecord record) {
        return record.chosen().filter(_ -> setup.folders().isChoiceInForce());
    }

    @Override
    public Choice choose(Path folder) throws FolderRefusedException {
        more();
        main.ownNames();
        Path mainPath = mainPath();
        if (folder.equals(mainPath)) {
            return new MainChoice();
        }
        Optional<String> refusal = setup.folders().refusal(folder);
        if (refusal.isPresent()) {
            throw new FolderRefusedException(true, folder + " " + refusal.get());
        }
        String name = folder.startsWith(mainPath) ? mainPath.relativize(folder).toString() : folder.toString();
        Set<String> before = recorded().choosing(Optional.empty(), remembered()).folders();
        boolean known = before.contains(name);
        if (!known && before.size() >= MAX_FOLDERS) {
            throw new FolderRefusedException(
                    false, MAX_FOLDERS + " folders hold backups of the database; choose one of them");
        }
        try {
            var path = new FolderPath(folder);
            if (!known) {
                requireOwn(path);
            }
            Runnable undo = path.create();
            if (!known) {
                requireStillOwn(path, undo);
            }
            return choice(name, undo);
        } catch (NotDirectoryException e) {
            throw new FolderRefusedException(
                    true, folder + " leads over a link or over what is no directory: " + e.getMessage());
        } catch (IOException e) {
            throw new FolderRefusedException(false, folder + " cannot be made or opened: " + e.getMessage());
        }
    }

    /** What another user owns may hold that user's files, and that user could exchange the folders below it. */
    private void requireOwn(FolderPath path) throws IOException, FolderRefusedException {
        int whole = path.path().getNameCount();
        int first = setup.folders()
                .allowedBy(path.path())
                .map(it -> Math.min(it.getNameCount() + 1, whole))
                .orElse(whole);
        Object own = Files.getAttribute(Path.of("/proc/self"), "unix:uid");
        for (FolderPath part : path.presentFrom(first)) {
            Object owner = part.owner();
            if (!owner.equals(own) && (part.equals(path) || !owner.equals(ROOT))) {
                throw new FolderRefusedException(
                        true,
                        path.path() + (part.equals(path) ? "" : " is below " + part.path() + ", which")
                                + " belongs to another user, number " + owner + ", than the server runs as");
            }
        }
    }

    /** A folder that was missing may have been made by another user meanwhile. */
    private void requireStillOwn(FolderPath path, Runnable undo) throws IOException, FolderRefusedException {
        boolean own = false;
        try {
            requireOwn(path);
            own = true;
        } finally {
            if (!own) {
                undo.run();
            }
        }
    }

    private Choice choice(String name, Runnable undo) throws FolderRefusedException {
        boolean done = false;
        try {
            at(name).require();
            done = true;
            return new FolderChoice(name, undo);
        } catch (ProblemException e) {
            throw new FolderRefusedException(
                    true, "it cannot be used: " + e.problem().detail());
        } finally {
            if (!done) {
                undo.run();
            }
        }
    }

    private void record(Optional<String> chosen) {
        main.record(() -> {
            FolderRecord before = recorded();
            FolderRecord after = before.choosing(chosen, remembered());
            if (!after.equals(before)) {
                files.replace(FolderRecord.in(mainFolders), after.write());
            }
        });
    }

    private final class MainChoice implements Choice {
        @Override
        public void commit() {
            if (recorded().chosen().isPresent()) {
                record(Optional.empty());
            }
        }

        @Override
        public void undo() {
            // It is there in any case.
        }
    }

    private final class FolderChoice implements Choice {
        private final String name;
        private final Runnable undo;

        FolderChoice(String name, Runnable undo) {
            this.name = name;
            this.undo = undo;
        }

        @Override
        public void commit() {
            record(Optional.of(name));
            all();
        }

        @Override
        public void undo() {
            undo.run();
        }
    }

    @Override
    public StagedArtifact stage(long expectedSize) {
        List<FolderStore> more = more();
        if (more.isEmpty()) {
            return main.stage(expectedSize);
        }
        more.forEach(FolderStore::require);
        Optional<FolderStore> target = inForce(recorded()).map(this::at).filter(more::contains);
        BackupStore store = target.isPresent() ? target.get() : main;
        return new UniqueArtifact(store.stage(expectedSize), store);
    }

    /** A name that a backup in another folder has is taken. */
    private final class UniqueArtifact implements StagedArtifact {
        private final StagedArtifact artifact;
        private final BackupStore target;

        UniqueArtifact(StagedArtifact artifact, BackupStore target) {
            this.artifact = artifact;
            this.target = target;
        }

        @Override
        public OutputStream output() {
            return artifact.output();
        }

        @Override
        public Sealed seal() {
            return artifact.seal();
        }

        @Override
        public Artifact content() {
            return artifact.content();
        }

        @Override
        public Publication publish(Backup backup) {
            try {
                return publishing.holding(
                        backup.key(),
                        () -> names.holding(() -> isInAnother(backup.key())
                                ? new Publication.KeyTaken(backup.key())
                                : artifact.publish(backup)));
            } catch (IOException e) {
                throw StoreErrors.writing(mainFolders, e);
            }
        }

        private boolean isInAnother(BackupKey key) {
            return (target != main && main.find(key).isPresent())
                    || more().stream()
                            .filter(it -> it != target)
                            .anyMatch(it -> it.find(key).isPresent());
        }

        @Override
        public void close() {
            artifact.close();
        }
    }

    /** The backup directory's own come first where two have one name. */
    @Override
    public List<Backup> list() {
        List<FolderStore> more = more();
        if (more.isEmpty()) {
            return main.list();
        }
        Map<BackupKey, Backup> all = new LinkedHashMap<>();
        main.list().forEach(it -> all.put(it.key(), it));
        more.forEach(store -> store.list().forEach(it -> all.putIfAbsent(it.key(), it)));
        return all.values().stream().sorted(Backup.newestFirst()).toList();
    }

    @Override
    public Map<BackupKey, Instant> modificationTimes() {
        Map<BackupKey, Instant> all = new HashMap<>(main.modificationTimes());
        more().forEach(store -> store.modificationTimes().forEach(all::putIfAbsent));
        return all;
    }

    private BackupStore owner(BackupKey key) {
        List<FolderStore> more = more();
        if (more.isEmpty() || main.find(key).isPresent()) {
            return main;
        }
        for (FolderStore store : more) {
            if (store.find(key).isPresent()) {
                return store;
            }
        }
        return main;
    }

    @Override
    public Optional<Backup> find(BackupKey key) {
        return owner(key).find(key);
    }

    @Override
    public Optional<Artifact> open(BackupKey key) {
        return owner(key).open(key);
    }

    @Override
    public Optional<Backup> update(BackupKey key, UnaryOperator<Backup> change) {
        return owner(key).update(key, change);
    }

    @Override
    public Deletion delete(BackupKey key, Predicate<Backup> condition) {
        return owner(key).delete(key, condition);
    }

    @Override
    public boolean claim(String run) {
        return main.claim(run);
    }

    @Override
    public void sweep() {
        main.sweep();
        more().forEach(BackupStore::sweep);
        if (!recorded().folders().containsAll(remembered())) {
            LOG.log(
                    System.Logger.Level.WARNING,
                    "The record of the folders with backups of database {0} in {1} was incomplete and is written again",
                    setup.database(),
                    mainFolders.artifacts());
            record(recorded().chosen());
        }
    }

    @Override
    public void probe() {
        try (StagedArtifact few = stage(DirectoryStore.PROBE_BYTES)) {
            few.output().write(new byte[DirectoryStore.PROBE_BYTES]);
            few.seal();
        } catch (IOException e) {
            throw StoreErrors.writing(mainFolders, e);
        }
    }

    @Override
    public Set<DatabaseName> ownNames() {
        more();
        return main.ownNames();
    }

    @Override
    public Confirmed confirm(Consumer<Confirmed> audit) {
        return confirm(all(), 0, Set.of(), audit, true);
    }

    /** As {@link #confirm}, from a process that is not the server. */
    Confirmed confirmWithoutWriting(Consumer<Confirmed> audit) {
        return confirm(all(), 0, Set.of(), audit, false);
    }

    /** Looks at all of them before the audit, and accepts each after it. */
    private Confirmed confirm(
            List<FolderStore> rest,
            int backups,
            Set<DatabaseName> databases,
            Consumer<Confirmed> audit,
            boolean writing) {
        if (rest.isEmpty()) {
            Consumer<Confirmed> whole = it -> audit.accept(with(it, backups, databases));
            return with(writing ? main.confirm(whole) : main.confirmWithoutWriting(whole), backups, databases);
        }
        var confirmed = new AtomicReference<Confirmed>();
        rest.getFirst()
                .confirm(
                        it -> {
                            Set<DatabaseName> more = new TreeSet<>(databases);
                            more.addAll(it.databases());
                            confirmed.set(confirm(
                                    rest.subList(1, rest.size()), backups + it.backups(), more, audit, writing));
                        },
                        writing);
        return confirmed.get();
    }

    private static Confirmed with(Confirmed main, int backups, Set<DatabaseName> databases) {
        Set<DatabaseName> all = new TreeSet<>(main.databases());
        all.addAll(databases);
        return new Confirmed(main.id(), all, main.backups() + backups);
    }
}
