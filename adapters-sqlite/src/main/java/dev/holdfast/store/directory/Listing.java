package dev.holdfast.store.directory;

import dev.holdfast.domain.backup.Backup;
import dev.holdfast.domain.backup.Depth;
import dev.holdfast.domain.backup.Layout;
import dev.holdfast.domain.backup.Origin;
import dev.holdfast.domain.backup.Verification;
import dev.holdfast.domain.identity.BackupKey;
import dev.holdfast.domain.identity.DatabaseName;
import dev.holdfast.domain.problem.ProblemException;
import dev.holdfast.domain.profile.Naming;
import dev.holdfast.domain.profile.ParsedName;
import dev.holdfast.store.folder.FileStamp;
import dev.holdfast.store.folder.Folders;
import dev.holdfast.store.metadata.Absences;
import dev.holdfast.store.metadata.MetadataFiles;
import dev.holdfast.store.metadata.Recorded;
import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** Which files of the directory are backups, and what is known of each. */
final class Listing {
    /** Each takes a synchronisation of the disk, and a list must not take minutes. The next list records more. */
    private static final int MAX_RECORDED_AT_ONCE = 100;

    private final Folders folders;
    private final MetadataFiles metadata;
    private final DatabaseName database;
    private final Predicate<DatabaseName> ownNames;
    private final Naming naming;
    private final Set<Path> notBackups;
    private final Set<Path> others;
    private final InstantSource clock;
    private final Absences absences;
    private final SourceLook sourceLook;
    private final ArchiveLayouts layouts;

    /** What each file was found to be, by its name. Holds no more names than the directory after a list. */
    private final ConcurrentMap<String, Known> known = new ConcurrentHashMap<>();

    private final ListingCache memory;

    /**
     * @param database that is registered with the store: all that is listed is listed as its backups
     * @param ownNames names in metadata that mean this database; a backup with any other is foreign. Asked again after
     *     {@link #namesChanged}
     */
    Listing(
            Folders folders,
            MetadataFiles metadata,
            DatabaseName database,
            Predicate<DatabaseName> ownNames,
            Naming naming,
            Set<Path> notBackups,
            Set<Path> others,
            InstantSource clock,
            Absences absences,
            SourceLook sourceLook,
            ArchiveLayouts layouts) {
        this.layouts = layouts;
        this.sourceLook = sourceLook;
        this.folders = folders;
        this.metadata = metadata;
        this.database = database;
        this.ownNames = ownNames;
        this.naming = naming;
        this.notBackups = Set.copyOf(notBackups);
        this.others = Set.copyOf(others);
        this.clock = clock;
        this.absences = absences;
        memory = new ListingCache(folders, clock);
    }

    /**
     * @param backup null if the file is none
     * @param away whether the file has been missing since, and its metadata does not say so yet
     */
    private record Known(
            FileStamp artifact,
            @Nullable FileStamp metadata,
            @Nullable Backup backup,
            boolean away) {
        Known gone() {
            return new Known(artifact, metadata, backup, true);
        }

        /** Returns whether another file than the one that was seen has this name, with the metadata of the former. */
        boolean isExchanged(FileStamp artifactNow, @Nullable FileStamp metadataNow) {
            return metadata != null
                    && metadata.equals(metadataNow)
                    && (away || !Objects.equals(artifact.identity(), artifactNow.identity()));
        }
    }

    /** Must follow each change that this process makes. */
    void changed() {
        memory.forget();
    }

    /** Must follow each change of what {@code ownNames} answers. */
    void namesChanged() {
        known.clear();
        memory.forget();
    }

    List<Backup> all() throws IOException {
        return folders.isThere() ? memory.recallOr(this::scan) : List.of();
    }

    /** Of the files that are backups, as the last list saw them. */
    Map<BackupKey, Instant> modificationTimes() throws IOException {
        Map<BackupKey, Instant> times = new HashMap<>();
        for (Backup backup : all()) {
            Known seen = known.get(backup.key().value());
            if (seen != null) {
                times.put(backup.key(), seen.artifact().modified().toInstant());
            }
        }
        return times;
    }

    private List<Backup> scan() throws IOException {
        SourceFiles sources = sources();
        List<Backup> backups = new ArrayList<>();
        Set<String> names = new HashSet<>();
        try (DirectoryStream<Path> files = Files.newDirectoryStream(folders.artifacts())) {
            for (Path file : files) {
                String name = file.getFileName().toString();
                if (BackupKey.isValid(name) && folders.canName(file)) {
                    names.add(name);
                    look(name, file, sources).ifPresent(backups::add);
                }
            }
        } catch (DirectoryIteratorException e) {
            throw e.getCause();
        }
        forgetOrRecord(names);
        backups.sort(Backup.newestFirst());
        return List.copyOf(backups);
    }

    /** Forgets the files that are not there, once their metadata, if it still is, says that they are missing. */
    private void forgetOrRecord(Set<String> names) {
        int recorded = 0;
        for (Map.Entry<String, Known> entry : known.entrySet()) {
            String name = entry.getKey();
            Known seen = entry.getValue();
            if (names.contains(name)) {
                continue;
            }
            if (seen.metadata() == null
                    || (recorded++ < MAX_RECORDED_AT_ONCE && absences.record(new BackupKey(name), seen.metadata()))) {
                known.remove(name, seen);
            } else {
                known.replace(name, seen, seen.gone());
            }
        }
    }

