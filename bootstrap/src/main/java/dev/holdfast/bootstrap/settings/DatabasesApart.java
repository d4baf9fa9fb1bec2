package dev.holdfast.bootstrap.settings;

import static dev.holdfast.bootstrap.settings.Settings.ROOT;

import dev.holdfast.bootstrap.settings.Settings.DatabaseSettings;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Data of two databases must never mix, and neither the server's own files nor another database may lie where backups
 * are listed, downloaded and deleted, or where a directory is read and exchanged as a whole.
 */
final class DatabasesApart {
    private final List<DatabaseSettings> databases;
    private final Path dataDir;

    private DatabasesApart(List<DatabaseSettings> databases, Path dataDir) {
        this.databases = databases;
        this.dataDir = canonical(dataDir);
    }

    /** @throws WrongSetting for the first one that is in another's way */
    static void require(List<DatabaseSettings> databases, Path dataDir) {
        var apart = new DatabasesApart(databases, dataDir);
        apart.requireFilesOfTheirOwn();
        apart.requireBackupDirectoriesOfTheirOwn();
        apart.requireDirectoriesOfTheirOwn();
        databases.forEach(DatabasesApart::requireNamesApart);
    }

    private static String key(DatabaseSettings database, String name) {
        return ROOT + "databases." + database.name() + "." + name;
    }

    private void requireFilesOfTheirOwn() {
        Map<Path, String> files = new HashMap<>();
        files.put(dataDir.resolve("holdfast.db"), "the server itself");
        for (DatabaseSettings database : databases) {
            for (Path file : database.source().databaseFiles()) {
                String owner = files.putIfAbsent(canonical(file), "database " + database.name());
                if (owner != null) {
                    String key = key(database, file.equals(database.file()) ? "file" : "extra-files");
                    throw new WrongSetting(key, file, "a file of its own; this one is used by " + owner);
                }
            }
        }
    }

    private void requireBackupDirectoriesOfTheirOwn() {
        Map<Path, String> directories = new HashMap<>();
        directories.put(dataDir, "the server itself");
        for (DatabaseSettings database : databases) {
            String other =
                    directories.putIfAbsent(canonical(database.backupDirectory()), "database " + database.name());
            if (other != null) {
                throw new WrongSetting(
                        key(database, "backup-directory"),
                        database.backupDirectory(),
                        "a directory of its own; this one is used by " + other);
            }
        }
        for (DatabaseSettings database : databases) {
            for (DatabaseSettings other : databases) {
                for (Path file : other.source().databaseFiles()) {
                    Path folder = canonical(file).getParent();
                    if (!database.equals(other)
                            && canonical(database.backupDirectory()).equals(folder)) {
                        throw new WrongSetting(
                                key(database, "backup-directory"),
                                database.backupDirectory(),
                                "a directory without another database; " + file + " lies there");
                    }
                }
            }
        }
    }

    /** What lies there, at a path without links. */
    record Place(Path path, String what) {
        boolean overlaps(Path other) {
            return path.startsWith(other) || other.startsWith(path);
        }
    }

    /** What no directory may hold, be or lie in. */
    private List<Place> places() {
        List<Place> places = new ArrayList<>();
        places.add(new Place(dataDir, "the server's data directory"));
        for (DatabaseSettings database : databases) {
            places.add(new Place(canonical(database.backupDirectory()), "the backups of database " + database.name()));
            database.source()
                    .databaseFiles()
                    .forEach(it -> places.add(new Place(canonical(it), "database " + database.name())));
        }
        return places;
    }

    /**
     * What is in the way of a directory now, whatever was when the settings were read.
     *
     * @param real of the directory
     * @param others beside those that are set
     */
    static Optional<Place> inTheWay(
            List<DatabaseSettings> databases, Path dataDir, Path directory, Path real, List<Path> others) {
        List<Place> places = new DatabasesApart(databases, dataDir).places();
        Stream.concat(databases.stream().flatMap(it -> it.source().directories().stream()), others.stream())
                .filter(it -> !it.equals(directory))
                .forEach(it -> places.add(new Place(canonical(it), "another directory of a database")));
        return places.stream().filter(it -> it.overlaps(real)).findFirst();
    }

    /** Reading a file of a database that is in use drops this server's locks on it (rule 3). */
    private void requireDirectoriesOfTheirOwn() {
        List<Place> places = places();
        for (DatabaseSettings database : databases) {
            for (Path directory : database.source().directories()) {
                Path path = canonical(directory);
                for (Place place : places) {
                    if (place.overlaps(path)) {
                        throw new WrongSetting(
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
                throw new WrongSetting(
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
                throw new WrongSetting(
                        key(database, "directories"),
                        directory,
                        "directories whose last names differ and are not those of databases");
            }
        }
    }

    /** Symbolic links resolved as far as the path exists. */
    static Path canonical(Path path) {
        try {
            return path.toRealPath();
        } catch (IOException e) {
            Path parent = path.getParent();
            return parent == null ? path : canonical(parent).resolve(path.getFileName());
        }
    }
}
