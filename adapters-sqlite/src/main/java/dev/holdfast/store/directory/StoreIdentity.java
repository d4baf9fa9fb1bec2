package dev.holdfast.store.directory;

import dev.holdfast.application.operation.FailPoints;
import dev.holdfast.application.store.IdentifiedStore.Confirmed;
import dev.holdfast.application.store.KnownStore;
import dev.holdfast.application.store.KnownStore.Stage;
import dev.holdfast.application.store.KnownStores;
import dev.holdfast.application.store.StoreId;
import dev.holdfast.disk.FullDisk;
import dev.holdfast.domain.identity.DatabaseName;
import dev.holdfast.domain.problem.Problem;
import dev.holdfast.domain.problem.ProblemException;
import dev.holdfast.store.folder.Folders;
import dev.holdfast.store.folder.OwnNames;
import dev.holdfast.store.folder.ResolvedPaths;
import dev.holdfast.store.metadata.IdentityFiles;
import dev.holdfast.store.metadata.MetadataFiles;
import dev.holdfast.store.metadata.StoreDocument;
import dev.holdfast.store.metadata.StoreDocument.UnreadableException;
import dev.holdfast.tree.PathHandle;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;

/**
 * Whether the directory is the one that this server knows as the store of its database, as
 * {@code docs/internals/store-identity.md} describes. Nothing is cached: a directory may be exchanged at any moment.
 */
final class StoreIdentity {
    private static final System.Logger LOG = System.getLogger(StoreIdentity.class.getName());

    private static final int MARK_BYTES = 16;

    private final LocalStore.Setup setup;
    private final Folders folders;
    private final IdentityFiles files;
    private final MetadataFiles metadata;
    private final Listing listing;
    private final OwnNames ownNames;
    private final KnownStores known;
    private final RandomGenerator random;
    private final FailPoints failPoints;

    /** Held while what is remembered and what is in the directory change together. */
    private final ReentrantLock changing = new ReentrantLock();

    StoreIdentity(
            LocalStore.Setup setup,
            Folders folders,
            MetadataFiles metadata,
            Listing listing,
            OwnNames ownNames,
            FailPoints failPoints) {
        this.setup = setup;
        this.folders = folders;
        this.files = new IdentityFiles(folders);
        this.metadata = metadata;
        this.listing = listing;
        this.ownNames = ownNames;
        this.known = setup.known();
        this.random = setup.random();
        this.failPoints = failPoints;
    }

    /**
     * What the directory says.
     *
     * @param unreadable why the document cannot be understood
     */
    private record Present(Optional<StoreDocument> document, Set<String> marks, Optional<String> unreadable) {
        /** One of the marks; a confirmation accepts whatever there is. */
        Optional<String> mark() {
            return marks.stream().sorted().findFirst();
        }

        /** Other databases may have been added meanwhile. */
        boolean isSame(Present before) {
            return document.map(StoreDocument::id).equals(before.document.map(StoreDocument::id))
                    && marks.equals(before.marks)
                    && unreadable.equals(before.unreadable);
        }
    }

    /** What the directory is, compared with what is remembered. */
    private sealed interface Standing {
        record Known(KnownStore store) implements Standing {}

        /** Nothing is remembered, and nothing in the directory is another database's. */
        record Unclaimed() implements Standing {}

        /** @param why completes "The backup directory …" */
        record Refused(String why) implements Standing {}
    }

    /** @throws ProblemException with {@code StoreUnavailable} if it is not the right directory */
    void require() throws IOException {
        standing();
    }

    /** The names under which backups in the directory are the database's own. */
    Set<DatabaseName> ownNames() throws IOException {
        require();
        return ownNames.all();
    }

    /** Makes what is missing of the folders. What was unmounted since the last look is not made in the mount point. */
    void prepare() throws IOException {
        if (known.find(database(), KnownStore.LOCAL)
                .filter(KnownStore::isWritten)
                .isPresent()) {
            folders.prepareKnown();
        } else {
            folders.prepareNew();
        }
    }

    private DatabaseName database() {
        return setup.database();
    }

    private Standing standing() throws IOException {
        Present present = look();
        return switch (judge(present)) {
            case Standing.Refused(String why) -> throw refused(why);
            case Standing.Unclaimed it -> it;
            case Standing.Known(KnownStore store) -> {
                if (ownNames.become(formerNames(store, present.document()))) {
                    listing.namesChanged();
                }
                yield new Standing.Known(store.calledBefore(notRegistered(store.formerNames())));
            }
        };
    }

