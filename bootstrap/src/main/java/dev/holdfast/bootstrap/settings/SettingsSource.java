package dev.holdfast.bootstrap.settings;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.format.DateTimeParseException;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;
import org.yaml.snakeyaml.error.MarkedYAMLException;
import org.yaml.snakeyaml.error.YAMLException;

/**
 * Settings by key, wherever they come from: the command line goes before the environment, that before the file. Knows
 * which keys of the file nobody asked for.
 */
final class SettingsSource {
    private static final Pattern SHORT_DURATION = Pattern.compile("(\\d{1,9})(ms|s|m|h)");

    /** Short enough for a long in either form. */
    private static final Pattern SIZE = Pattern.compile("(\\d{1,6}(?= ?[KMGT]iB)|\\d{1,18}(?!.)) ?(|[KMGT]iB)");

    private static final List<String> UNITS = List.of("", "KiB", "MiB", "GiB", "TiB");

    private static final Pattern SECRET = Pattern.compile(".*-secret|.*ping-url|holdfast\\.webhooks(\\..*)?");

    private static final Pattern NOT_IN_VARIABLES = Pattern.compile("[^A-Z0-9]");

    private final Map<String, Object> file = new TreeMap<>();
    private final Optional<Path> path;
    private final Map<String, String> environment;
    private final Map<String, String> commandLine;
    private final Set<String> asked = new TreeSet<>();

    private SettingsSource(Optional<Path> path, Map<String, String> environment, Map<String, String> commandLine) {
        this.path = path;
        this.environment = new TreeMap<>(environment);
        this.environment.keySet().removeAll(ServiceLinks.in(environment));
        this.commandLine = commandLine;
    }

    static SettingsSource read(
            Optional<Path> config, Map<String, String> environment, Map<String, String> commandLine) {
        var source = new SettingsSource(config.map(it -> it.toAbsolutePath().normalize()), environment, commandLine);
        config.ifPresent(source::readFile);
        return source;
    }

    /** The file that was read, if there is one. */
    Optional<Path> file() {
        return path;
    }

    private void readFile(Path config) {
        var options = new LoaderOptions();
        options.setAllowDuplicateKeys(false);
        try (InputStream in = Files.newInputStream(config)) {
            Object tree = new Yaml(new SafeConstructor(options)).load(in);
            if (tree != null) {
                flatten("", tree);
            }
        } catch (IOException e) {
            throw new InvalidSettingException("--config", config, "a file that can be read");
        } catch (MarkedYAMLException e) {
            int line = e.getProblemMark() == null ? 0 : e.getProblemMark().getLine() + 1;
            throw new InvalidSettingException("--config", config, "YAML; line " + line + ": " + e.getProblem());
        } catch (YAMLException e) {
            throw new InvalidSettingException("--config", config, "YAML; " + e.getMessage());
        }
    }

    private void flatten(String key, Object node) {
        if (node instanceof Map<?, ?> map) {
            if (!key.isEmpty()) {
                file.put(key, Map.of());
            }
            map.forEach((name, value) -> flatten(key.isEmpty() ? name.toString() : key + "." + name, orEmpty(value)));
        } else if (key.isEmpty()) {
            throw new InvalidSettingException("--config", node, "keys below \"holdfast:\"");
        } else {
            file.put(key, node);
        }
    }

    private static Object orEmpty(Object value) {
        return value == null ? "" : value;
    }

    /** Empty where the key is not set, or set to nothing. */
    Optional<String> text(String key) {
        asked.add(key);
        Object value = value(key);
        if (value instanceof Map || value instanceof List) {
            throw new InvalidSettingException(key, shown(key, value), "one value");
        }
        return Optional.ofNullable(value).map(Object::toString).filter(it -> !it.isEmpty());
    }

    /** Something misplaced may still be a secret. */
    private static Object shown(String key, Object value) {
        return SECRET.matcher(key).matches() ? "(hidden)" : value;
    }

    private @Nullable Object value(String key) {
        String name = environmentName(key);
        return commandLine.containsKey(key)
                ? commandLine.get(key)
                : environment.containsKey(name) ? environment.get(name) : file.get(key);
    }

    /** {@code holdfast.http.port} is {@code HOLDFAST_HTTP_PORT}. */
    static String environmentName(String key) {
        return NOT_IN_VARIABLES.matcher(key.toUpperCase(Locale.ROOT)).replaceAll("_");
    }

    int port(String key, int otherwise) {
        return text(key)
                .map(it -> {
                    if (!it.matches("\\d{1,5}") || Integer.parseInt(it) > 65_535) {
                        throw new InvalidSettingException(key, it, "a port, 0 to 65535, 0 takes a free one");
                    }
                    return Integer.parseInt(it);
                })
                .orElse(otherwise);
    }

    /** A whole number from 1 to {@code largest}. */
    int number(String key, int otherwise, int largest) {
        return text(key)
                .map(it -> {
                    if (!it.matches("\\d{1,9}") || Integer.parseInt(it) < 1 || Integer.parseInt(it) > largest) {
                        throw new InvalidSettingException(key, it, "a whole number, 1 to " + largest);
                    }
                    return Integer.parseInt(it);
                })
                .orElse(otherwise);
    }

    boolean flag(String key, boolean otherwise) {
        return text(key)
                .map(it -> switch (it) {
                    case "true" -> true;
                    case "false" -> false;
                    default -> throw new InvalidSettingException(key, it, "true or false");
                })
                .orElse(otherwise);
    }

