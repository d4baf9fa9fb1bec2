package dev.holdfast.bootstrap.settings;

import static dev.holdfast.bootstrap.settings.Settings.ROOT;

import dev.holdfast.application.location.KnownLocation;
import dev.holdfast.bootstrap.settings.Settings.DatabaseSettings;
import dev.holdfast.domain.identity.DatabaseName;
import dev.holdfast.sqlite.file.KnownFiles;
import dev.holdfast.sqlite.file.KnownFiles.Accepted;
import dev.holdfast.tree.FileIdentity;
import dev.holdfast.tree.Identities;
import dev.holdfast.tree.MountTable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Data of two databases must never mix, and neither the server's own files nor another database may lie where backups
 * are listed, downloaded and deleted, or where a directory is read and exchanged as a whole.
 */
final class DatabaseIsolationCheck {
    private final List<DatabaseSettings> databases;
    private final Path dataDir;
    private final Accepted accepted;
    private final MountTable mounts;

    private DatabaseIsolationCheck(List<DatabaseSettings> databases, Path dataDir, Accepted accepted) {
        this.databases = databases;
        this.accepted = accepted;
        RealPaths.ask(databases.stream()
                .flatMap(it -> Stream.of(
                                Stream.of(it.backupDirectory()),
                                it.source().databaseFiles().stream(),
                                it.source().directories().stream())
                        .flatMap(paths -> paths))
                .filter(it -> !isAccepted(it))
                .toList());
        this.dataDir = canonical(dataDir);
        mounts = mounts();
    }

    private boolean isAccepted(Path path) {
        return accepted.find(path).isPresent();
    }

    /** Where it was accepted. A link that came later is refused by the operations of its own database, and by no start. */
    private Path place(Path path) {
        return accepted.find(path).map(KnownLocation::resolved).orElseGet(() -> canonical(path));
    }

    static MountTable mounts() {
        try {
            return MountTable.read();
        } catch (IOException e) {
            throw new UncheckedIOException("/proc/self/mountinfo cannot be read", e);
        }
    }

    /**
     * Looks at the paths as the settings write them.
     *
     * @throws InvalidSettingException for the first one that is in another's way
     */
    static void requireAsWritten(List<DatabaseSettings> databases, Path dataDir) {
        require(databases, dataDir, path -> Optional.of(new KnownLocation(DatabaseName.DEFAULT, path, path)));
    }

    /**
     * @param accepted where paths led when that was accepted; the others are looked at as they are now
     * @throws InvalidSettingException for the first one that is in another's way
     */
    static void require(List<DatabaseSettings> databases, Path dataDir, Accepted accepted) {
        var apart = new DatabaseIsolationCheck(databases, dataDir, accepted);
        apart.requireFilesOfTheirOwn();
        apart.requireBackupDirectoriesOfTheirOwn();
        apart.requireDirectoriesOfTheirOwn();
        databases.forEach(DatabaseIsolationCheck::requireNamesApart);
    }

    private static String key(DatabaseSettings database, String name) {
        return ROOT + "databases." + database.name() + "." + name;
    }

    /**
     * The owners of files or directories, each known by its path without links, and by its device and inode. Two places that
     * were accepted were apart then: what has made them one since is refused at each operation.
     */
    private final class Owners {
        private final Map<Object, Owner> owners = new HashMap<>();
        private final Map<Path, FileIdentity> identities;

        private record Owner(String name, boolean accepted) {}

        Owners(Stream<Path> all) {
            identities = identities(all.toList());
        }

        /** @return the other owner of the same one, if there is one */
        Optional<String> add(Path path, String owner) {
            return add(path, new Owner(owner, isAccepted(path)));
        }

        void addServers(Path path) {
            var _ = add(path, new Owner(ReservedSettings.SERVER, true));
        }

        private Optional<String> add(Path path, Owner owner) {
            Path real = place(path);
            Optional<Owner> byPath = Optional.ofNullable(owners.putIfAbsent(real, owner));
            Optional<Owner> byIdentity = Optional.ofNullable(identities.get(real))
                    .flatMap(it -> Optional.ofNullable(owners.putIfAbsent(it, owner)))
                    .filter(it -> !(it.accepted() && owner.accepted()));
            return byPath.or(() -> byIdentity).map(Owner::name);
        }

        /** As {@link #add}, for what need not exist. */
        Optional<String> addName(Path real, String owner) {
            return Optional.ofNullable(owners.putIfAbsent(real, new Owner(owner, true)))
                    .map(Owner::name);
        }

        /** Whether the file is in the directory. */
        boolean isIn(Path directory, Path file) {
            Path real = place(directory);
            Path folder = folder(file);
            FileIdentity known = identities.get(real);
            return real.equals(folder)
                    || (known != null
                            && !(isAccepted(directory) && isAccepted(file))
                            && known.equals(identities.get(folder)));
        }
    }

    /** An accepted place has no links. One that is there now was made later. */
    private Map<Path, FileIdentity> identities(List<Path> paths) {
        if (paths.stream().allMatch(this::isAccepted)) {
            return Map.of(); // they are compared by path alone
        }
        Map<Boolean, List<Path>> places = paths.stream()
                .collect(Collectors.partitioningBy(
                        this::isAccepted, Collectors.mapping(this::place, Collectors.toList())));
        Map<Path, FileIdentity> found = new HashMap<>(Identities.of(places.getOrDefault(false, List.of())));
        found.putAll(Identities.withoutLinks(places.getOrDefault(true, List.of())));
        return found;
    }

    private Stream<Path> databaseFiles() {
        return databases.stream().flatMap(it -> it.source().databaseFiles().stream());
    }

