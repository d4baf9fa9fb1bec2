package dev.holdfast.bootstrap.settings;

import static dev.holdfast.bootstrap.settings.Settings.ROOT;

import dev.holdfast.application.plan.PlanParser;
import dev.holdfast.application.plan.PlanProperties;
import dev.holdfast.bootstrap.settings.Settings.DatabaseSettings;
import dev.holdfast.domain.backup.Compression;
import dev.holdfast.domain.backup.Layout;
import dev.holdfast.domain.database.Source;
import dev.holdfast.domain.identity.DatabaseName;
import dev.holdfast.domain.profile.Profile;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Collectors;

/** Reads what is set of the databases. */
final class DatabasesReader {
    private final SettingsSource source;
    private final Path dataDir;

    DatabasesReader(SettingsSource source, Path dataDir) {
        this.source = source;
        this.dataDir = dataDir;
    }

    List<DatabaseSettings> read() {
        String key = ROOT + "databases";
        Set<String> names = source.namesBelow(key, "file");
        if (names.isEmpty()) {
            return List.of(database(DatabaseName.DEFAULT.value(), true));
        }
        var databases = new ArrayList<DatabaseSettings>();
        for (String name : names) {
            databases.add(database(name, false));
        }
        DatabaseIsolationCheck.requireAsWritten(databases, dataDir);
        return List.copyOf(databases);
    }

    private DatabaseSettings database(String name, boolean only) {
        String key = ROOT + "databases." + name;
        if (!DatabaseName.isValid(name)) {
            throw new InvalidSettingException(ROOT + "databases", name, "names of the form " + DatabaseName.PATTERN);
        }
        Optional<String> file = source.text(key + ".file");
        Profile profile = profile(key + ".profile");
        var database = new DatabaseSettings(
                new DatabaseName(name),
                source(key, profile, file),
                profile,
                prefix(key + ".prefix"),
                layout(key + ".layout", profile),
                compression(key + ".compression", profile),
                source.text(key + ".backup-directory")
                        .map(it -> Settings.path(key + ".backup-directory", it))
                        .orElse(dataDir.resolve("backups").resolve(name)),
                plan(key + ".plan."),
                WebhookSettings.address(source, key + ".ping-url"),
                command(key + ".after-restore.command"),
                source.duration(key + ".after-restore.timeout", Duration.ofMinutes(1), Duration.ofMinutes(10)),
                only && source.isEmpty(),
                source.flag(key + ".shared-locks", false));
        refuseWrongPlan(database, key + ".plan.");
        if (file.isEmpty() && !only) {
            source.refuseUnknownBelow(key + "."); // the misspelt key says more than the missing one
            throw new InvalidSettingException(key + ".file", "not set", "the path of a SQLite file");
        }
        return database;
    }

    /** A term's name with a {@code -} where the API has a {@code _}. */
    private PlanProperties plan(String key) {
        var terms = new TreeMap<String, String>();
        for (String name : PlanParser.NAMES) {
            List<String> values = source.texts(key + name.replace('_', '-'));
            if (!values.isEmpty()) {
                terms.put(name, String.join(",", values));
            }
        }
        return new PlanProperties(terms);
    }

    private static void refuseWrongPlan(DatabaseSettings database, String key) {
        var reader = new PlanParser();
        if (reader.read(database.plan(), database.profile()) instanceof PlanParser.Reading.Wrong wrong) {
            var first = wrong.terms().entrySet().iterator().next();
            throw new InvalidSettingException(
                    key + first.getKey().replace('_', '-'), first.getValue().replace('_', '-'));
        }
    }

    private Profile profile(String key) {
        return oneOf(key, Profile.NATIVE, List.of(Profile.values()), Profile::id);
    }

    private Layout layout(String key, Profile profile) {
        return oneOf(key, profile.layout(), profile.layouts(), Layout::id);
    }

    /** A plain database is what it is. */
    private Compression compression(String key, Profile profile) {
        if (profile.layout() == Layout.SQLITE && source.isSet(key)) {
            throw new InvalidSettingException(
                    key,
                    source.text(key).orElse(""),
                    "nothing: backups of profile " + profile.id() + " are plain databases");
        }
        return oneOf(key, Compression.FAST, List.of(Compression.values()), Compression::id);
    }

    private <T> T oneOf(String key, T otherwise, List<T> allowed, Function<T, String> id) {
        Optional<String> text = source.text(key);
        if (text.isEmpty()) {
            return otherwise;
        }
        return allowed.stream()
                .filter(it -> id.apply(it).equals(text.get()))
                .findFirst()
                .orElseThrow(() -> new InvalidSettingException(
                        key, text.get(), allowed.stream().map(id).collect(Collectors.joining(", "))));
    }

    private Source source(String key, Profile profile, Optional<String> file) {
        Path main = file.map(it -> Settings.path(key + ".file", it)).orElse(dataDir.resolve("app.db"));
        List<Path> extraFiles = paths(key + ".extra-files");
        List<Path> directories = paths(key + ".directories");
        if (!extraFiles.isEmpty() && profile != Profile.POCKETBASE) {
            throw new InvalidSettingException(
                    key + ".extra-files",
                    extraFiles,
                    "none: a backup of profile " + profile.id() + " holds one database; profile pocketbase takes more");
        }
        if (!directories.isEmpty() && profile.layout() == Layout.SQLITE) {
            throw new InvalidSettingException(
                    key + ".directories",
                    directories,
                    "none: a backup of profile " + profile.id()
                            + " is a plain database; profiles pocketbase and dispatcharr take directories");
        }
        return new Source(main, extraFiles, directories);
    }

    private List<Path> paths(String key) {
        return source.texts(key).stream().map(it -> Settings.path(key, it)).toList();
    }

    private List<String> command(String key) {
        List<String> command = source.texts(key);
        if (!command.isEmpty() && command.getFirst().isBlank()) {
            throw new InvalidSettingException(key, command, "a program and its arguments, as a list");
        }
        return command;
    }

    private String prefix(String key) {
        String prefix = source.text(key).orElse("app");
        if (!prefix.matches("[A-Za-z0-9][A-Za-z0-9_-]{0,63}")) {
            throw new InvalidSettingException(
                    key, prefix, "1 to 64 letters, digits, _ or -, the first one a letter or a digit");
        }
        return prefix;
    }
}
