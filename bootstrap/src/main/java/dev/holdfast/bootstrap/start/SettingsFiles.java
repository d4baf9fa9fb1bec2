package dev.holdfast.bootstrap.start;

import dev.holdfast.application.Outcome;
import dev.holdfast.application.location.ConfirmLocation.Registered;
import dev.holdfast.application.location.KnownLocation;
import dev.holdfast.application.location.KnownLocations;
import dev.holdfast.application.location.Places;
import dev.holdfast.application.store.KnownStores;
import dev.holdfast.bootstrap.settings.ReservedSettings;
import dev.holdfast.bootstrap.settings.Settings;
import dev.holdfast.bootstrap.settings.Settings.DatabaseSettings;
import dev.holdfast.bootstrap.settings.SettingsBoundaries;
import dev.holdfast.catalogue.Catalogue;
import dev.holdfast.domain.database.Source;
import dev.holdfast.domain.identity.DatabaseName;
import dev.holdfast.domain.problem.Problem;
import dev.holdfast.domain.problem.ProblemException;
import dev.holdfast.sqlite.file.KnownFiles;
import dev.holdfast.sqlite.file.KnownFiles.Accepted;
import dev.holdfast.store.directory.LocalStore;
import dev.holdfast.tree.RealPath;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Stream;

/** The files of the settings' databases, and what none of them may be. */
public final class SettingsFiles {
    private SettingsFiles() {}

    /** @param folders that hold backups of a database now, in addition to its backup directory and the remembered ones */
    public static KnownFiles known(
            Settings settings, DataDirectory data, Catalogue catalogue, Function<DatabaseName, List<Path>> folders) {
        Map<Path, String> owners = new HashMap<>();
        Set<Path> sharedLocks = new HashSet<>();
        for (DatabaseSettings database : settings.databases()) {
            if (database.sharedLocks()) {
                sharedLocks.addAll(database.source().databaseFiles());
            }
            database.source().databaseFiles().forEach(it -> owners.put(it, "database " + database.name()));
        }
        owners.put(data.catalogue(), "the server itself");
        return new KnownFiles(
                owners,
                sharedLocks,
                ReservedSettings.of(settings, data.root()).with(() -> reserved(settings, chosen(catalogue, folders))),
                catalogue.locations()::find);
    }

    private static Map<Path, String> reserved(Settings settings, Function<DatabaseName, List<Path>> folders) {
        Map<Path, String> chosen = new HashMap<>();
        settings.databases()
                .forEach(database -> folders.apply(database.name())
                        .forEach(it -> chosen.put(it, ReservedSettings.backups(database.name()))));
        return chosen;
    }

    /** A catalogue remembers a folder from its first backup on, and before the server has looked at it. */
    private static Function<DatabaseName, List<Path>> chosen(
            Catalogue catalogue, Function<DatabaseName, List<Path>> folders) {
        KnownStores stores = catalogue.stores();
        return name -> Stream.concat(
                        folders.apply(name).stream(),
                        stores.all().stream()
                                .filter(it -> it.database().equals(name))
                                .flatMap(it -> LocalStore.chosenFolder(it).stream()))
                .distinct()
                .toList();
    }

    /**
     * Where paths of the settings led when that was accepted: those of sources by their rows, and a backup directory without
     * links as its store was found there.
     */
    public static Accepted accepted(Catalogue catalogue) {
        KnownLocations locations = catalogue.locations();
        KnownStores stores = catalogue.stores();
        return path -> locations
                .find(path)
                .or(() -> stores.all().stream()
                        .filter(it -> it.isWritten() && it.directory().equals(path))
                        .map(it -> new KnownLocation(it.database(), path, path))
                        .findFirst());
    }

    /** Finds a database of the settings by the name that a client sent. */
    public static Function<String, Outcome<Registered>> databases(Settings settings) {
        return name -> settings.databases().stream()
                .filter(it -> it.name().value().equals(name))
                .findFirst()
                .map(it -> Outcome.done(new Registered(it.name(), it.source())))
                .orElseGet(() -> Outcome.refused(new Problem.DatabaseNotFound(name)));
    }

    /**
     * Waits for file systems that do not answer.
     *
     * @param folders as of {@link #known}
     */
    public static Places places(
            Settings settings, DataDirectory data, Catalogue catalogue, Function<DatabaseName, List<Path>> folders) {
        KnownFiles known = known(settings, data, catalogue, folders);
        var boundaries = new SettingsBoundaries(settings, data.root(), accepted(catalogue), chosen(catalogue, folders));
        return new Places() {
            @Override
            public Path resolve(DatabaseName database, Path registered) {
                try {
                    return RealPath.of(registered);
                } catch (IOException e) {
                    throw new ProblemException(
                            new Problem.SourceNotAccessible(
                                    "It cannot be found out where " + registered + " leads (" + e.getMessage()
                                            + "). Nothing was read or changed. Look at the links on this path."),
                            e);
                }
            }

            @Override
            public void requireOwn(DatabaseName database, Path registered, Path resolved) {
                Source source = source(settings, database);
                try {
                    if (source.directories().contains(registered)) {
                        Optional<String> refusal = boundaries.inTheWay(source, registered, resolved);
                        refusal.ifPresent(it -> {
                            throw new ProblemException(new Problem.SourceNotAccessible(it));
                        });
                    } else {
                        known.requireOwn(registered, resolved);
                    }
                } catch (IOException e) {
                    throw new ProblemException(new Problem.Internal(e), e);
                }
            }
        };
    }

    private static Source source(Settings settings, DatabaseName database) {
        return settings.databases().stream()
                .filter(it -> it.name().equals(database))
                .map(DatabaseSettings::source)
                .findFirst()
                .orElseThrow(
                        () -> new IllegalArgumentException("database: " + database + " (expected: one that is set)"));
    }
}
