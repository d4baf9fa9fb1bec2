package dev.holdfast.bootstrap.settings;

import dev.holdfast.application.archive.PathRestrictions;
import dev.holdfast.application.location.KnownLocation;
import dev.holdfast.bootstrap.settings.Settings.DatabaseSettings;
import dev.holdfast.domain.database.Source;
import dev.holdfast.domain.identity.DatabaseName;
import dev.holdfast.domain.problem.Problem;
import dev.holdfast.domain.problem.ProblemException;
import dev.holdfast.sqlite.file.KnownFiles;
import dev.holdfast.sqlite.file.KnownFiles.Accepted;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * The boundaries that are checked when the settings are read, as they are at any later time.
 *
 * @param accepted where the paths of databases may lead
 * @param folders that hold backups of a database now, in addition to its backup directory
 */
public record SettingsBoundaries(
        Settings settings, Path dataDir, Accepted accepted, Function<DatabaseName, List<Path>> folders)
        implements PathRestrictions {
    public SettingsBoundaries(Settings settings, Path dataDir) {
        this(settings, dataDir, _ -> Optional.empty(), _ -> List.of());
    }

    @Override
    public Optional<String> refusal(Source source, Path directory, Path real) {
        DatabaseSettings database = settings.databases().stream()
                .filter(it -> it.file().equals(source.main()))
                .findAny()
                .orElseThrow(() -> new IllegalStateException(source.main() + ": of no database that is registered"));
        if (!database.source().directories().contains(directory)) {
            Path folder = SettingsPlaces.folder(database);
            if (!real.startsWith(folder)) {
                return Optional.of(leads(directory, real) + ", which is not below " + folder
                        + "; only the setting directories of the database may take such a place. Make it lead"
                        + " elsewhere, or take it out of extra_paths.");
            }
        }
        Optional<String> inTheWay = inTheWay(source, directory, real);
        Optional<KnownLocation> known = accepted.find(directory);
        if (known.isPresent() && !known.get().resolved().equals(real)) {
            throw new ProblemException(inTheWay.<Problem>map(Problem.SourceNotAccessible::new)
                    .orElseGet(() -> new Problem.LocationChanged(
                            known.get().database(), directory, known.get().resolved(), real)));
        }
        return inTheWay;
    }

    /** Returns what is in the way of a directory of the settings there, whatever was accepted for it. */
    public Optional<String> inTheWay(Source source, Path directory, Path real) {
        return DatabaseIsolationCheck.inTheWay(settings.databases(), dataDir, accepted, directory, real, others(source))
                .map(it -> leads(directory, real) + ", which is not apart from " + it.what() + " at " + it.path()
                        + "; make it lead elsewhere, or take it out of the database's directories.");
    }

    private List<Path> others(Source source) {
        List<Path> others = new ArrayList<>(source.directories());
        settings.databases().forEach(it -> others.addAll(folders.apply(it.name())));
        return others;
    }

    private static String leads(Path directory, Path real) {
        return "The directory " + directory + (directory.equals(real) ? " is there now" : " leads to " + real + " now");
    }

    @Override
    public List<Path> closed() {
        List<Path> closed = new ArrayList<>();
        Path data = DatabaseIsolationCheck.canonical(dataDir);
        closed.add(data);
        closed.addAll(ReservedSettings.of(settings, dataDir).files().keySet());
        closed.addAll(ReservedSettings.serverFolders(dataDir));
        for (DatabaseSettings database : settings.databases()) {
            closed.add(DatabaseIsolationCheck.canonical(database.backupDirectory()));
            closed.addAll(folders.apply(database.name()));
            database.source()
                    .databaseFiles()
                    .forEach(it -> KnownFiles.withSidecars(accepted.find(it)
                                    .map(KnownLocation::resolved)
                                    .orElseGet(() -> DatabaseIsolationCheck.canonical(it)))
                            .forEach(closed::add));
        }
        return closed;
    }
}