    /** By what is remembered and by what the directory says. */
    private Set<DatabaseName> formerNames(KnownStore store, Optional<StoreDocument> document) {
        Set<DatabaseName> former = new TreeSet<>(store.formerNames());
        document.ifPresent(it -> former.addAll(it.formerNames(database())));
        return notRegistered(former);
    }

    /** A former name that another database has now stands for that database's backups. */
    private Set<DatabaseName> notRegistered(Set<DatabaseName> former) {
        Set<DatabaseName> free = new TreeSet<>(former);
        free.removeAll(setup.registered());
        return free;
    }

    private ProblemException refused(String why) {
        return new ProblemException(new Problem.StoreUnavailable("The backup directory " + folders.artifacts() + why
                + " No backup is listed, written or removed there. Mount the right disk, or confirm the directory as"
                + " it is now: holdfast store confirm " + KnownStore.LOCAL + " --database " + database()
                + " with the server's --config or --data-dir, or POST /api/v1/stores/" + KnownStore.LOCAL
                + "/confirm?database=" + database() + "."));
    }

    private Present look() throws IOException {
        Set<String> marks = files.marks();
        try {
            return new Present(files.document(), marks, Optional.empty());
        } catch (UnreadableException e) {
            return new Present(Optional.empty(), marks, Optional.of(String.valueOf(e.getMessage())));
        }
    }

    /**
     * Two looks, one at the directory and one at what is remembered, may have a change of the mark between them. So only
     * the usual result is believed at once; all else is judged again while nothing changes.
     */
    private Standing judge(Present present) throws IOException {
        Optional<KnownStore> remembered = known.find(database(), KnownStore.LOCAL);
        if (remembered.isPresent() && compare(remembered.get(), present) instanceof Standing.Known usual) {
            return usual;
        }
        changing.lock();
        try {
            Present now = look();
            Optional<KnownStore> rememberedNow = known.find(database(), KnownStore.LOCAL);
            return rememberedNow.isPresent() ? compare(rememberedNow.get(), now) : adopt(now);
        } finally {
            changing.unlock();
        }
    }

    private Standing compare(KnownStore remembered, Present present) throws IOException {
        if (present.document().isPresent()) {
            if (!present.document().get().id().equals(remembered.id())) {
                return new Standing.Refused(" is another directory than the one that was here before"
                        + belonging(present.document().get()) + ": is its disk mounted?");
            }
            return remembered.isWritten() && !remembered.accepts(present.marks())
                    ? new Standing.Refused(
                            " is not as this server left it: it is an older or newer copy of the directory that was"
                                    + " here before, or the server's own data directory is an older copy of itself.")
                    : new Standing.Known(remembered);
        }
        return switch (remembered.stage()) {
            case WRITTEN -> present.unreadable().map(StoreIdentity::unreadable).orElseGet(StoreIdentity::lost);
            case ADOPTED -> holdsBackups() ? new Standing.Known(remembered) : lost();
            case FRESH -> new Standing.Known(remembered);
        };
    }

    private String belonging(StoreDocument document) {
        Set<DatabaseName> others = new TreeSet<>(document.databases());
        others.remove(database());
        return others.isEmpty()
                ? ""
                : " and belongs to database "
                        + String.join(
                                ", ", others.stream().map(DatabaseName::value).toList());
    }

    private static Standing unreadable(String why) {
        return new Standing.Refused(" does not say which store it is (" + why + ").");
    }

    private static Standing lost() {
        return new Standing.Refused(" is not the directory that was here before: is its disk mounted?");
    }

    /** For a database without a remembered store: at the first start, and after its name was changed. */
    private Standing adopt(Present present) throws IOException {
        Optional<KnownStore> former = underAFormerName(present);
        if (former.isPresent()) {
            Standing standing = compare(former.get(), present);
            if (standing instanceof Standing.Known) {
                KnownStore renamed = former.get().renamed(database());
                known.rename(former.get().database(), renamed);
                LOG.log(
                        System.Logger.Level.INFO,
                        "Database {0} was called {1} before: its backups in {2} stay its own",
                        database(),
                        former.get().database(),
                        folders.artifacts());
                return new Standing.Known(renamed);
            }
            return standing;
        }
        if (present.unreadable().isPresent()) {
            return unreadable(present.unreadable().get());
        }
        if (present.document().isEmpty()) {
            return unclaimed();
        }
        StoreDocument document = present.document().get();
        if (!document.databases().contains(database())) {
            return ofOthers(document.databases());
        }
        Set<DatabaseName> renamed = document.calledBefore(database());
        renamed.retainAll(setup.registered());
        if (!renamed.isEmpty()) {
            return ofOthers(renamed);
        }
        KnownStore adopted = remembering(
                document.id(), Stage.WRITTEN, notRegistered(document.formerNames(database())), present.mark());
        known.remember(adopted);
        return new Standing.Known(adopted);
    }