    /** Always looks at the files. */
    Optional<Backup> find(BackupKey key) throws IOException {
        if (!folders.isThere()) {
            return Optional.empty();
        }
        try {
            return look(key.value(), folders.artifact(key), sources());
        } catch (InvalidPathException e) {
            return Optional.empty(); // no file can have this name in the server's encoding
        }
    }

    SourceFiles sources() throws IOException {
        return sourceLook.look(it -> SourceFiles.among(notBackups, others, it, folders.artifacts()));
    }

    private Optional<Backup> look(String name, Path file, SourceFiles sources) throws IOException {
        FileStamp artifact = FileStamp.of(file);
        if (artifact == null) {
            known.computeIfPresent(name, (_, it) -> it.gone());
        }
        if (artifact == null || !artifact.regular() || sources.claim(name, artifact)) {
            return Optional.empty();
        }
        FileStamp noted = FileStamp.of(folders.metadata(name));
        Known before = known.get(name);
        boolean away = false;
        if (noted != null && before != null && before.isExchanged(artifact, noted)) {
            away = !absences.record(new BackupKey(name), noted);
            noted = FileStamp.of(folders.metadata(name));
        }
        if (before != null
                && !before.away()
                && artifact.equals(before.artifact())
                && Objects.equals(noted, before.metadata())) {
            return Optional.ofNullable(before.backup());
        }
        Optional<Backup> backup = judge(new BackupKey(name), artifact, noted != null, away, sources);
        if (noted == null && FileStamp.of(file) == null) {
            return Optional.empty(); // deleted meanwhile, the artifact before its metadata
        }
        known.put(name, new Known(artifact, noted, backup.orElse(null), away));
        return backup;
    }

    private Optional<Backup> judge(BackupKey key, FileStamp artifact, boolean noted, boolean away, SourceFiles sources)
            throws IOException {
        Optional<Recorded> recorded = noted ? metadata.read(key) : Optional.empty();
        if (recorded.isPresent()) {
            return recorded.map(it -> away ? it.awayFrom(clock.instant()) : it)
                    .map(it -> held(registered(it.believed()), artifact));
        }
        Optional<Layout> found = recognised(key, sources);
        return noted || found.isPresent() || looksLikeBackup(key, sources)
                ? Optional.of(external(key, artifact, found.orElseGet(() -> naming.layout(key))))
                : Optional.empty();
    }

    /** By the content. Empty where plain databases are stored, or where the application has files of its own. */
    private Optional<Layout> recognised(BackupKey key, SourceFiles sources) {
        Layout named = naming.layout(key);
        if (named == Layout.SQLITE || sources.areNextToBackups() || isNamedLikeDatabase(key.value())) {
            return Optional.empty();
        }
        try {
            return layouts.archive(FileArtifact.at(folders.artifact(key)))
                    .filter(it -> (it == Layout.POCKETBASE_ZIP) == (named == Layout.POCKETBASE_ZIP));
        } catch (IOException | ProblemException e) {
            return Optional.empty(); // one file that cannot be read hides no other
        }
    }

    /** Opening a database, or what belongs to one, could drop locks of this process. */
    private static boolean isNamedLikeDatabase(String name) {
        return SourceFiles.sidecarOwner(name).isPresent()
                || Naming.EXTERNAL_DATABASE_ENDS.stream().anyMatch(name::endsWith);
    }

    /** The metadata's name marks the backup and does no more: operations act on the database that is registered. */
    private Backup registered(Backup recorded) {
        DatabaseName madeOf = recorded.database();
        return recorded.inStoreOf(database, ownNames.test(madeOf) ? Optional.empty() : Optional.of(madeOf));
    }

    /** Metadata is not believed of a file with another size, except that it is another database's. */
    private Backup held(Backup recorded, FileStamp artifact) {
        long size = artifact.size();
        if (recorded.size() == size) {
            return recorded;
        }
        // Looked at while another program was still copying it there: what was found is not of this content.
        return recorded.origin() == Origin.EXTERNAL
                ? external(recorded.key(), artifact, recorded.layout())
                        .withPinned(recorded.pinned())
                        .with(recorded.labels())
                        .inStoreOf(database, recorded.foreign())
                : recorded.with(new Verification.Corrupt(
                        Depth.CHECKSUM,
                        clock.instant(),
                        "The file has " + size + " bytes, but " + recorded.size() + " were written."));
    }

    private boolean looksLikeBackup(BackupKey key, SourceFiles sources) {
        String name = key.value();
        if (SourceFiles.sidecarOwner(name).isPresent()) {
            return false;
        }
        // Where the application itself lives, a database of any other name may well be the application's.
        return naming.parse(name) instanceof ParsedName.Valid
                || (!sources.areNextToBackups() && naming.acceptsExternal(name));
    }

    private Backup external(BackupKey key, FileStamp artifact, Layout layout) {
        return new Backup(
                key,
                database,
                artifact.size(),
                naming.time(key).orElseGet(() -> artifact.modified().toInstant()),
                Optional.empty(),
                Origin.EXTERNAL,
                layout,
                new Verification.Unchecked(),
                false,
                Backup.Labels.NONE);
    }
}
