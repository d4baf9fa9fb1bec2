package dev.holdfast.bootstrap.server;

import dev.holdfast.application.Outcome;
import dev.holdfast.application.filesystem.FileSystems;
import dev.holdfast.application.operation.FailPoints;
import dev.holdfast.application.store.IdentifiedStore.Confirmed;
import dev.holdfast.application.store.KnownStores;
import dev.holdfast.bootstrap.settings.BackupFolders;
import dev.holdfast.bootstrap.settings.Settings;
import dev.holdfast.bootstrap.settings.Settings.DatabaseSettings;
import dev.holdfast.domain.identity.DatabaseName;
import dev.holdfast.domain.problem.Problem;
import dev.holdfast.domain.profile.Naming;
import dev.holdfast.files.archive.layout.LayoutDetector;
import dev.holdfast.sqlite.file.KnownFiles;
import dev.holdfast.store.directory.FolderingStore;
import dev.holdfast.store.directory.LocalStore;
import dev.holdfast.store.folder.FolderRule;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The backup directories of the databases as stores. */
public final class LocalStores {
    private final Map<DatabaseName, FolderingStore> byDatabase;
    private final BackupFolders folders;

    private LocalStores(Map<DatabaseName, FolderingStore> byDatabase, BackupFolders folders) {
        this.byDatabase = byDatabase;
        this.folders = folders;
    }

    static LocalStores of(
            Settings settings,
            FileSystems fileSystems,
            LocalStore.SourcePlaces accepted,
            String server,
            KnownStores known,
            RandomGenerator random,
            InstantSource clock,
            FailPoints failPoints) {
        Map<DatabaseName, FolderingStore> stores = new HashMap<>();
        var folders =
                new BackupFolders(settings, settings.dataDir(), it -> folders(Optional.ofNullable(stores.get(it))));
        for (DatabaseSettings database : settings.databases()) {
            DatabaseName name = database.name();
            FolderRule rule = folders.rule(name, it -> fileSystems.watch(name, it));
            stores.put(
                    name,
                    LocalStore.in(
                            setup(settings, database, server, known, random, rule),
                            accepted,
                            fileSystems.source(name),
                            clock,
                            failPoints));
        }
        return new LocalStores(Map.copyOf(stores), folders);
    }

    private static List<Path> folders(Optional<FolderingStore> store) {
        return store.map(FolderingStore::folders).orElseGet(List::of);
    }

    /** The rules for folders that clients name. */
    BackupFolders folders() {
        return folders;
    }

    private static LocalStore.Setup setup(
            Settings settings,
            DatabaseSettings database,
            String server,
            KnownStores known,
            RandomGenerator random,
            FolderRule folders) {
        return new LocalStore.Setup(
                database.backupDirectory(),
                server,
                database.name(),
                Naming.of(database.profile(), database.prefix()),
                Set.copyOf(database.source().databaseFiles()),
                others(settings, database),
                database.source().main(),
                settings.databases().stream().map(DatabaseSettings::name).collect(Collectors.toUnmodifiableSet()),
                known,
                random,
                folders,
                LayoutDetector::archive);
    }

    private static Set<Path> others(Settings settings, DatabaseSettings database) {
        return Stream.concat(
                        KnownFiles.withSidecars(settings.dataDir().resolve("holdfast.db")),
                        settings.databases().stream()
                                .filter(it -> !it.name().equals(database.name()))
                                .flatMap(it -> it.source().databaseFiles().stream()))
                .collect(Collectors.toUnmodifiableSet());
    }

    /** @throws IllegalArgumentException if no database of this name is set */
    FolderingStore of(DatabaseName database) {
        return Optional.ofNullable(byDatabase.get(database)).orElseThrow(() -> notSet(database));
    }

    /** Finds a database of the settings by the name that a client sent. */
    public static Function<String, Outcome<DatabaseName>> names(Settings settings) {
        return name -> settings.databases().stream()
                .map(DatabaseSettings::name)
                .filter(it -> it.value().equals(name))
                .findFirst()
                .map(Outcome::done)
                .orElseGet(() -> Outcome.refused(new Problem.DatabaseNotFound(name)));
    }

    /** As {@link LocalStore#confirm}, for one database of the settings. */
    public static Confirmed confirm(
            Settings settings,
            DatabaseName database,
            String server,
            KnownStores known,
            RandomGenerator random,
            InstantSource clock,
            Consumer<Confirmed> audit) {
        DatabaseSettings set = settings.databases().stream()
                .filter(it -> it.name().equals(database))
                .findFirst()
                .orElseThrow(() -> notSet(database));
        FolderRule rule = new BackupFolders(settings, settings.dataDir(), _ -> List.of()).rule(database, _ -> {});
        return LocalStore.confirm(setup(settings, set, server, known, random, rule), clock, audit);
    }

    private static IllegalArgumentException notSet(DatabaseName database) {
        return new IllegalArgumentException("database: " + database + " (expected: one that is set)");
    }
}