    /**
     * Finds the store of this very source under a name that is not registered any more. The source alone is not enough:
     * either the id or the directory has to be the same too.
     */
    private Optional<KnownStore> underAFormerName(Present present) {
        Path source = source();
        Path directory = directory();
        return known.all().stream()
                .filter(it -> it.store().equals(KnownStore.LOCAL)
                        && !setup.registered().contains(it.database())
                        && it.source().equals(source)
                        && (present.document().isPresent()
                                ? present.document().get().id().equals(it.id())
                                : it.directory().equals(directory)))
                .findFirst();
    }

    /** A directory without an id: of this database if its metadata names no other one. */
    private Standing unclaimed() throws IOException {
        Set<DatabaseName> named = new TreeSet<>(metadata.databases());
        named.remove(database());
        return named.isEmpty() ? new Standing.Unclaimed() : ofOthers(named);
    }

    private Standing ofOthers(Set<DatabaseName> others) {
        return new Standing.Refused(" holds backups of another database: "
                + String.join(
                        ", ", others.stream().map(DatabaseName::value).sorted().toList())
                + ". Database " + database() + " has not used it before.");
    }

    private boolean holdsBackups() throws IOException {
        return !listing.all().isEmpty();
    }

    private Path source() {
        return ResolvedPaths.of(setup.source());
    }

    private Path directory() {
        return ResolvedPaths.of(folders.artifacts());
    }

    /** Makes the directory this database's before the first change to it. The id is remembered before it is written. */
    private KnownStore establish() throws IOException {
        KnownStore store = switch (standing()) {
            case Standing.Known(KnownStore it) -> it;
            default -> claim();
        };
        if (store.isWritten()) {
            serve(store);
            return store;
        }
        folders.prepareNew();
        KnownStore written = write(store);
        known.remember(written);
        failPoints.reached("store.identity-settled");
        return written;
    }

    private KnownStore claim() throws IOException {
        KnownStore store = remembering(
                StoreId.random(random), holdsBackups() ? Stage.ADOPTED : Stage.FRESH, Set.of(), look().mark());
        known.remember(store);
        failPoints.reached("store.identity-remembered");
        return store;
    }

    private KnownStore write(KnownStore store) throws IOException {
        Present present = look();
        if (present.unreadable().isPresent()) {
            files.setAside();
        }
        var own = new StoreDocument(store.id(), Set.of(), Map.of()).serving(database(), store.formerNames());
        if (files.create(own)) {
            failPoints.reached("store.identity-written");
            return store.written(store.id());
        }
        // This server before a crash, or another one that was quicker.
        StoreDocument other = look().document().orElse(own);
        if (!other.id().equals(store.id()) && !other.databases().contains(database())) {
            throw new ProblemException(new Problem.StoreUnavailable("The backup directory " + folders.artifacts()
                    + " was taken by another server for another database meanwhile; use a directory of its own."));
        }
        return store.written(other.id());
    }

    /** Adds the database to those that the directory says it serves. Only a later adoption reads that. */
    private void serve(KnownStore store) throws IOException {
        Optional<StoreDocument> document = look().document();
        if (document.isPresent()) {
            StoreDocument serving = document.get().serving(database(), formerNames(store, document));
            if (!serving.equals(document.get())) {
                folders.prepareKnown();
                files.replace(serving);
            }
        }
    }

    /**
     * Changes this server's mark in the directory, so that a copy of the directory from before is known as one. The next
     * value is remembered before it is written, and a crash in between leaves two that are accepted. Must precede each
     * change of what the directory holds.
     */
    void advance() throws IOException {
        changing.lock();
        try {
            KnownStore store = establish();
            String next = HexFormat.of().formatHex(randomBytes());
            try (PathHandle directory = PathHandle.of(folders.artifacts().toRealPath())) {
                // What is exchanged from now on gets no mark of this store.
                Folders held = folders.in(directory.path());
                IdentityFiles heldFiles = new IdentityFiles(held);
                requireId(store, heldFiles);
                known.remember(store.changing(heldFiles.marks(), next));
                failPoints.reached("store.mark-remembered");
                held.prepareKnown();
                heldFiles.writeMark(next);
                failPoints.reached("store.mark-written");
            }
            known.rememberSoon(store.marked(next));
        } finally {
            changing.unlock();
        }
    }

