package dev.holdfast.bootstrap.command;

import dev.holdfast.bootstrap.settings.Settings;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options that every command takes. */
final class SharedOptions {
    /** Who makes a change by a command, for the audit: the server does not know who typed it. */
    static final String WHO = "command line";

    @Option(names = "--config", paramLabel = "FILE", description = "Settings in YAML; docs/settings.md lists the keys.")
    @Nullable
    Path config;

    @Option(
            names = "--data-dir",
            paramLabel = "DIR",
            description = "Where the server keeps its own files; ./holdfast-data if nothing else is set.")
    @Nullable
    String dataDir;

    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            description = "Shows this help and ends.")
    boolean help;

    Optional<Path> config() {
        return Optional.ofNullable(config);
    }

    /** Settings that the command line gives, by key. */
    Map<String, String> settings() {
        var settings = new LinkedHashMap<String, String>();
        put(settings, "holdfast.data-dir", dataDir);
        return settings;
    }

    static void put(Map<String, String> settings, String key, @Nullable Object value) {
        if (value != null) {
            settings.put(key, value.toString());
        }
    }

    Path resolvedDataDir() {
        return Settings.dataDir(config(), System.getenv(), settings());
    }
}
