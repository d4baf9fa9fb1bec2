package dev.holdfast.bootstrap.settings;

import dev.holdfast.bootstrap.settings.Settings.DatabaseSettings;
import dev.holdfast.domain.database.Source;
import dev.holdfast.rest.dialect.Dialect;
import dev.holdfast.rest.dispatcharr.DispatcharrPlaces;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Where Dispatcharr's things may lie. What a client adds has to be below the folder of the database, which is the
 * installation's own: otherwise whoever may call the API could read and replace any directory that the server can. It has
 * to keep as far from all else as a directory of the settings.
 */
public record SettingsPlaces(Settings settings, Path dataDir) implements DispatcharrPlaces {
    public static DispatcharrPlaces of(Settings settings, Path dataDir) {
        return new SettingsPlaces(settings, dataDir);
    }

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

    /** Below which a client may add directories. */
    static Path folder(DatabaseSettings database) {
        return DatabasesApart.canonical(
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
                .filter(it -> !DatabasesApart.canonical(it).startsWith(folder))
                .findFirst();
        if (outside.isPresent()) {
            return Optional.of(outside.get() + " is not below " + folder
                    + "; the setting directories of the database takes other places.");
        }
        List<DatabaseSettings> with = settings.databases().stream()
                .map(it -> it.name().equals(database.name()) ? with(it, added) : it)
                .toList();
        try {
            DatabasesApart.require(with, dataDir);
            return Optional.empty();
        } catch (WrongSetting e) {
            return Optional.of(String.valueOf(e.getMessage()));
        }
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