    private void requireFilesOfTheirOwn() {
        List<Path> server = ReservedSettings.serverFiles(dataDir);
        var files = new Owners(Stream.concat(server.stream(), databaseFiles()));
        server.forEach(files::addServers);
        for (DatabaseSettings database : databases) {
            for (Path file : database.source().databaseFiles()) {
                ownerOf(files, database, file).ifPresent(owner -> {
                    String key = key(database, file.equals(database.file()) ? "file" : "extra-files");
                    throw new InvalidSettingException(key, file, "a file of its own; this one is used by " + owner);
                });
            }
        }
    }

    /** Under the names of its sidecars SQLite keeps a part of it. */
    private Optional<String> ownerOf(Owners files, DatabaseSettings database, Path file) {
        String own = "database " + database.name();
        Path real = place(file);
        boolean isServers = ReservedSettings.serverFolders(dataDir).stream().anyMatch(real::startsWith);
        return isServers
                ? Optional.of(ReservedSettings.SERVER)
                : files.add(file, own)
                        .or(() -> KnownFiles.sidecars(real)
                                .flatMap(it -> files.addName(it, own).stream())
                                .findFirst());
    }

    private void requireBackupDirectoriesOfTheirOwn() {
        var directories = new Owners(Stream.of(
                        Stream.of(dataDir),
                        databases.stream().map(DatabaseSettings::backupDirectory),
                        databaseFiles().filter(it -> !isAccepted(it)).map(this::folder))
                .flatMap(it -> it));
        directories.addServers(dataDir);
        for (DatabaseSettings database : databases) {
            Optional<String> other = directories.add(database.backupDirectory(), "database " + database.name());
            if (other.isPresent()) {
                throw new InvalidSettingException(
                        key(database, "backup-directory"),
                        database.backupDirectory(),
                        "a directory of its own; this one is used by " + other.get());
            }
        }
        for (DatabaseSettings database : databases) {
            for (DatabaseSettings other : databases) {
                for (Path file : other.source().databaseFiles()) {
                    if (!database.equals(other) && directories.isIn(database.backupDirectory(), file)) {
                        throw new InvalidSettingException(
                                key(database, "backup-directory"),
                                database.backupDirectory(),
                                "a directory without another database; " + file + " lies there");
                    }
                }
            }
        }
    }

    private Path folder(Path file) {
        return place(file).resolveSibling("");
    }

    /** What lies there, at a path without links. */
    record Place(Path path, String what) {
        boolean overlaps(Path other, MountTable mounts) {
            return path.startsWith(other) || other.startsWith(path) || mounts.overlap(path, other);
        }
    }

    /** What no directory may hold, be or lie in. */
    private List<Place> places() {
        List<Place> places = new ArrayList<>();
        places.add(new Place(dataDir, "the server's data directory"));
        for (DatabaseSettings database : databases) {
            places.add(new Place(place(database.backupDirectory()), "the backups of database " + database.name()));
            database.source()
                    .databaseFiles()
                    .forEach(it -> places.add(new Place(place(it), "database " + database.name())));
        }
        return places;
    }

    /**
     * What is in the way of a directory now, whatever was when the settings were read.
     *
     * @param accepted where paths led when that was accepted
     * @param real of the directory
     * @param others beside those that are set
     */
    static Optional<Place> inTheWay(
            List<DatabaseSettings> databases,
            Path dataDir,
            Accepted accepted,
            Path directory,
            Path real,
            List<Path> others) {
        var apart = new DatabaseIsolationCheck(databases, dataDir, accepted);
        List<Place> places = apart.places();
        Stream.concat(databases.stream().flatMap(it -> it.source().directories().stream()), others.stream())
                .filter(it -> !it.equals(directory))
                .forEach(it -> places.add(new Place(apart.place(it), "another directory of a database")));
        return places.stream().filter(it -> it.overlaps(real, apart.mounts)).findFirst();
    }

    /**
     * Reading a file of a database that is in use drops this server's locks on it. See {@code
     * docs/internals/locks.md#one-descriptor}.
     */
    private void requireDirectoriesOfTheirOwn() {
        List<Place> places = places();
        for (DatabaseSettings database : databases) {
            for (Path directory : database.source().directories()) {
                Path path = place(directory);
                for (Place place : places) {
                    if (place.overlaps(path, mounts)) {
                        throw new InvalidSettingException(
                                key(database, "directories"),
                                directory,
                                "directories apart from " + place.what() + " at " + place.path());
                    }
                }
                places.add(new Place(path, "another directory of database " + database.name()));
            }
        }
    }

    /** In an archive each part has its last name. */
    private static void requireNamesApart(DatabaseSettings database) {
        Set<String> names = new HashSet<>(Set.of("data.db"));
        for (Path file : database.source().extraFiles()) {
            String name = String.valueOf(file.getFileName());
            if (!name.endsWith(".db") || !names.add(name)) {
                throw new InvalidSettingException(
                        key(database, "extra-files"),
                        file,
                        "files ending in .db, each with a name of its own, not data.db");
            }
        }
        for (Path directory : database.source().directories()) {
            String name = String.valueOf(directory.getFileName());
            boolean reserved =
                    Stream.of("-wal", "-shm", "-journal", ".db", ".json").anyMatch(name::endsWith);
            if (reserved || name.startsWith(".holdfast-") || !names.add(name)) {
                throw new InvalidSettingException(
                        key(database, "directories"),
                        directory,
                        "directories whose last names differ and are not those of databases");
            }
        }
    }

    /** Symbolic links resolved to where the path exists, unless its file system does not answer. */
    static Path canonical(Path path) {
        return RealPaths.of(path);
    }
}