    private void requireId(KnownStore store, IdentityFiles held) throws IOException {
        boolean same;
        try {
            same = held.document().filter(it -> it.id().equals(store.id())).isPresent();
        } catch (UnreadableException e) {
            same = false;
        }
        if (!same) {
            throw refused(" was exchanged a moment ago: is its disk mounted?");
        }
    }

    /**
     * As {@link #advance}, before what frees space.
     *
     * @return whether the mark has changed; not if its disk or the catalogue's is too full for that
     */
    boolean advanceIfRoom() throws IOException {
        try {
            advance();
            return true;
        } catch (IOException e) {
            if (FullDisk.problem(folders.artifacts(), e).isEmpty()) {
                throw e;
            }
            return false;
        } catch (ProblemException e) {
            // The catalogue may be on the same disk.
            if (!(e.problem() instanceof Problem.InsufficientStorage)) {
                throw e;
            }
            require();
            return false;
        }
    }

    private byte[] randomBytes() {
        byte[] bytes = new byte[MARK_BYTES];
        random.nextBytes(bytes);
        return bytes;
    }

    /**
     * At a start: adopts what is there and ends what a crash has left. A directory that cannot be written is used as it
     * is.
     */
    void settle() throws IOException {
        changing.lock();
        try {
            Standing standing = standing();
            if (standing instanceof Standing.Unclaimed && !holdsBackups()) {
                return;
            }
            KnownStore store = establish();
            KnownStore moved = store.at(source(), directory());
            if (!moved.equals(store)) {
                known.remember(moved);
            }
            if (moved.mark().isEmpty() || moved.pendingMark().isPresent()) {
                advance();
            }
        } catch (IOException e) {
            LOG.log(
                    System.Logger.Level.WARNING,
                    "The backup directory {0} cannot be marked as the one of database {1}: {2}",
                    folders.artifacts(),
                    database(),
                    e);
        } finally {
            changing.unlock();
        }
    }

    /** As {@link dev.holdfast.application.store.IdentifiedStore#confirm}; changes nothing in the directory. */
    Confirmed confirm(Consumer<Confirmed> audit) throws IOException {
        changing.lock();
        try {
            Optional<KnownStore> before = known.find(database(), KnownStore.LOCAL);
            Present present = look();
            Set<DatabaseName> serves = new TreeSet<>(Set.of(database()));
            present.document().ifPresent(it -> serves.addAll(it.databases()));
            Set<DatabaseName> former = formerNames(before, present.document());
            int backups = backupsNow();
            KnownStore now = present.document()
                    .map(it -> remembering(it.id(), Stage.WRITTEN, former, present.mark()))
                    .orElseGet(() -> remembering(
                            StoreId.random(random), backups > 0 ? Stage.ADOPTED : Stage.FRESH, former, present.mark()));
            var confirmed = new Confirmed(now.id(), serves, backups);
            audit.accept(confirmed);
            // A look may have hung until the admin had mounted another disk, and another process may change the mark.
            if (!look().isSame(present)
                    || (present.document().isEmpty() && backupsNow() != backups)
                    || !known.replace(before, now)) {
                throw new ProblemException(new Problem.StoreUnavailable("The backup directory " + folders.artifacts()
                        + " changed while it was confirmed. It is not confirmed, and no backup was changed. Look at it"
                        + " and confirm it again if it is the right one."));
            }
            return confirmed;
        } finally {
            changing.unlock();
        }
    }

    private int backupsNow() throws IOException {
        listing.namesChanged(); // what was seen here before may be of another directory
        return listing.all().size();
    }

    /** What is remembered is of the directory with that id: under the same name another one has another database's. */
    private Set<DatabaseName> formerNames(Optional<KnownStore> before, Optional<StoreDocument> document) {
        if (document.isEmpty()) {
            return Set.of();
        }
        return before.filter(it -> it.id().equals(document.get().id()))
                .map(it -> formerNames(it, document))
                .orElseGet(() -> notRegistered(document.get().formerNames(database())));
    }

    private KnownStore remembering(StoreId id, Stage stage, Set<DatabaseName> former, Optional<String> mark) {
        return new KnownStore(
                database(), KnownStore.LOCAL, id, stage, source(), directory(), mark, Optional.empty(), former);
    }

    /** After a confirmation: gives the directory its id now, if that is possible. */
    void establishIfPossible() {
        changing.lock();
        try {
            if (folders.isThere()) {
                establish();
            }
        } catch (IOException e) {
            LOG.log(System.Logger.Level.DEBUG, "The id of a store is written later", e);
        } finally {
            changing.unlock();
        }
    }
}