    Duration duration(String key, Duration otherwise, Duration longest) {
        return text(key)
                .map(it -> parse(it)
                        .filter(duration -> duration.isPositive() && duration.compareTo(longest) <= 0)
                        .orElseThrow(() -> new InvalidSettingException(
                                key, it, "a time such as 500ms, 10s or 2m, at most " + longest)))
                .orElse(otherwise);
    }

    private static Optional<Duration> parse(String text) {
        Matcher matcher = SHORT_DURATION.matcher(text);
        if (matcher.matches()) {
            long amount = Long.parseLong(matcher.group(1));
            return Optional.of(
                    switch (matcher.group(2)) {
                        case "ms" -> Duration.ofMillis(amount);
                        case "s" -> Duration.ofSeconds(amount);
                        case "m" -> Duration.ofMinutes(amount);
                        default -> Duration.ofHours(amount);
                    });
        }
        try {
            return Optional.of(Duration.parse(text));
        } catch (DateTimeParseException e) {
            return Optional.empty();
        }
    }

    /** In bytes: a number, or one with {@code KiB}, {@code MiB}, {@code GiB} or {@code TiB}. */
    long size(String key, long otherwise) {
        return text(key)
                .map(it -> {
                    Matcher matcher = SIZE.matcher(it);
                    if (!matcher.matches() || Long.parseLong(matcher.group(1)) == 0) {
                        throw new InvalidSettingException(
                                key, it, "a size such as 500MiB or 10GiB, or a number of bytes");
                    }
                    return Long.parseLong(matcher.group(1)) << (10 * UNITS.indexOf(matcher.group(2)));
                })
                .orElse(otherwise);
    }

    /** A list of texts, or one text that lists them with commas in between. */
    List<String> texts(String key) {
        asked.add(key);
        return switch (value(key)) {
            case null -> List.of();
            case List<?> list -> list.stream().map(String::valueOf).toList();
            case Object one ->
                one.toString().isBlank()
                        ? List.of()
                        : List.of(one.toString().strip().split("\\s*,\\s*", -1));
        };
    }

    /**
     * The names directly below {@code key}, in the file's order of keys, then those that only the environment has.
     *
     * @param leaf a key below each name that the environment tells a new name by
     */
    Set<String> namesBelow(String key, String leaf) {
        asked.add(key);
        requireMapping(key);
        var names = new LinkedHashMap<String, String>();
        String start = key + ".";
        for (String known : file.keySet()) {
            if (known.startsWith(start)) {
                String name = known.substring(start.length()).split("\\.", 2)[0];
                names.putIfAbsent(environmentName(name), name);
                asked.add(start + name);
                requireMapping(start + name);
            }
        }
        String before = environmentName(start);
        String after = "_" + environmentName(leaf);
        environment.keySet().stream()
                .filter(it ->
                        it.startsWith(before) && it.endsWith(after) && it.length() > before.length() + after.length())
                .map(it -> it.substring(before.length(), it.length() - after.length()))
                .sorted()
                .forEach(it -> names.putIfAbsent(it, it.toLowerCase(Locale.ROOT)));
        return new LinkedHashSet<>(names.values());
    }

    /** The names directly below {@code key} in the file, in its order of keys. */
    Set<String> namesInFile(String key) {
        String start = key + ".";
        return file.keySet().stream()
                .filter(it -> it.startsWith(start))
                .map(it -> it.substring(start.length()).split("\\.", 2)[0])
                .collect(Collectors.toCollection(LinkedHashSet::new));
    }

    /** @throws InvalidSettingException if there are variables that look like settings and are none of {@code keys} */
    void refuseUnknownVariables(Set<String> keys) {
        new UnknownVariables(this, environment, keys).refuse();
    }

    /** Returns whether neither the file nor the environment sets anything. */
    boolean isEmpty() {
        return file.values().stream().allMatch(it -> it instanceof Map || it.equals(""))
                && environment.entrySet().stream()
                        .noneMatch(it -> UnknownVariables.isSetting(it.getKey(), it.getValue()));
    }

    private void requireMapping(String key) {
        Object value = file.get(key);
        if (value != null && !(value instanceof Map) && !value.toString().isEmpty()) {
            throw new InvalidSettingException(key, shown(key, value), "keys below it, as docs/settings.md lists them");
        }
    }

    /** Every key that was asked for so far. */
    Set<String> asked() {
        return Collections.unmodifiableSet(asked);
    }

    boolean isSet(String key) {
        return file.keySet().stream().anyMatch(it -> it.equals(key) || it.startsWith(key + "."));
    }

    /** To be called when all has been asked for. */
    void refuseUnknown() {
        refuseUnknownBelow("");
    }

    /** To be called when all that there is below {@code start} has been asked for. */
    void refuseUnknownBelow(String start) {
        for (Map.Entry<String, Object> entry : file.entrySet()) {
            String key = entry.getKey();
            boolean leadsOn =
                    entry.getValue() instanceof Map && asked.stream().anyMatch(it -> it.startsWith(key + "."));
            if (key.startsWith(start) && !asked.contains(key) && !leadsOn) {
                throw new InvalidSettingException(key, "unknown key", "one of the keys in docs/settings.md");
            }
        }
    }
}
