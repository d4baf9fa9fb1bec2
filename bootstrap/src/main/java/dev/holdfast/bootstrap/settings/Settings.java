package dev.holdfast.bootstrap.settings;

import dev.holdfast.application.plan.PlanReader;
import dev.holdfast.application.plan.PlanTerms;
import dev.holdfast.bootstrap.cron.FiveFieldLines;
import dev.holdfast.domain.database.DatabaseName;
import dev.holdfast.domain.naming.Profile;
import dev.holdfast.rest.notice.Webhook;
import dev.holdfast.rest.security.LoopbackHost;
import dev.holdfast.rest.upload.UploadLimits;
import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * All settings of a server, each of them allowed. Paths are absolute.
 *
 * @param busyTimeout how long a lock of another program on a source or target is waited for
 * @param stopGrace how long a stopping server lets operations finish
 * @param maxUpload of an uploaded file, in bytes
 */
public record Settings(
        Path dataDir,
        String httpHost,
        int httpPort,
        Auth auth,
        Duration busyTimeout,
        Duration stopGrace,
        long maxUpload,
        List<DatabaseSettings> databases,
        List<Webhook> webhooks,
        History history) {

    /**
     * @param jwtSecret empty: made once, kept in the data directory
     * @param jwksUrl where an identity provider's keys are
     * @param issuer what its tokens have to name as such, if anything
     * @param audience whom its tokens have to be for, if anybody
     * @param tokenLifetime of a signed-in user
     */
    public record Auth(
            boolean enabled,
            Optional<String> jwtSecret,
            Optional<URI> jwksUrl,
            Optional<String> issuer,
            Optional<String> audience,
            Duration tokenLifetime) {
        /** Hides the secret. */
        @Override
        public String toString() {
            return "Auth[enabled=" + enabled + "]";
        }
    }

    /**
     * How much of the history of operations stays.
     *
     * @param keep after an operation's end
     * @param keepCount of the newest ended ones
     */
    public record History(Duration keep, int keepCount) {}

    /**
     * @param pingUrl what is asked for after each success
     * @param sampleIfMissing whether a small database is made where there is no file
     */
    public record DatabaseSettings(
            DatabaseName name,
            Path file,
            Profile profile,
            String prefix,
            Path backupDirectory,
            PlanTerms plan,
            Optional<URI> pingUrl,
            boolean sampleIfMissing) {
        /** Hides the address, by which anybody could report a success. */
        @Override
        public String toString() {
            return "DatabaseSettings[name=" + name + ", file=" + file + "]";
        }
    }

    /** The ping addresses of those databases that have one. */
    public Map<DatabaseName, URI> pings() {
        var pings = new HashMap<DatabaseName, URI>();
        databases.forEach(database -> database.pingUrl().ifPresent(it -> pings.put(database.name(), it)));
        return pings;
    }

    /** The plans that are in force until somebody changes them. */
    public Map<DatabaseName, PlanTerms> plans() {
        return databases.stream().collect(Collectors.toMap(DatabaseSettings::name, DatabaseSettings::plan));
    }

    private static final String ROOT = "holdfast.";
    private static final String NOT_YET = "nothing: this version does not serve it";
    private static final int SHORTEST_SECRET_BYTES = 32;

    /** Only the data directory, for commands that need no more. */
    public static Path dataDir(
            Optional<Path> config, Map<String, String> environment, Map<String, String> commandLine) {
        return dataDir(SettingsSource.read(config, environment, commandLine));
    }

    /**
     * @param commandLine by key, for example {@code holdfast.http.port}
     * @throws WrongSetting for the first one that is not allowed
     */
    public static Settings read(
            Optional<Path> config, Map<String, String> environment, Map<String, String> commandLine) {
        return read(SettingsSource.read(config, environment, commandLine));
    }

    static Settings read(SettingsSource source) {
        Path dataDir = dataDir(source);
        String host = source.text(ROOT + "http.host").orElse("127.0.0.1");
        // Read and checked, so that a configuration for a later version is not refused; nothing listens there yet.
        source.text(ROOT + "grpc.host");
        source.port(ROOT + "grpc.port", 50_051);
        var settings = new Settings(
                dataDir,
                host,
                source.port(ROOT + "http.port", 8080),
                auth(source, host),
                source.duration(ROOT + "busy-timeout", Duration.ofSeconds(10), Duration.ofMinutes(10)),
                source.duration(ROOT + "stop-grace", Duration.ofSeconds(20), Duration.ofHours(1)),
                source.size(ROOT + "uploads.max-size", UploadLimits.USUAL_SIZE),
                databases(source, dataDir),
                WebhookSettings.read(source),
                history(source));
        refuseNotYet(source);
        source.refuseUnknown();
        return settings;
    }

    private static Path dataDir(SettingsSource source) {
        String key = ROOT + "data-dir";
        return path(key, source.text(key).orElse("holdfast-data"));
    }

    private static Path path(String key, String text) {
        try {
            return Path.of(text).toAbsolutePath().normalize();
        } catch (InvalidPathException e) {
            throw new WrongSetting(key, text, "a path");
        }
    }

    private static Auth auth(SettingsSource source, String host) {
        boolean enabled = source.flag(ROOT + "auth.enabled", false);
        if (!enabled && !LoopbackHost.is(host)) {
            throw new WrongSetting(
                    ROOT + "auth.enabled",
                    false,
                    "true, because " + ROOT + "http.host is " + host + ": off is for loopback only");
        }
        Optional<String> secret = source.text(ROOT + "auth.jwt-secret");
        if (secret.filter(it -> it.length() < SHORTEST_SECRET_BYTES).isPresent()) {
            throw new WrongSetting(
                    ROOT + "auth.jwt-secret", "(hidden)", "at least " + SHORTEST_SECRET_BYTES + " characters, or none");
        }
        Optional<URI> jwksUrl = source.text(ROOT + "auth.jwks-url").map(Settings::jwksUrl);
        Optional<String> audience = source.text(ROOT + "auth.jwks-audience");
        if (jwksUrl.isPresent() && audience.isEmpty()) {
            throw new WrongSetting(
                    ROOT + "auth.jwks-audience",
                    "not set",
                    "whom the provider's tokens are for: without it a token for any other program would do");
        }
        return new Auth(
                enabled,
                secret,
                jwksUrl,
                source.text(ROOT + "auth.jwks-issuer"),
                audience,
                source.duration(ROOT + "auth.token-lifetime", Duration.ofHours(1), Duration.ofDays(30)));
    }

    private static URI jwksUrl(String text) {
        try {
            var url = new URI(text);
            boolean secure = "https".equals(url.getScheme());
            boolean local = "http".equals(url.getScheme()) && url.getHost() != null && LoopbackHost.is(url.getHost());
            if (secure || local) {
                return url;
            }
        } catch (URISyntaxException e) {
            // told below, in the words of every other setting
        }
        throw new WrongSetting(ROOT + "auth.jwks-url", text, "an https address, or http on loopback");
    }

    private static List<DatabaseSettings> databases(SettingsSource source, Path dataDir) {
        String key = ROOT + "databases";
        Set<String> names = source.namesBelow(key, "file");
        if (names.isEmpty()) {
            return List.of(database(source, dataDir, DatabaseName.DEFAULT.value(), true));
        }
        var databases = new ArrayList<DatabaseSettings>();
        for (String name : names) {
            databases.add(database(source, dataDir, name, false));
        }
        refuseShared(databases, dataDir);
        return List.copyOf(databases);
    }

    private static DatabaseSettings database(SettingsSource source, Path dataDir, String name, boolean only) {
        String key = ROOT + "databases." + name;
        if (!DatabaseName.isValid(name)) {
            throw new WrongSetting(ROOT + "databases", name, "names of the form " + DatabaseName.PATTERN);
        }
        Optional<String> file = source.text(key + ".file");
        var database = new DatabaseSettings(
                new DatabaseName(name),
                file.map(it -> path(key + ".file", it)).orElse(dataDir.resolve("app.db")),
                profile(source, key + ".profile"),
                prefix(source, key + ".prefix"),
                source.text(key + ".backup-directory")
                        .map(it -> path(key + ".backup-directory", it))
                        .orElse(dataDir.resolve("backups").resolve(name)),
                plan(source, key + ".plan."),
                WebhookSettings.address(source, key + ".ping-url"),
                only);
        refuseWrongPlan(database, key + ".plan.");
        if (file.isEmpty() && !only) {
            source.refuseUnknownBelow(key + "."); // the misspelt key says more than the missing one
            throw new WrongSetting(key + ".file", "not set", "the path of a SQLite file");
        }
        return database;
    }

    /** A term's name with a {@code -} where the API has a {@code _}. */
    private static PlanTerms plan(SettingsSource source, String key) {
        var terms = new TreeMap<String, String>();
        for (String name : PlanReader.NAMES) {
            List<String> values = source.texts(key + name.replace('_', '-'));
            if (!values.isEmpty()) {
                terms.put(name, String.join(",", values));
            }
        }
        return new PlanTerms(terms);
    }

    private static void refuseWrongPlan(DatabaseSettings database, String key) {
        var reader = new PlanReader(FiveFieldLines.parser());
        if (reader.read(database.plan(), database.profile()) instanceof PlanReader.Reading.Wrong wrong) {
            var first = wrong.terms().entrySet().iterator().next();
            throw new WrongSetting(
                    key + first.getKey().replace('_', '-'), first.getValue().replace('_', '-'));
        }
    }

    private static Profile profile(SettingsSource source, String key) {
        String id = source.text(key).orElse(Profile.NATIVE.id());
        return switch (id) {
            case "native" -> Profile.NATIVE;
            case "jobops" -> Profile.JOBOPS;
            default -> throw new WrongSetting(key, id, "native or jobops");
        };
    }

    private static String prefix(SettingsSource source, String key) {
        String prefix = source.text(key).orElse("app");
        if (!prefix.matches("[A-Za-z0-9][A-Za-z0-9_-]{0,63}")) {
            throw new WrongSetting(key, prefix, "1 to 64 letters, digits, _ or -, the first one a letter or a digit");
        }
        return prefix;
    }

    /**
     * Data of two databases must never mix, and neither the server's own files nor another database may lie where
     * backups are listed, downloaded and deleted.
     */
    private static void refuseShared(List<DatabaseSettings> databases, Path dataDir) {
        Map<Path, String> files = new HashMap<>();
        Map<Path, String> directories = new HashMap<>();
        files.put(canonical(dataDir.resolve("holdfast.db")), "the server itself");
        directories.put(canonical(dataDir), "the server itself");
        for (DatabaseSettings database : databases) {
            String key = ROOT + "databases." + database.name();
            String owner = files.putIfAbsent(canonical(database.file()), "database " + database.name());
            if (owner != null) {
                throw new WrongSetting(
                        key + ".file", database.file(), "a file of its own; this one is used by " + owner);
            }
            String other =
                    directories.putIfAbsent(canonical(database.backupDirectory()), "database " + database.name());
            if (other != null) {
                throw new WrongSetting(
                        key + ".backup-directory",
                        database.backupDirectory(),
                        "a directory of its own; this one is used by " + other);
            }
        }
        for (DatabaseSettings database : databases) {
            for (DatabaseSettings other : databases) {
                Path folder = canonical(other.file()).getParent();
                if (!database.equals(other)
                        && canonical(database.backupDirectory()).equals(folder)) {
                    throw new WrongSetting(
                            ROOT + "databases." + database.name() + ".backup-directory",
                            database.backupDirectory(),
                            "a directory without another database; " + other.file() + " lies there");
                }
            }
        }
    }

    /** Symbolic links resolved as far as the path exists. */
    private static Path canonical(Path path) {
        try {
            return path.toRealPath();
        } catch (IOException e) {
            Path parent = path.getParent();
            return parent == null ? path : canonical(parent).resolve(path.getFileName());
        }
    }

    private static History history(SettingsSource source) {
        return new History(
                Duration.ofDays(source.number(ROOT + "history.keep-days", 90, 36_500)),
                source.number(ROOT + "history.keep-count", 10_000, 1_000_000));
    }

    private static void refuseNotYet(SettingsSource source) {
        for (String part : List.of("stores", "dialects")) {
            if (source.isSet(ROOT + part)) {
                throw new WrongSetting(ROOT + part, "is set", NOT_YET);
            }
        }
    }
}
