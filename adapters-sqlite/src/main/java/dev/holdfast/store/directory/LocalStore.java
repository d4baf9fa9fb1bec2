package dev.holdfast.store.directory;

import dev.holdfast.application.filesystem.FileSystemCalls;
import dev.holdfast.application.operation.FailPoints;
import dev.holdfast.application.store.IdentifiedStore;
import dev.holdfast.application.store.IdentifiedStore.Confirmed;
import dev.holdfast.application.store.KnownStore;
import dev.holdfast.application.store.KnownStores;
import dev.holdfast.domain.identity.DatabaseName;
import dev.holdfast.domain.profile.Naming;
import dev.holdfast.store.folder.FolderRule;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;

/**
 * Keeps the backups of a database in a local directory.
 *
 * <p>Its fail points, in the order in which a backup's life passes them:
 *
 * <ul>
 *   <li>{@code store.identity-remembered}: a new id is remembered, the directory does not have it yet
 *   <li>{@code store.identity-written}: and the directory has it, durably
 *   <li>{@code store.identity-settled}: and that is remembered
 *   <li>{@code store.mark-remembered}: before each change, the next value of the mark is remembered
 *   <li>{@code store.mark-written}: and is in the directory, durably
 *   <li>{@code store.part-created}: an empty temporary file is there
 *   <li>{@code store.half-written}: it holds the first bytes, not durable
 *   <li>{@code store.sealed}: it holds all bytes, durable
 *   <li>{@code store.meta-part-written}: new metadata is durable under a temporary name
 *   <li>{@code store.meta-renamed}: and has its own name, not durable
 *   <li>{@code store.meta-written}: the metadata of a new artifact is durable, the artifact has no name yet
 *   <li>{@code store.linked}: the artifact is visible, not durable
 *   <li>{@code store.published}: and durable
 *   <li>{@code store.updated}: changed metadata is durable
 *   <li>{@code store.artifact-removed}: a deleted artifact is gone, not durably
 *   <li>{@code store.removal-synced}: and durably, its metadata is still there
 *   <li>{@code store.meta-removed}: its metadata is gone too, not durably
 *   <li>{@code store.deleted}: all is gone, durably
 * </ul>
 */
public final class LocalStore {
    private LocalStore() {}

    /**
     * Where a store is and whose it is.
     *
     * @param directory made when the first backup is; no other store of this server may use it
     * @param server tells this server's unfinished files, claims and mark from another's: 1 to 64 letters and digits, the
     *     same at every start
     * @param database whose backups are here. A backup whose metadata names another one is listed as foreign
     * @param naming tells which of the files that somebody put there are backups
     * @param notBackups the source's own files, which may be in the same directory: neither listed nor opened
     * @param others further database files in use by this server; under no name or mount is one listed or opened
     * @param source the main SQLite file, by which a database is known again after its name was changed
     * @param registered the names of all databases of this server
     * @param known remembers which directory is this store
     * @param random for ids and marks
     * @param folders says which other folders may hold backups as well
     * @param layouts recognises the archives among the files that have no metadata
     */
    public record Setup(
            Path directory,
            String server,
            DatabaseName database,
            Naming naming,
            Set<Path> notBackups,
            Set<Path> others,
            Path source,
            Set<DatabaseName> registered,
            KnownStores known,
            RandomGenerator random,
            FolderRule folders,
            ArchiveLayouts layouts) {
        public Setup {
            notBackups = Set.copyOf(notBackups);
            others = Set.copyOf(others);
            registered = Set.copyOf(registered);
        }

        /** A store of one directory. */
        public Setup(
                Path directory,
                String server,
                DatabaseName database,
                Naming naming,
                Set<Path> notBackups,
                Set<Path> others,
                Path source,
                Set<DatabaseName> registered,
                KnownStores known,
                RandomGenerator random,
                ArchiveLayouts layouts) {
            this(
                    directory,
                    server,
                    database,
                    naming,
                    notBackups,
                    others,
                    source,
                    registered,
                    known,
                    random,
                    FolderRule.NONE,
                    layouts);
        }

        /** The same for one of the folders. */
        Setup of(Path folder, KnownStores rows) {
            return new Setup(
                    folder,
                    server,
                    database,
                    naming,
                    notBackups,
                    others,
                    source,
                    registered,
                    rows,
                    random,
                    folders,
                    layouts);
        }

        /** A store of a server that has no other database. */
        public Setup(
                Path directory,
                String server,
                DatabaseName database,
                Naming naming,
                Set<Path> notBackups,
                Path source,
                Set<DatabaseName> registered,
                KnownStores known,
                RandomGenerator random,
                ArchiveLayouts layouts) {
            this(directory, server, database, naming, notBackups, Set.of(), source, registered, known, random, layouts);
        }
    }

    /**
     * Where files of databases led when that was accepted. A link that came later names no file of the database, and hides no
     * backup. Asked at each look.
     */
    public interface SourcePlaces {
        Optional<Path> find(Path file);
    }

    /** Returns the folder outside of the backup directory that a row is about; empty if it is about another one. */
    public static Optional<Path> chosenFolder(KnownStore row) {
        return FolderRows.folder(row).map(Path::of).filter(Path::isAbsolute);
    }

    /** The store that {@code setup} describes. Touches nothing yet. */
    public static FolderingStore in(Setup setup, InstantSource clock, FailPoints failPoints) {
        return FolderedStore.in(setup, SourceLook.DIRECT, clock, failPoints, DirectoryStore.HARD_LINK);
    }

    /**
     * The store that {@code setup} describes, for a source on a file system that may hang: without an answer, the store
     * goes by what was there before.
     *
     * @param accepted where the databases' files are looked for
     * @param source calls into the source's file system
     */
    public static FolderingStore in(
            Setup setup, SourcePlaces accepted, FileSystemCalls source, InstantSource clock, FailPoints failPoints) {
        return FolderedStore.in(
                setup, SourceLook.within(source, accepted), clock, failPoints, DirectoryStore.HARD_LINK);
    }

    /** As {@link IdentifiedStore#confirm}, from a process that is not the server: writes nothing into the directory. */
    public static Confirmed confirm(Setup setup, InstantSource clock, Consumer<Confirmed> audit) {
        return FolderedStore.in(setup, SourceLook.DIRECT, clock, FailPoints.NONE, DirectoryStore.HARD_LINK)
                .confirmWithoutWriting(audit);
    }

    /** A store whose identity is remembered as long as this object lives. */
    public static IdentifiedStore in(
            Path directory,
            String server,
            DatabaseName database,
            Naming naming,
            Set<Path> notBackups,
            InstantSource clock,
            FailPoints failPoints,
            ArchiveLayouts layouts) {
        return in(
                new Setup(
                        directory,
                        server,
                        database,
                        naming,
                        notBackups,
                        directory.resolveSibling("source.db"),
                        Set.of(database),
                        KnownStores.inMemory(),
                        new SecureRandom(),
                        layouts),
                clock,
                failPoints);
    }
}
