package dev.holdfast.bootstrap.settings;

import dev.holdfast.bootstrap.settings.Settings.DatabaseSettings;
import dev.holdfast.domain.identity.DatabaseName;
import dev.holdfast.http.dialect.Dialect;
import dev.holdfast.http.dialect.Dialects;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Which other systems' APIs are served, and about which database each. */
final class DialectSettings {
    private static final String KEY = Settings.ROOT + "dialects.";
    private static final String NONE = "none";

    private DialectSettings() {}

    static Dialects read(SettingsSource source, List<DatabaseSettings> databases) {
        var served = new EnumMap<Dialect, DatabaseName>(Dialect.class);
        for (Dialect dialect : Dialect.values()) {
            String key = KEY + dialect.id() + ".database";
            source.text(key).ifPresent(it -> served.put(dialect, database(key, it, dialect, databases)));
        }
        return new Dialects(root(source, served), served, source.flag(KEY + "jobops.demo", false));
    }

    private static DatabaseName database(String key, String name, Dialect dialect, List<DatabaseSettings> databases) {
        List<String> fitting = databases.stream()
                .filter(it -> it.profile() == dialect.profile())
                .map(it -> it.name().value())
                .toList();
        if (!fitting.contains(name)) {
            throw new InvalidSettingException(
                    key,
                    name,
                    "a database of profile " + dialect.profile().id()
                            + (fitting.isEmpty() ? "; there is none" : ": " + String.join(", ", fitting)));
        }
        return new DatabaseName(name);
    }

    private static Optional<Dialect> root(SettingsSource source, Map<Dialect, DatabaseName> served) {
        String key = KEY + "root";
        Optional<String> text = source.text(key).filter(it -> !it.equals(NONE));
        Optional<Dialect> root = text.map(it -> Stream.of(Dialect.values())
                .filter(dialect -> dialect.id().equals(it))
                .findAny()
                .orElseThrow(() -> new InvalidSettingException(
                        key,
                        it,
                        Stream.concat(
                                        Stream.of(NONE),
                                        Stream.of(Dialect.values()).map(Dialect::id))
                                .collect(Collectors.joining(", ")))));
        root.filter(it -> !served.containsKey(it)).ifPresent(it -> {
            throw new InvalidSettingException(
                    key, it.id(), "a dialect whose database is set: " + KEY + it.id() + ".database");
        });
        return root;
    }
}
