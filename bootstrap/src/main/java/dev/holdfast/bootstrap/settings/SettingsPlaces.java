package dev.holdfast.bootstrap.settings;

import dev.holdfast.application.database.SourceOverrides;
import dev.holdfast.application.filesystem.FileSystemCalls;
import dev.holdfast.application.filesystem.FileSystems;
import dev.holdfast.bootstrap.settings.BackupFolders.Named;
import dev.holdfast.bootstrap.settings.Settings.DatabaseSettings;
import dev.holdfast.dialects.dispatcharr.settings.DispatcharrPlaces;
import dev.holdfast.domain.database.Source;
import dev.holdfast.domain.identity.DatabaseName;
import dev.holdfast.domain.problem.ProblemException;
import dev.holdfast.http.dialect.Dialect;
import dev.holdfast.sqlite.file.KnownFiles.Accepted;
import dev.holdfast.store.directory.FolderingStore;
import dev.holdfast.store.directory.FolderingStore.FolderRefusedException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * Where Dispatcharr's things may lie. What a client adds has to be below the folder of the database, which is the
 * installation's own: otherwise whoever may call the API could read and replace any directory that the server can. It has
 * to keep as far from all else as a directory of the settings.
 *
 * @param accepted where the paths of all databases were accepted
 */
public record SettingsPlaces(
        Settings settings,
        Path dataDir,
        BackupFolders folders,
        Function<DatabaseName, FolderingStore> stores,
        FileSystems fileSystems,
        SourceOverrides choices,
        Accepted accepted)
        implements DispatcharrPlaces {

    private DatabaseSettings database() {
        String name = settings.dialects().database(Dialect.DISPATCHARR);
        return settings.databases().stream()
                .filter(it -> it.name().value().equals(name))
                .findAny()
                .orElseThrow(() -> new IllegalStateException("database " + name + ": not registered"));
    }

    @Override
    public Path backups() {
        return database().backupDirectory().toAbsolutePath().normalize();
    }

    private FolderingStore store() {
        return stores.apply(database().name());
    }

    private FileSystemCalls calls() {
        return fileSystems.store(database().name());
    }

    @Override
    public Path chosen() {
        return calls().read(() -> store().chosen());
    }

    @Override
    public Choice choose(String text) {
        DatabaseName name = database().name();
        return switch (folders.find(name, text)) {
            case Named.Refused(String why) -> forbidden("\"" + text + "\" " + why);
            case Named.Found(Path folder) -> {
                Optional<Path> inTheWay = choices.of(name).added().stream()
                        .map(DatabaseIsolationCheck::canonical)
                        .filter(it -> it.startsWith(folder) || folder.startsWith(it))
                        .findFirst();
                yield inTheWay.isPresent()
                        ? forbidden(folder + " is not apart from the directory " + inTheWay.get() + " of extra_paths")
                        : calls().change(() -> choose(folder));
            }
        };
    }

    private Choice choose(Path folder) {
        try {
            FolderingStore.Choice choice = store().choose(folder);
            return new Choice.Open(
                    () -> calls().change(() -> {
                        choice.commit();
                        return true;
                    }),
                    () -> calls().change(() -> {
                        choice.undo();
                        return true;
                    }));
        } catch (FolderRefusedException e) {
            return e.isForbidden() ? forbidden(e.reason()) : new Choice.Inaccessible(e.reason());
        } catch (ProblemException e) {
            return new Choice.Inaccessible(e.problem().detail());
        }
    }

    private static Choice forbidden(String why) {
        return new Choice.Forbidden("The backup path is not allowed: " + why.strip()
                + ". Nothing was changed or created. Choose a folder below the backup directory or below a folder of the"
                + " setting holdfast.allowed-folders.");
    }

    /** Below which a client may add directories. */
    static Path folder(DatabaseSettings database) {
        return DatabaseIsolationCheck.canonical(
                Optional.ofNullable(database.file().getParent()).orElse(database.file()));
    }

    @Override
    public Optional<String> refusal(List<Path> extra) {
        DatabaseSettings database = database();
        Path folder = folder(database);
        List<Path> added = extra.stream()
                .filter(it -> !database.source().directories().contains(it))
                .toList();
        Optional<Path> outside = added.stream()
                .filter(it -> !DatabaseIsolationCheck.canonical(it).startsWith(folder))
                .findFirst();
        if (outside.isPresent()) {
            return Optional.of(outside.get() + " is not below " + folder
                    + "; the setting directories of the database takes other places.");
        }
        List<DatabaseSettings> with = settings.databases().stream()
                .map(it -> it.name().equals(database.name()) ? with(it, added) : it)
                .toList();
        try {
            // Where another database leads meanwhile is no fault of what is added here.
            DatabaseIsolationCheck.require(with, dataDir, accepted);
            return inFolders(added);
        } catch (InvalidSettingException e) {
            return Optional.of(String.valueOf(e.getMessage()));
        }
    }

    private Optional<String> inFolders(List<Path> added) {
        return settings.databases().stream()
                .flatMap(it -> stores.apply(it.name()).folders().stream())
                .flatMap(folder -> added.stream()
                        .filter(it -> DatabaseIsolationCheck.canonical(it).startsWith(folder)
                                || folder.startsWith(DatabaseIsolationCheck.canonical(it)))
                        .map(it -> it + " is not apart from the backups in " + folder + "."))
                .findFirst();
    }

    private static DatabaseSettings with(DatabaseSettings database, List<Path> added) {
        Source source = database.source();
        return new DatabaseSettings(
                database.name(),
                new Source(
                        source.main(),
                        source.extraFiles(),
                        Stream.concat(source.directories().stream(), added.stream())
                                .toList()),
                database.profile(),
                database.prefix(),
                database.layout(),
                database.compression(),
                database.backupDirectory(),
                database.plan(),
                database.pingUrl(),
                database.afterRestore(),
                database.afterRestoreTimeout(),
                database.sampleIfMissing(),
                database.sharedLocks());
    }
}
