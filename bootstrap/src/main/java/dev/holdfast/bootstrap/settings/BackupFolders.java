package dev.holdfast.bootstrap.settings;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.holdfast.bootstrap.settings.DatabaseIsolationCheck.Place;
import dev.holdfast.bootstrap.settings.Settings.DatabaseSettings;
import dev.holdfast.domain.identity.DatabaseName;
import dev.holdfast.http.dialect.Dialect;
import dev.holdfast.store.folder.FolderRule;
import dev.holdfast.tree.MountTable;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The folders that a client of an API may have backups written to: those below the backup directory of the database and below
 * the folders of {@code holdfast.allowed-folders}, apart from all else. The store asks again at every operation, since links,
 * mounts and settings change. See {@code docs/internals/backup-folders.md}.
 *
 * @param folders that hold backups of a database now, in addition to its backup directory
 */
public record BackupFolders(Settings settings, Path dataDir, Function<DatabaseName, List<Path>> folders) {
    private static final String OWN = ".holdfast";
    private static final int MAX_NAME_BYTES = 255;

    /** What a client's text means. */
    public sealed interface Named {
        /** @param folder absolute, with the links of settings resolved and no other */
        record Found(Path folder) implements Named {}

        /** @param why completes a sentence that begins with the text: "is not …" */
        record Refused(String why) implements Named {}
    }

    private DatabaseSettings database(DatabaseName name) {
        return settings.databases().stream()
                .filter(it -> it.name().equals(name))
                .findAny()
                .orElseThrow(() -> new IllegalStateException("database " + name + ": not registered"));
    }

    private Stream<Path> allowed() {
        return settings.allowedFolders().stream();
    }

    /** A relative path is one below the backup directory. Resolves links in settings, and none that a client names. */
    public Named find(DatabaseName name, String text) {
        Path given;
        try {
            given = Path.of(text);
        } catch (InvalidPathException e) {
            return new Named.Refused("is no path on this server");
        }
        if (text.chars().anyMatch(Character::isISOControl)) {
            return new Named.Refused("has control characters");
        }
        for (Path part : given) {
            if (part.toString().equals("..")) {
                return new Named.Refused("leads upwards by \"..\"");
            }
            if (part.toString().getBytes(UTF_8).length > MAX_NAME_BYTES) {
                return new Named.Refused("has a part of more than " + MAX_NAME_BYTES + " bytes");
            }
        }
        Path main = database(name).backupDirectory().toAbsolutePath().normalize();
        Path absolute = main.resolve(given).normalize();
        return new Named.Found(Stream.concat(Stream.of(main), allowed())
                .filter(absolute::startsWith)
                .findFirst()
                .map(it -> DatabaseIsolationCheck.canonical(it)
                        .resolve(it.relativize(absolute))
                        .normalize())
                .orElse(absolute));
    }

    /** As {@link FolderRule#refusal}. */
    public Optional<String> refusal(DatabaseName name, Path folder) {
        Path main = DatabaseIsolationCheck.canonical(database(name).backupDirectory());
        boolean below = folder.startsWith(main) && !folder.equals(main);
        if (allowedBy(name, folder).isEmpty()) {
            return Optional.of(
                    "is neither below " + main + " nor below a folder of the setting holdfast.allowed-folders"
                            + allowed()
                                    .map(Path::toString)
                                    .collect(Collectors.joining(", ", " (", ")"))
                                    .replace(" ()", ""));
        }
        for (Path part : folder) {
            if (part.toString().equals(OWN)) {
                return Optional.of("is part of a folder " + OWN + ", which is Holdfast's own");
            }
        }
        MountTable mounts = DatabaseIsolationCheck.mounts();
        for (Place place : places(name)) {
            // The settings accept the backup directory in such a place, and so a folder below it.
            if (!(below && main.startsWith(place.path())) && place.overlaps(folder, mounts)) {
                return Optional.of("is not apart from " + place.what() + " at " + place.path());
            }
        }
        return settings.databases().stream()
                .flatMap(it -> it.source().databaseFiles().stream())
                .map(DatabaseIsolationCheck::canonical)
                .filter(it -> it.startsWith(folder))
                .findFirst()
                .map(it -> "is a folder of a database, " + it);
    }

    /** As {@link FolderRule#allowedBy}. */
    private Optional<Path> allowedBy(DatabaseName name, Path folder) {
        Stream<Path> above = Stream.of(
                        DatabaseIsolationCheck.canonical(database(name).backupDirectory()))
                .filter(it -> !it.equals(folder));
        return Stream.concat(above, allowed().map(DatabaseIsolationCheck::canonical))
                .filter(folder::startsWith)
                .max(Comparator.comparingInt(Path::getNameCount));
    }

    private List<Place> places(DatabaseName name) {
        List<Place> places = new ArrayList<>();
        places.add(new Place(DatabaseIsolationCheck.canonical(dataDir), "the server's data directory"));
        for (DatabaseSettings database : settings.databases()) {
            if (!database.name().equals(name)) {
                String what = "the backups of database " + database.name();
                places.add(new Place(DatabaseIsolationCheck.canonical(database.backupDirectory()), what));
                folders.apply(database.name()).forEach(it -> places.add(new Place(it, what)));
            }
            database.source()
                    .directories()
                    .forEach(it -> places.add(new Place(
                            DatabaseIsolationCheck.canonical(it), "a directory of database " + database.name())));
        }
        return places;
    }

    /** @param watch receives the folders that hold backups */
    public FolderRule rule(DatabaseName name, Consumer<List<Path>> watch) {
        return new FolderRule() {
            @Override
            public Optional<String> refusal(Path folder) {
                return BackupFolders.this.refusal(name, folder);
            }

            @Override
            public Optional<Path> allowedBy(Path folder) {
                return BackupFolders.this.allowedBy(name, folder);
            }

            @Override
            public boolean isChoiceInForce() {
                return settings.dialects().serves(Dialect.DISPATCHARR)
                        && settings.dialects().database(Dialect.DISPATCHARR).equals(name.value());
            }

            @Override
            public void watch(List<Path> used) {
                watch.accept(used);
            }
        };
    }
}
