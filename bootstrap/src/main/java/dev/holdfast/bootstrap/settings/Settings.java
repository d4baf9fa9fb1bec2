package dev.holdfast.bootstrap.settings;

import dev.holdfast.application.audit.AuditBounds;
import dev.holdfast.application.plan.PlanProperties;
import dev.holdfast.domain.backup.Compression;
import dev.holdfast.domain.backup.Layout;
import dev.holdfast.domain.database.Source;
import dev.holdfast.domain.identity.DatabaseName;
import dev.holdfast.domain.profile.Profile;
import dev.holdfast.grpc.server.GrpcSettings;
import dev.holdfast.http.access.LoopbackHost;
import dev.holdfast.http.dialect.Dialects;
import dev.holdfast.http.upload.UploadLimits;
import dev.holdfast.notify.webhook.Webhook;
import dev.holdfast.sqlite.file.KnownFiles.Accepted;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * All settings of a server, each of them allowed. Paths are absolute.
 *
 * @param file that they were read from, if there is one
 * @param busyTimeout how long a lock of another program on a source or target is waited for
 * @param stopGrace how long a stopping server lets operations finish
 * @param maxUpload of an uploaded file, in bytes
 * @param allowedFolders below which a client of an API may name a folder
 */
public record Settings(
        Optional<Path> file,
        Path dataDir,
        String httpHost,
        int httpPort,
        GrpcSettings grpc,
        Auth auth,
        Duration busyTimeout,
        Duration stopGrace,
        long maxUpload,
        List<DatabaseSettings> databases,
        List<Webhook> webhooks,
        Dialects dialects,
        History history,
        List<Path> allowedFolders,
        AuditBounds audit) {

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
     * @param afterRestore a program and its arguments, run after each restore, for at most {@code afterRestoreTimeout};
     *     empty for none
     * @param sampleIfMissing whether a small database is made where there is no file
     * @param sharedLocks whether all programs use the database through the server's own mount
     */
    public record DatabaseSettings(
            DatabaseName name,
            Source source,
            Profile profile,
            String prefix,
            Layout layout,
            Compression compression,
            Path backupDirectory,
            PlanProperties plan,
            Optional<URI> pingUrl,
            List<String> afterRestore,
            Duration afterRestoreTimeout,
            boolean sampleIfMissing,
            boolean sharedLocks) {
        /** The main one. */
        public Path file() {
            return source.main();
        }

        /** Hides the address, by which anybody could report a success. */
        @Override
        public String toString() {
            return "DatabaseSettings[name=" + name + ", file=" + file() + "]";
        }
    }

    /** The ping addresses of those databases that have one. */
    public Map<DatabaseName, URI> pings() {
        var pings = new HashMap<DatabaseName, URI>();
        databases.forEach(database -> database.pingUrl().ifPresent(it -> pings.put(database.name(), it)));
        return pings;
    }

    /** The plans that are in force until somebody changes them. */
    public Map<DatabaseName, PlanProperties> plans() {
        return databases.stream().collect(Collectors.toMap(DatabaseSettings::name, DatabaseSettings::plan));
    }

    static final String ROOT = "holdfast.";
    private static final String NOT_YET = "nothing: this version does not serve it";
    private static final int SHORTEST_SECRET_BYTES = 32;

    /** Every key, those of a database and of a webhook with the name {@code default}. */
    private static final Set<String> KEYS = keys();

    /** Only the data directory, for commands that need no more. */
    public static Path dataDir(
            Optional<Path> config, Map<String, String> environment, Map<String, String> commandLine) {
        SettingsSource source = SettingsSource.read(config, environment, commandLine);
        source.refuseUnknownVariables(KEYS);
        return dataDir(source);
    }

    /**
     * @param commandLine by key, for example {@code holdfast.http.port}
     * @throws InvalidSettingException for all variables that are unknown, else for the first setting that is not allowed
     */
    public static Settings read(
            Optional<Path> config, Map<String, String> environment, Map<String, String> commandLine) {
        SettingsSource source = SettingsSource.read(config, environment, commandLine);
        source.refuseUnknownVariables(KEYS);
        return read(source);
    }

    /**
     * Looks whether paths lead to one place. {@link #read} compares them as they are written.
     *
     * @param accepted where paths led when that was accepted: a link that came later affects its own database alone
     * @throws InvalidSettingException for the first path that leads to what belongs to the server or to another database
     */
    public void requireApart(Accepted accepted) {
        DatabaseIsolationCheck.require(databases, dataDir, accepted);
    }

    static Settings read(SettingsSource source) {
        Path dataDir = dataDir(source);
        String host = source.text(ROOT + "http.host").orElse("127.0.0.1");
        List<DatabaseSettings> databases = new DatabasesReader(source, dataDir).read();
        var settings = new Settings(
                source.file(),
                dataDir,
                host,
                source.port(ROOT + "http.port", 8080),
                GrpcReader.read(source),
                auth(source, host),
                source.duration(ROOT + "busy-timeout", Duration.ofSeconds(10), Duration.ofMinutes(10)),
                source.duration(ROOT + "stop-grace", Duration.ofSeconds(20), Duration.ofHours(1)),
                source.size(ROOT + "uploads.max-size", UploadLimits.USUAL_SIZE),
                databases,
                WebhookSettings.read(source),
                DialectSettings.read(source, databases),
                history(source),
                source.texts(ROOT + "allowed-folders").stream()
                        .map(it -> path(ROOT + "allowed-folders", it))
                        .toList(),
                audit(source));
        refuseNotYet(source);
        source.refuseUnknown();
        return settings;
    }

    /** Reading asks for every key, whatever is set. */
    private static Set<String> keys() {
        SettingsSource nothing = SettingsSource.read(
                Optional.empty(), Map.of("HOLDFAST_WEBHOOKS_DEFAULT_URL", "https://localhost/"), Map.of());
        read(nothing);
        return nothing.asked();
    }

    private static Path dataDir(SettingsSource source) {
        String key = ROOT + "data-dir";
        return path(key, source.text(key).orElse("holdfast-data"));
    }

    static Path path(String key, String text) {
        try {
            return Path.of(text).toAbsolutePath().normalize();
        } catch (InvalidPathException e) {
            throw new InvalidSettingException(key, text, "a path");
        }
    }

    private static Auth auth(SettingsSource source, String host) {
        boolean enabled = source.flag(ROOT + "auth.enabled", false);
        if (!enabled && !LoopbackHost.is(host)) {
            throw new InvalidSettingException(
                    ROOT + "auth.enabled",
                    false,
                    "true, because " + ROOT + "http.host is " + host + ": off is for loopback only");
        }
        Optional<String> secret = source.text(ROOT + "auth.jwt-secret");
        if (secret.filter(it -> it.length() < SHORTEST_SECRET_BYTES).isPresent()) {
            throw new InvalidSettingException(
                    ROOT + "auth.jwt-secret", "(hidden)", "at least " + SHORTEST_SECRET_BYTES + " characters, or none");
        }
        Optional<URI> jwksUrl = source.text(ROOT + "auth.jwks-url").map(Settings::jwksUrl);
        Optional<String> audience = source.text(ROOT + "auth.jwks-audience");
        if (jwksUrl.isPresent() && audience.isEmpty()) {
            throw new InvalidSettingException(
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
        throw new InvalidSettingException(ROOT + "auth.jwks-url", text, "an https address, or http on loopback");
    }

    private static History history(SettingsSource source) {
        return new History(
                Duration.ofDays(source.number(ROOT + "history.keep-days", 90, 36_500)),
                source.number(ROOT + "history.keep-count", 10_000, 1_000_000));
    }

    private static AuditBounds audit(SettingsSource source) {
        return new AuditBounds(
                Duration.ofDays(source.number(ROOT + "audit.keep-days", 365, 36_500)),
                source.number(ROOT + "audit.keep-count", 100_000, 1_000_000));
    }

    private static void refuseNotYet(SettingsSource source) {
        if (source.isSet(ROOT + "stores")) {
            throw new InvalidSettingException(ROOT + "stores", "is set", NOT_YET);
        }
    }
}
